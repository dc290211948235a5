"""The confusion matrix as a picture."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from settings import ROOT
from training.confusion import svg


def test_every_label_and_every_number_is_drawn_and_the_same_gives_the_same():
    drawn = svg(["ask_cost", "greet", "lainnya"], [[41, 7, 0], [0, 12, 0], [3, 0, 0]], "Model 0123456789ab")
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    words = re.findall(r"<!-- (.+?) -->", drawn.decode())  # the library notes what it draws as outlines
    expected = ["ask_cost", "greet", "lainnya"] * 2 + ["41", "7", "12", "3"]
    expected += ["Model 0123456789ab", "Yang benar", "Yang dipahami model"]
    assert sorted(words) == sorted(expected), "an empty cell has no number"
    assert svg(["ask_cost", "greet", "lainnya"], [[41, 7, 0], [0, 12, 0], [3, 0, 0]], "Model 0123456789ab") == drawn


def test_counts_that_do_not_fit_the_labels():
    with pytest.raises(ValueError, match="2 labels"):
        svg(["a", "b"], [[1]], "Model")


def test_it_is_drawn_beside_a_model_that_was_loaded_without_tensorflow():
    code = (
        "import engine\nengine.without_tensorflow()\nimport tensorflow\n"
        "from training.confusion import svg\nprint(len(svg(['a', 'b'], [[1, 2], [3, 4]], 'Model')))"
    )
    drawn = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert drawn.returncode == 0, drawn.stderr[-2000:]
    assert int(drawn.stdout) > 1000

"""A model fits while nothing changes that it was made from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from settings import ROOT
from training import fingerprint as module
from training.fingerprint import SOURCES, fingerprint


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what models are made from."""
    for source in SOURCES:
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / source, tmp_path / source)
    return tmp_path


def test_it_depends_on_the_contents_alone(tree, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(tree, elsewhere)
    assert fingerprint(tree) == fingerprint(elsewhere) == fingerprint(tree)
    (tree / "nlu" / "__pycache__").mkdir(exist_ok=True)
    (tree / "nlu" / "__pycache__" / "text.cpython-311.pyc").write_bytes(b"other")
    (tree / "data" / "nlu" / ".general.yml.swp").write_bytes(b"an editor's")
    assert fingerprint(tree) == fingerprint(elsewhere)


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_counts(tree, source):
    before = fingerprint(tree)
    path = tree / source
    file = path if path.is_file() else min(file for file in path.rglob("*") if file.suffix in (".yml", ".py"))
    file.write_bytes(file.read_bytes() + b"\n# one line more\n")
    assert fingerprint(tree) != before


def test_new_lost_and_renamed_files_count(tree):
    before = fingerprint(tree)
    file = tree / "data" / "nlu" / "general.yml"
    file.rename(file.with_name("umum.yml"))
    renamed = fingerprint(tree)
    file.with_name("umum.yml").unlink()
    assert len({before, renamed, fingerprint(tree)}) == 3


def test_a_library_whose_objects_lie_in_a_model_counts(tree, monkeypatch):
    before = fingerprint(tree)
    monkeypatch.setattr(module, "version", lambda library: "0.0" if library == "scikit-learn" else "1.0")
    assert fingerprint(tree) != before

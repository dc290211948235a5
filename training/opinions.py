"""What a model says of texts, asked in a process of its own that ends with the answer: the worker never loads Rasa.

`python -m training.opinions MODEL` reads a JSON list of texts and prints what `training.evaluate` parses of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import children
from errors import ModelError
from settings import ROOT

LONGEST = 600.0
"""Seconds: ten thousand texts take half a minute."""
_NICE = 10


def opinions(model: Path, texts: list[str], data_dir: Path) -> list[dict[str, Any]]:
    """One dictionary a text, as `training.evaluate.RasaParser.parse` gives. Raises ModelError."""
    command = [sys.executable, "-m", "training.opinions", str(model)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=LONGEST,
            cwd=ROOT,
            env=children.environment(data_dir),
            preexec_fn=children.ending_with_us(),
        )
        if done.returncode == 0:
            found: list[dict[str, Any]] = json.loads(done.stdout)
            return found
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise ModelError(f"{model.name} could not be asked: {type(error).__name__}") from error
    end = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    raise ModelError(f"{model.name} could not be asked: {end[:200]}")


def main() -> None:
    from training.evaluate import load_parser

    os.nice(_NICE)
    answer = sys.stdout
    sys.stdout = sys.stderr  # whatever Rasa prints
    texts = json.loads(sys.stdin.read())
    parsed = load_parser(Path(sys.argv[1])).parse(texts)
    json.dump(parsed, answer)


if __name__ == "__main__":
    main()

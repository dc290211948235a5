"""Which model answers citizens: chosen at the first start, and then by people in the console.

`models/active.json` in the data folder names it; the link `models/active.tar.gz` is what the engine loads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from errors import ModelError
from settings import ROOT
from training.fingerprint import fingerprint


@dataclass(frozen=True)
class Active:
    """The model that answers, by its name."""

    model: str
    data: str
    """Fingerprint of the data up to which that choice stands: other data, written by hand, are trained at a start."""


def _file(data_dir: Path) -> Path:
    return data_dir / "models" / "active.json"


def read(data_dir: Path) -> Active | None:
    """The choice; None where none was made. Raises ModelError where the file is not what `write` wrote."""
    try:
        return Active(**json.loads(_file(data_dir).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{_file(data_dir)} cannot be read; delete it, and the next start chooses anew") from error


def write(data_dir: Path, active: Active) -> None:
    """Replaces the choice, whole or not at all."""
    file = _file(data_dir)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(asdict(active)) + "\n", encoding="utf-8")
    os.replace(new, file)


@contextmanager
def own_change(data_dir: Path, root: Path = ROOT) -> Iterator[None]:
    """Around whatever the console writes into the project's data: the next start does not train because of it.

    What the console writes waits for a training that somebody starts and promotes. Edits by hand before it still count.
    """
    before = fingerprint(root)
    yield
    active = read(data_dir)
    if active is not None and active.data == before:
        write(data_dir, replace(active, data=fingerprint(root)))

"""Which model answers citizens: chosen at the first start, and then by people in the console.

`models/active.json` in the data folder names it; the link `models/active.tar.gz` is what the engine loads when it
starts. The link follows only when the engine has been seen to answer with the model: until then an engine that is
killed comes back with the one before.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from errors import ModelError
from settings import ROOT
from training.files import write_json
from training.fingerprint import fingerprint

KEPT = 10
"""Choices that are remembered; the model of each can be taken up again."""
LINK = "active.tar.gz"
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True)
class Choice:
    """Somebody, or Sapa by itself, chose a model."""

    model: str
    at: dt.datetime
    by: str
    kind: str
    """first, promoted, restored or rolled_back."""
    reason: str


@dataclass(frozen=True)
class Active:
    """The model that answers, by its name."""

    model: str
    data: str
    """Fingerprint of the data up to which that choice stands: other data, written by hand, are trained at a start."""
    settled: bool = True
    """The engine has been seen to answer rightly with it."""
    history: tuple[Choice, ...] = ()
    """The newest choice first; the first one is that of `model`."""


def model_file(data_dir: Path, model: str) -> Path:
    """Where a model lies. Raises ModelError where the name is none."""
    if not _NAME.fullmatch(model) or f"{model}.tar.gz" == LINK:  # a link to itself would leave no model
        raise ModelError(f"{model!r} is no name of a model")
    return data_dir / "models" / f"{model}.tar.gz"


def present(data_dir: Path) -> list[Path]:
    """The files of all models, the newest first."""
    files = [file for file in (data_dir / "models").glob("*.tar.gz") if not file.is_symlink()]
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)


def name_of(file: Path) -> str:
    return file.name.removesuffix(".tar.gz")


def read(data_dir: Path) -> Active | None:
    """The choice; None where none was made. Raises ModelError where the file is not what `write` wrote."""
    file = _file(data_dir)
    try:
        return _active(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ModelError) as error:
        raise ModelError(f"{file} cannot be read; the next start chooses anew") from error


def _file(data_dir: Path) -> Path:
    return data_dir / "models" / "active.json"


def _active(kept: dict[str, Any]) -> Active:
    history = tuple(Choice(**{**c, "at": dt.datetime.fromisoformat(c["at"])}) for c in kept.get("history", ()))
    active = Active(**{**kept, "history": history})
    for model in (active.model, active.data, *(choice.model for choice in history)):
        model_file(Path(), model)
    return active


def write(data_dir: Path, active: Active) -> None:
    """Replaces the choice, whole or not at all. Raises ModelError."""
    kept = asdict(active)
    for choice in kept["history"]:
        choice["at"] = choice["at"].isoformat()
    file = _file(data_dir)
    with _written(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, kept)


def linked(data_dir: Path) -> str | None:
    """The model that an engine loads when it starts; None where there is none."""
    path = data_dir / "models" / LINK
    return name_of(Path(os.readlink(path))) if path.is_symlink() and path.exists() else None


def link(data_dir: Path, model: str) -> None:
    """From the next start on the engine loads this model. Raises ModelError."""
    path = data_dir / "models" / LINK
    new = path.with_name("active.new.link")
    with _written(path):
        new.unlink(missing_ok=True)
        new.symlink_to(model_file(data_dir, model).name)
        os.replace(new, path)


@contextmanager
def _written(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(f"{file} cannot be written: {error.strerror}; see SAPA_DATA_DIR") from error


@contextmanager
def _alone(data_dir: Path, name: str = "active.lock") -> Iterator[None]:
    """Between reading the choice and writing it nobody else, in whatever process, writes it."""
    lock = _file(data_dir).with_name(name)
    with _written(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = lock.open("w")
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def choose(data_dir: Path, model: str, by: str, kind: str, reason: str, root: Path = ROOT) -> Active:
    """Writes down that a model is to answer from now on; `confirm` follows when it does.

    The choice stands for the data of now where they are those of the model; else for those that it stood for before.
    Raises ModelError.
    """
    with _alone(data_dir):
        before = read(data_dir)
        data = before.data if before and model != fingerprint(root) else model
        active = Active(model, data, False, _history(before, model, by, kind, reason))
        write(data_dir, active)
    return active


def choose_first(data_dir: Path, model: str, reason: str) -> Active:
    """At a start, before the engine runs: the model of the present data answers. Raises ModelError."""
    with _alone(data_dir):
        before = None
        with suppress(ModelError):  # what cannot be read is replaced
            before = read(data_dir)
        link(data_dir, model)
        active = Active(model, model, True, _history(before, model, "sapa", "first", reason))
        write(data_dir, active)
    return active


def _history(before: Active | None, model: str, by: str, kind: str, reason: str) -> tuple[Choice, ...]:
    choice = Choice(model, dt.datetime.now(dt.UTC).replace(microsecond=0), by, kind, reason)
    return (choice, *(before.history if before else ()))[:KEPT]


def confirm(data_dir: Path, model: str) -> None:
    """The engine answers rightly with the chosen model: from now on it starts with it. Raises ModelError."""
    with _alone(data_dir):
        active = read(data_dir)
        if active is not None and active.model == model:
            link(data_dir, model)
            write(data_dir, replace(active, settled=True))


@contextmanager
def own_change(data_dir: Path, root: Path = ROOT) -> Iterator[None]:
    """Around whatever the console writes into the project's data: the next start does not train because of it.

    What the console writes waits for a training that somebody starts and promotes. Edits by hand before it still count.
    """
    with _alone(data_dir, "own-change.lock"):  # else the second of two takes the first one's change for a hand's
        before = fingerprint(root)
        yield
        with _alone(data_dir), suppress(ModelError):  # one that cannot be read is chosen anew at the next start anyway
            active = read(data_dir)
            if active is not None and active.data == before:
                write(data_dir, replace(active, data=fingerprint(root)))

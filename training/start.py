"""Which model a start takes: the chosen one as long as nobody has changed the data by hand, else a trained one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from errors import ModelError
from settings import ROOT
from training import active
from training.active import Active
from training.fingerprint import fingerprint
from training.train import is_whole, train


def in_use(data_dir: Path, say: Callable[[str], None], root: Path = ROOT) -> Path:
    """The file of the model that a start would take; trained if need be. Raises ModelError."""
    chosen, _ = _standing(data_dir, say, root)
    return active.model_file(data_dir, chosen.model) if chosen else train(data_dir, say, root=root)


def at_start(data_dir: Path, say: Callable[[str], None], root: Path = ROOT) -> Path:
    """The link over which the engine is to load its model; for whom the data folder belongs to alone.

    Raises ModelError.
    """
    chosen, reason = _standing(data_dir, say, root)
    if chosen is None:
        chosen = active.choose_first(data_dir, active.name_of(train(data_dir, say, root=root)), reason)
    good = active.linked(data_dir)
    if good is None or (chosen.settled and good != chosen.model) or not is_whole(active.model_file(data_dir, good)):
        active.link(data_dir, chosen.model)
    return data_dir / "models" / active.LINK


def _standing(data_dir: Path, say: Callable[[str], None], root: Path) -> tuple[Active | None, str]:
    """The choice, where it stands for the present data and its model is whole; else why it does not."""
    try:
        chosen = active.read(data_dir)
    except ModelError as error:
        say(str(error))
        return None, "catatan model yang dipakai rusak"
    if chosen is None:
        return None, "pertama kali dijalankan"
    if chosen.data != fingerprint(root):
        return None, "data diubah di luar konsol"
    if not is_whole(active.model_file(data_dir, chosen.model)):
        say(f"model {chosen.model} is damaged")
        return None, f"model {chosen.model} rusak"
    say(f"model {chosen.model} is active and fits the current data")
    return chosen, ""

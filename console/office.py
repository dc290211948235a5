"""What the console's areas are given: the settings and the catalogue of the moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from office.catalogue import FOLDER, Catalogue
from settings import Settings


@dataclass(frozen=True)
class Office:
    """The office whose console it is; `catalogue` gives None while no catalogue can be read."""

    settings: Settings
    catalogue: Callable[[], Catalogue | None]
    catalogue_folder: Path = FOLDER
    """The files that the catalogue is read from and that the editor writes."""

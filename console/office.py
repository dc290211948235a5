"""What the console's areas are given: the settings and the catalogue of the moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from office.catalogue import Catalogue
from settings import Settings


@dataclass(frozen=True)
class Office:
    """The office whose console it is; `catalogue` gives None while no catalogue can be read."""

    settings: Settings
    catalogue: Callable[[], Catalogue | None]

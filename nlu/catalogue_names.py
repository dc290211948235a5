"""Names and aliases of services, groups and agencies, read from the catalogue's files as they lie on disk now."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "data" / "catalogue"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
logger = logging.getLogger(__name__)


@dataclass
class CatalogueNames:
    """Aliases (Indonesian and Javanese together, the names included) by id."""

    services: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    agencies: dict[str, list[str]] = field(default_factory=dict)
    group_of: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path = FOLDER) -> CatalogueNames:
        """Read every file; a broken one is skipped with a warning, so that editing cannot stop the engine."""
        names = cls()
        for path in sorted(folder.glob("*.yml")):
            try:
                data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
                names._add(data)
            except (yaml.YAMLError, AttributeError, TypeError) as error:
                logger.warning("%s is skipped by the service linker: %s", path, error)
        return names

    def _add(self, data: dict[str, Any]) -> None:
        profile = data.get("profile")
        if profile:
            known = _aliases(profile)
            self.agencies.setdefault(data["agency"], []).extend([*known, profile.get("short") or ""])
        for kind, target in (("services", self.services), ("groups", self.groups)):
            for key, entry in (data.get(kind) or {}).items():
                target.setdefault(key, []).extend(_aliases(entry))
                if kind == "services" and entry.get("group"):
                    self.group_of[key] = entry["group"]


def _aliases(entry: dict[str, Any]) -> list[str]:
    name = entry.get("name")
    spoken = list(name.values()) if isinstance(name, dict) else [name] if name else []
    by_language = entry.get("aliases") or {}
    return [str(a) for a in (*spoken, *(by_language.get("id") or []), *(by_language.get("jv") or []))]


class CatalogueNamesStore:
    """Names of a folder, read again when a file has changed; looks at most once in `interval` seconds."""

    def __init__(self, folder: Path = FOLDER, *, interval: float = 2.0):
        self._folder = folder
        self._interval = interval
        self._checked = time.monotonic()
        self._stamp = self._current_stamp()
        self.names = CatalogueNames.read(folder)

    def _current_stamp(self) -> tuple[tuple[str, int, int], ...]:
        return tuple((p.name, (s := p.stat()).st_mtime_ns, s.st_size) for p in sorted(self._folder.glob("*.yml")))

    def refresh(self) -> bool:
        """Whether the names have changed since the last call."""
        now = time.monotonic()
        if now - self._checked < self._interval:
            return False
        self._checked = now
        stamp = self._current_stamp()
        if stamp == self._stamp:
            return False
        self._stamp, self.names = stamp, CatalogueNames.read(self._folder)
        return True

"""A stand-in for the engine as far as models go, and models that are no more than files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from errors import EngineError
from training import active


class ModelEngine:
    """Has `loaded`; understands nothing with a model of `confused`, and cannot load one of `broken`."""

    def __init__(self, loaded: str | None):
        self.loaded = loaded
        self.down = self.loading = False
        self.confused: set[str] = set()
        self.broken: set[str] = set()
        self.deadly: set[str] = set()
        """Models whose loading kills the engine."""
        self.told: list[str] = []

    def model(self) -> str | None:
        self._up()
        return self.loaded

    def load_model(self, file: Path) -> None:
        self._up()
        name = active.name_of(file)
        self.told.append(name)
        if self.loading:
            raise EngineError("The engine answered with status 409.", status=409)
        if name in self.deadly:
            self.down = True
            self._up()
        if name in self.broken:
            raise EngineError("The engine answered with status 400.", status=400)
        self.loaded = name

    def parse(self, text: str) -> dict[str, Any]:
        self._up()
        if self.loaded in self.confused:
            return {"intent": {"name": "nlu_fallback"}, "entities": []}
        intent, _, name = text.partition(" ")
        kind = "agency" if intent == "jam" else "service"
        return {
            "intent": {"name": {"jam": "ask_hours", "syarat": "ask_requirements"}[intent]},
            "entities": [{"entity": kind, "value": value} for value in self.names.get(name, ())],
        }

    names: dict[str, tuple[str, ...]] = {}
    """Ids by what follows the question's first word; filled from the catalogue by `knowing`."""

    def _up(self) -> None:
        if self.down:
            raise EngineError("The engine did not answer: ConnectionError")


def knowing(engine: ModelEngine, probes: list[Any]) -> ModelEngine:
    """Understands these questions."""
    engine.names = {probe.text.partition(" ")[2]: (probe.value,) for probe in probes}
    return engine


def model(data_dir: Path, name: str) -> Path:
    """A file that is whole, though no model."""
    file = active.model_file(data_dir, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wb") as content:
        content.write(name.encode())
    return file

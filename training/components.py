"""Trains the components of a pipeline in this process, one after the other, without Rasa's graph, cache and archive.

For tests and measurements: leaving a component out, training on a part of the data, cross-validation.
"""

from __future__ import annotations

import copy
import importlib
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_RASAS_OWN = {"FallbackClassifier": "rasa.nlu.classifiers.fallback_classifier.FallbackClassifier"}


class TrainedComponents:
    """A trained pipeline; parses like `training.evaluate.RasaParser`."""

    def __init__(self, components: Sequence[Any], folder: tempfile.TemporaryDirectory[str]):
        self._components = components
        self._folder = folder

    def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """One dictionary a text: text, intent, intent_ranking, entities, language."""
        return [self.parse_message(Message({TEXT: text})) for text in texts]

    def parse_message(self, message: Message) -> dict[str, Any]:
        for component in self._components:
            component.process([message])
        found = message.as_dict(only_output_properties=True)
        return {
            "text": message.get(TEXT),
            "intent": found.get("intent") or {"name": None, "confidence": 0.0},
            "intent_ranking": found.get("intent_ranking", []),
            "entities": [e for e in found.get("entities", []) if e["entity"] != "speech"],
            "language": message.get("language"),
        }


def read_pipeline(config: Path) -> list[dict[str, Any]]:
    """The pipeline of a `config.yml`."""
    return list(yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"])


def train_components(pipeline: Iterable[dict[str, Any]], data: TrainingData) -> TrainedComponents:
    """Train each component on the data as the components before it have left them. The data are not changed."""
    folder = tempfile.TemporaryDirectory(prefix="sapa-components-")
    storage = LocalModelStorage(Path(folder.name))
    context = ExecutionContext(GraphSchema({}))
    data = TrainingData(training_examples=[copy.deepcopy(m) for m in data.training_examples])
    trained = []
    for number, entry in enumerate(pipeline):
        settings = {k: v for k, v in entry.items() if k != "name"}
        kind = _component(entry["name"])
        resource = Resource(f"{number}_{kind.__name__}")
        component = kind.create({**kind.get_default_config(), **settings}, storage, resource, context)
        if hasattr(component, "train"):
            component.train(data)
            component = kind.load({**kind.get_default_config(), **settings}, storage, resource, context)
        if hasattr(component, "process_training_data"):
            component.process_training_data(data)
        trained.append(component)
    return TrainedComponents(trained, folder)


def _component(name: str) -> Any:
    module, _, kind = _RASAS_OWN.get(name, name).rpartition(".")
    return getattr(importlib.import_module(module), kind)

"""Entities that have a form: case_number, application_number, amount, period, date, language."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.patterns import find

REFERENCE_DAY = "reference_day"
"""Key of a message's metadata that fixes "today" (ISO date), for tests and for messages handled late."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PatternExtractor(GraphComponent, EntityExtractorMixin):
    """Adds each entity with start, end, value, and `text` as it was written.

    Values: case_number "12/Pdt.G/2025/PN Mjk", application_number in capitals, amount an integer of Rupiah,
    period {"count": 2.0, "unit": "bulan"}, date ISO day, month or year, language "id" or "jv".
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"timezone": "Asia/Jakarta", "language_intents": ["set_language"]}

    def __init__(self, config: dict[str, Any]) -> None:
        self._zone = ZoneInfo(config["timezone"])
        self._language_intents = frozenset(config["language_intents"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatternExtractor:
        return cls({**cls.get_default_config(), **config})

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message; a language only where the intent, if known, asks for one."""
        for message in messages:
            text = message.get(TEXT) or ""
            day = (message.get("metadata") or {}).get(REFERENCE_DAY)
            today = dt.date.fromisoformat(day) if day else dt.datetime.now(self._zone).date()
            intent = (message.get("intent") or {}).get("name")
            entities = [
                {
                    "entity": f.entity,
                    "start": f.start,
                    "end": f.end,
                    "value": f.value,
                    "text": text[f.start : f.end],
                    "extractor": type(self).__name__,
                }
                for f in find(text, today)
                if f.entity != "language" or intent is None or intent in self._language_intents
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages

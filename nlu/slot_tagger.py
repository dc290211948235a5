"""A tagger for entities that have to be learned: any annotated entity becomes a span with its words as value.

Sapa's own pipeline needs none, its entities are linked or have a form; this component is what the pipeline is measured
with on data of another kind (`bench/massive.py`), and what a new open entity would be learned by.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.indonesian_tokenizer import NORM
from nlu.learned_component import LearnedComponent
from nlu.tag_network import OUTSIDE, TagModel, spans

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SlotTagger(LearnedComponent, EntityExtractorMixin):
    """Adds the entities it finds; with `intent_weight` above 0 it also has a say in the intent.

    The networks learn intents beside tags: the confidences so far are multiplied by their chances to the power of the
    weight.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"width": 160, "epochs": 8, "rate": 4e-3, "swap": 0.2, "networks": 1, "intent_weight": 0.0}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._model: TagModel | None = None

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples with an intent, annotated or not."""
        # Imported here: torch is for training only.
        from nlu.tag_training import Tagged, train_model

        examples = []
        for message in training_data.intent_examples:
            tokens = message.get(TOKENS_NAMES[TEXT]) or []
            if tokens:
                norms, senses = [t.get(NORM) for t in tokens], [t.lemma for t in tokens]
                examples.append(Tagged(norms, senses, _tags(message, tokens), message.get(INTENT)))
        settings = {k: self._config[k] for k in ("width", "epochs", "rate", "swap", "networks")}
        self._model = train_model(examples, **settings, say=logger.info)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def read(self, folder: Path) -> None:
        self._model = TagModel.load(folder)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message, {"entity", "start", "end", "value"}."""
        assert self._model
        for message in messages:
            tokens = message.get(TOKENS_NAMES[TEXT]) or []
            tags, chances = self._model.predict([t.get(NORM) for t in tokens], [t.lemma for t in tokens])
            found = self._entities(message.get(TEXT), tokens, tags)
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
            if self._config["intent_weight"] and message.get("intent_ranking"):
                self._have_a_say(message, chances)
        return messages

    def _entities(self, text: str, tokens: list[Token], tags: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "entity": kind,
                "start": tokens[first].start,
                "end": tokens[last].end,
                "value": text[tokens[first].start : tokens[last].end],
                "extractor": type(self).__name__,
            }
            for kind, first, last in spans(tags)
        ]

    def _have_a_say(self, message: Message, own: dict[str, float]) -> None:
        before = message.get("intent_ranking")
        powers = [r["confidence"] * own.get(r["name"], 0.0) ** self._config["intent_weight"] for r in before]
        share = sum(r["confidence"] for r in before) / (sum(powers) or 1.0)
        ranking = [{"name": r["name"], "confidence": p * share} for r, p in zip(before, powers, strict=True)]
        ranking.sort(key=lambda r: -r["confidence"])
        message.set("intent", dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def _tags(message: Message, tokens: list[Token]) -> list[str]:
    tags = [OUTSIDE] * len(tokens)
    for entity in message.get(ENTITIES, []):
        inside = [i for i, t in enumerate(tokens) if t.start < entity["end"] and t.end > entity["start"]]
        for place, i in enumerate(inside):
            tags[i] = ("I-" if place else "B-") + entity["entity"]
    return tags

"""Messages in no language that was learned ("plkjh gfdsa") are not understood, however sure the classifier is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.learned_component import LearnedComponent
from nlu.text import even_out, words

FILE = "trigrams.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FamiliarityCheck(LearnedComponent, IntentClassifier):
    """Puts `nlu_fallback` before the intents of a message of which less than `least` of the letter trigrams occur in
    the training messages. Of the held-out messages none has less than 0.85; keys struck at random have under 0.5."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"least": 0.5}

    def train(self, training_data: TrainingData) -> Resource:
        """Remember the trigrams of all messages."""
        texts = (m.get(TEXT) for m in training_data.intent_examples if m.get(TEXT))
        self._known = frozenset(trigram for text in texts for trigram in _trigrams(text))
        with self._model_storage.write_to(self._resource) as folder:
            (folder / FILE).write_text(json.dumps(sorted(self._known), ensure_ascii=False), "utf-8")
        return self._resource

    def read(self, folder: Path) -> None:
        self._known = frozenset(json.loads((folder / FILE).read_text("utf-8")))

    def process(self, messages: list[Message]) -> list[Message]:
        """A message without letters, "2" or an emoji, is left as it is."""
        for message in messages:
            trigrams = list(_trigrams(message.get(TEXT) or ""))
            known = sum(t in self._known for t in trigrams) / len(trigrams) if trigrams else 1.0
            if known < self._config["least"]:
                lost = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1 - known}
                ranking = [lost, *message.get("intent_ranking", [])]
                message.set(INTENT, lost, add_to_output=True)
                message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _trigrams(text: str) -> Iterator[str]:
    for word, _, _ in words(text):
        if word.isalpha():
            framed = f" {even_out(word)} "
            yield from (framed[i : i + 3] for i in range(len(framed) - 2))

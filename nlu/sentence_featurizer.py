"""Dense sentence features by sentence-transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.indonesian_tokenizer import NORM
from nlu.learned_component import LearnedComponent
from nlu.static_embedding import AnySentenceTransformer, SentenceEncoder, StaticEmbedding, train_static_embedding


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(LearnedComponent):
    """Adds one dense sentence feature (1, dimension) per message.

    `model: own` trains a small static model on the training data itself; any other value is the name or the folder of
    a sentence-transformers model, which then reads the text as it was written.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"model": "own", "dimension": 96, "vocabulary": 6000, "epochs": 3}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._encoder: SentenceEncoder | None = None
        self._own = config["model"] == "own"

    def train(self, training_data: TrainingData) -> Resource:
        """Train the own model: messages with the same intent, services and offices are to lie close together."""
        with self._model_storage.write_to(self._resource) as folder:
            if self._own:
                examples = [m for m in training_data.intent_examples if m.get(TEXT)]
                train_static_embedding(
                    [self._sentence(m) for m in examples],
                    [_meaning(m) for m in examples],
                    folder / "static",
                    dimension=self._config["dimension"],
                    vocabulary=self._config["vocabulary"],
                    epochs=self._config["epochs"],
                )
            self.read(folder)
        return self._resource

    def read(self, folder: Path) -> None:
        own = StaticEmbedding.load(folder / "static") if self._own else None
        self._encoder = own or AnySentenceTransformer(self._config["model"])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features to each message."""
        if not messages:
            return messages
        assert self._encoder
        for message, vector in zip(messages, self._encoder.encode([self._sentence(m) for m in messages]), strict=True):
            features = Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__)
            message.add_features(features)
        return messages

    def _sentence(self, message: Message) -> str:
        """The text itself for a foreign model; for our own the usual spellings, then the Indonesian senses."""
        if not self._own:
            return message.get(TEXT) or ""
        tokens = message.get(TOKENS_NAMES[TEXT]) or []
        return " ".join([*(t.get(NORM) for t in tokens), "|", *(t.lemma for t in tokens)])


def sentence_vector(message: Message) -> np.ndarray | None:
    """The features (dimension,) that SentenceFeaturizer gave a message, or None where it is not in the pipeline."""
    for features in message.features:
        if features.origin == SentenceFeaturizer.__name__:
            return features.features[0]
    return None


def _meaning(message: Message) -> str:
    values = sorted({e["value"] for e in message.get(ENTITIES, []) if e["entity"] in ("service", "service_group")})
    return " ".join([message.get(INTENT), *values])

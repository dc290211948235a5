"""Dense sentence features by sentence-transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.indonesian_tokenizer import NORM
from nlu.static_embedding import AnySentenceTransformer, SentenceEncoder, StaticEmbedding, train_static_embedding


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(GraphComponent):
    """Adds one dense sentence feature (1, dimension) per message.

    `model: own` trains a small static model on the training data itself; any other value is the name or the folder of
    a sentence-transformers model, which then reads the text as it was written.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"model": "own", "dimension": 96, "vocabulary": 6000, "epochs": 3}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        encoder: SentenceEncoder | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._encoder = encoder
        self._own = config["model"] == "own"

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceFeaturizer:
        config = {**cls.get_default_config(), **config}
        if config["model"] != "own":
            return cls(config, model_storage, resource, AnySentenceTransformer(config["model"]))
        with model_storage.read_from(resource) as folder:
            encoder = StaticEmbedding.load(folder / "static")
        return cls(config, model_storage, resource, encoder)

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
                self._encoder = StaticEmbedding.load(folder / "static")
            else:
                (folder / "model.txt").write_text(self._config["model"], encoding="utf-8")
                self._encoder = AnySentenceTransformer(self._config["model"])
        return self._resource

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

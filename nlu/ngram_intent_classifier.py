"""Which of the contract's intents a message has, with calibrated confidences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.learned_component import LearnedComponent
from nlu.linear_model import LinearModel
from nlu.ngram_featurizer import NgramFeaturizer
from nlu.sentence_rows import Row, matrix, sentence_row
from nlu.service_scorer import service_vector


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(LearnedComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking`; needs the features of NgramFeaturizer, and takes those of SentenceFeaturizer.

    `favoured` adds to the score of an intent, before it becomes a confidence: a little for `out_of_scope`, whose
    messages can be about anything, finds many more of them. Chosen by cross-validation (docs/understanding.md).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [NgramFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"cost": 1.0, "vector_weight": 0.3, "service_weight": 0.5, "ranking_length": 10, "favoured": {}}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._model: LinearModel | None = None
        self._favour: np.ndarray | float = 0.0

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples that have an intent."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        rows = matrix([self._row(m) for m in examples])
        labels = [m.get(INTENT) for m in examples]
        self._model = LinearModel.train(rows, labels, cost=self._config["cost"])
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder, "intents")
        return self._resource

    def read(self, folder: Path) -> None:
        self._model = LinearModel.load(folder, "intents")
        self._favour = np.asarray([self._config["favoured"].get(label, 0.0) for label in self._model.labels])

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify each message; one without text or known features gets the most likely of all."""
        assert self._model
        for message in messages:
            row = self._row(message)
            confidences = self._model.confidences(row.ids, row.weights, self._favour)
            order = confidences.argsort()[::-1][: self._config["ranking_length"]]
            ranking = [{"name": self._model.labels[i], "confidence": float(confidences[i])} for i in order]
            message.set("intent", dict(ranking[0]), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _row(self, message: Message) -> Row:
        row = sentence_row(message, self._config["vector_weight"])
        return row.followed_by(service_vector(message), self._config["service_weight"])

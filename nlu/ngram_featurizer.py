"""Sparse sentence features: n-grams of words, characters, Indonesian senses, and marks for the patterns found."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse

from nlu.indonesian_tokenizer import NORM
from nlu.learned_component import LearnedComponent
from nlu.lexicon import lexicon
from nlu.ngrams import Ngrams, terms
from nlu.patterns import find

_ANY_DAY = dt.date(2026, 1, 1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(LearnedComponent):
    """Adds one sparse sentence feature (1, vocabulary) per message; needs the tokens of IndonesianTokenizer."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"word_length": 2, "characters": [2, 5], "kinds": "wcsdkmt", "min_count": 2}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._ngrams: Ngrams | None = None
        self._lexicon = lexicon()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the vocabulary on the texts of all examples."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        self._ngrams = Ngrams.fit(map(self._terms, messages), min_count=self._config["min_count"])
        with self._model_storage.write_to(self._resource) as folder:
            self._ngrams.save(folder, "ngrams")
        return self._resource

    def read(self, folder: Path) -> None:
        self._ngrams = Ngrams.load(folder, "ngrams")

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the features to each message."""
        assert self._ngrams
        for message in messages:
            ids, weights = self._ngrams.weights(self._terms(message))
            row = sparse.csr_matrix((weights, ids, [0, len(ids)]), shape=(1, self._ngrams.size))
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__))
        return messages

    def _terms(self, message: Message) -> dict[str, list[str]]:
        tokens = message.get(TOKENS_NAMES[TEXT]) or []
        text = message.get(TEXT)
        marks = [f.entity for f in find(text, _ANY_DAY)] if "m" in self._config["kinds"] else []
        norms = [t.get(NORM) for t in tokens]
        return terms(
            norms,
            [t.lemma for t in tokens],
            marks,
            [topic for n in norms for topic in self._lexicon.topics(n)],
            word_length=self._config["word_length"],
            characters=tuple(self._config["characters"]),
            kinds=self._config["kinds"],
        )


def sentence_ngrams(message: Message) -> sparse.csr_matrix:
    """The features (1, vocabulary) that NgramFeaturizer gave a message."""
    for features in message.features:
        if features.origin == NgramFeaturizer.__name__:
            return features.features
    raise ValueError("NgramFeaturizer must stand before this component in config.yml")

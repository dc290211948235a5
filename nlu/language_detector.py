"""Language and speech level of a message: Indonesian, Javanese ngoko or krama, or a mixture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.learned_component import LearnedComponent
from nlu.lexicon import lexicon
from nlu.linear_model import LinearModel
from nlu.ngrams import Ngrams, terms
from nlu.text import fold

LEVELS = ("id", "jv_ngoko", "jv_krama")
"""Values of `metadata.language` in the training data, beside `mixed`."""
MIXED = "mixed"
_PURE = "pure"
_MOST_PER_WORD = 3.0
"""So much may a single word say for a language, in log odds."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(LearnedComponent, EntityExtractorMixin):
    """Sets the output key `language` and, where it is `sure`, the entity `speech` (id or jv), which fills the slot
    `language`: after "mojosari" or "2" the conversation goes on in the language it was in.

    Words are compared as they are written, not evened out: "taun" and "tahun" tell the languages apart.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"cost": 0.5, "characters": [1, 5], "min_count": 2, "lexicon_words": True, "sure": 0.7}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._ngrams: Ngrams | None = None
        self._languages: LinearModel | None = None
        self._levels: LinearModel | None = None
        self._mixture: LinearModel | None = None
        self._leanings: dict[str, float] = {}
        self._lexicon = lexicon()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples whose block has `metadata.language`, and on the words of the lexicon."""
        marked = [(m, _level(m)) for m in training_data.training_examples if m.get(TEXT)]
        found = [(_words(m), level) for m, level in marked if level]
        pure = [(w, level) for w, level in found if level != MIXED]
        known = self._lexicon_examples() if self._config["lexicon_words"] else []
        documents = [self._terms(words) for words, _ in (*found, *known)]
        self._ngrams = Ngrams.fit(documents, min_count=self._config["min_count"])
        single = [*pure, *known]
        languages = ["id" if level == "id" else "jv" for _, level in single]
        self._languages = self._learn([words for words, _ in single], languages)
        javanese = [(words, level) for words, level in single if level != "id"]
        self._levels = self._learn([words for words, _ in javanese], [level for _, level in javanese])
        kinds = [MIXED if level == MIXED else _PURE for _, level in found]
        self._mixture = self._learn([words for words, _ in found], kinds)
        self._leanings = _leanings(pure)
        with self._model_storage.write_to(self._resource) as folder:
            self._ngrams.save(folder, "ngrams")
            self._languages.save(folder, "languages")
            self._levels.save(folder, "levels")
            self._mixture.save(folder, "mixture")
            (folder / "leanings.json").write_text(json.dumps(self._leanings, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def read(self, folder: Path) -> None:
        self._ngrams = Ngrams.load(folder, "ngrams")
        self._languages = LinearModel.load(folder, "languages")
        self._levels = LinearModel.load(folder, "levels")
        self._mixture = LinearModel.load(folder, "mixture")
        self._leanings = json.loads((folder / "leanings.json").read_text(encoding="utf-8"))

    def _learn(self, documents: list[list[str]], labels: list[str]) -> LinearModel:
        assert self._ngrams
        rows = self._ngrams.matrix(self._terms(words) for words in documents)
        return LinearModel.train(rows, labels, cost=self._config["cost"])

    def _lexicon_examples(self) -> list[tuple[list[str], str]]:
        known = [(word, "jv_ngoko") for word in self._lexicon.ngoko] + [
            (word, "jv_krama") for word in self._lexicon.krama
        ]
        known += [(word, level) for level, members in self._lexicon.everyday.items() for word in members]
        levels_of: dict[str, set[str]] = {}
        for word, level in known:
            levels_of.setdefault(word, set()).add(level)
        return [([word], level) for word, levels in sorted(levels_of.items()) for level in levels if len(levels) == 1]

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `language` = {"name", "level", "mixed", "confidence"} and the entity `speech`."""
        for message in messages:
            language = self._detect(_words(message))
            message.set("language", language, add_to_output=True)
            if language["confidence"] < self._config["sure"]:
                continue
            speech = {
                "entity": "speech",
                "start": 0,
                "end": len(message.get(TEXT) or ""),
                "value": language["name"],
                "extractor": type(self).__name__,
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), speech], add_to_output=True)
        return messages

    def _detect(self, words: list[str]) -> dict[str, Any]:
        assert self._languages and self._levels and self._mixture and self._ngrams
        features = self._ngrams.weights(self._terms(words))
        by_words = _logistic(sum(self._leanings.get(w, 0.0) for w in words))
        javanese = (self._languages.chance("jv", *features) + by_words) / 2
        mixed = self._mixture.chance(MIXED, *features) > 0.5
        name = "jv" if javanese > 0.5 else "id"
        level = None
        if name == "jv":
            level = "krama" if self._levels.chance("jv_krama", *features) > 0.5 else "ngoko"
        return {"name": name, "level": level, "mixed": mixed, "confidence": round(max(javanese, 1 - javanese), 4)}

    def _terms(self, words: list[str]) -> dict[str, list[str]]:
        marks = ["krama" if w in self._lexicon.krama else "ngoko" for w in words if self._lexicon.is_javanese(w)]
        low, high = self._config["characters"]
        return terms(words, (), marks, characters=(low, high), kinds="wcm")


def _words(message: Message) -> list[str]:
    return [fold(t.text) for t in message.get(TOKENS_NAMES[TEXT]) or []]


def _level(message: Message) -> str | None:
    level = ((message.get("metadata") or {}).get("intent") or {}).get("language")
    return level if level in (*LEVELS, MIXED) else None


def _leanings(pure: Iterable[tuple[list[str], str]]) -> dict[str, float]:
    """Log odds of each word being Javanese, at most 3 either way; words that lean nowhere are left out."""
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for words, level in pure:
        counts[level != "id"].update(set(words))
    share = {side: sum(c.values()) or 1 for side, c in counts.items()}
    leanings = {}
    for word in sorted({*counts[True], *counts[False]}):
        odds = np.log(((counts[True][word] + 0.5) / share[True]) / ((counts[False][word] + 0.5) / share[False]))
        if abs(odds) > 0.3:
            leanings[word] = round(float(np.clip(odds, -_MOST_PER_WORD, _MOST_PER_WORD)), 3)
    return leanings


def _logistic(score: float) -> float:
    return float(1 / (1 + np.exp(-score)))

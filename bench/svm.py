"""The plain baseline: TF-IDF of words (1-2) and characters (2-5), a linear SVM for intents, another for services."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from settings import ROOT


class Svm:
    """Two scikit-learn pipelines behind the interface that `training.evaluate` scores."""

    def __init__(self, intents: Any, services: Any):
        self._intents = intents
        self._services = services

    @classmethod
    def train(cls, texts: list[str], intents: list[str], services: list[str]) -> Svm:
        return cls(_pipeline().fit(texts, intents), _pipeline().fit(texts, services))

    def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """Intent, and the service as an entity over the whole text; it knows no language."""
        found = zip(texts, self._intents.predict(texts), self._services.predict(texts), strict=True)
        return [
            {
                "text": text,
                "intent": {"name": intent, "confidence": 1.0},
                "entities": [] if service == "none" else [{"entity": "service", "value": service}],
                "language": None,
            }
            for text, intent, service in found
        ]

    def save(self, path: Path) -> None:
        path.write_bytes(pickle.dumps((self._intents, self._services)))

    @classmethod
    def load(cls, path: Path) -> Svm:
        intents, services = pickle.loads(path.read_bytes())
        return cls(intents, services)


def _pipeline() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return make_pipeline(make_union(words, characters), LinearSVC())


def _training_data() -> tuple[list[str], list[str], list[str]]:
    from engine import without_tensorflow

    without_tensorflow()
    from rasa.shared.nlu.training_data.loading import load_data

    texts, intents, services = [], [], []
    for message in load_data(str(ROOT / "data" / "nlu")).intent_examples:
        named = [e["value"] for e in message.get("entities", []) if e["entity"] == "service"]
        texts.append(message.get("text"))
        intents.append(message.get("intent"))
        services.append(named[0] if named else "none")
    return texts, intents, services


if __name__ == "__main__":
    Svm.train(*_training_data()).save(Path(sys.argv[2]))

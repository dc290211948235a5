"""How likely each service is meant, by what utterances teach and what the catalogue's aliases name together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import catalogue_names
from nlu.alias_index import AliasIndex, Hit
from nlu.catalogue_names import CatalogueNamesStore
from nlu.learned_component import LearnedComponent
from nlu.lexicon import lexicon
from nlu.linear_model import LinearModel, softmax
from nlu.sentence_rows import matrix, sentence_row

NONE = "none"
GROUP = "group:"
SCORES = "service_scores"
"""Key of a message: chances by label, `none` and "group:..." among them."""
HITS = "service_hits"
"""Key of a message: the aliases of services and groups found in it, longest first."""
_FLOOR = 1e-2
"""The chance a label keeps in spite of the classifier, so that an alias can still speak for it."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ServiceScorer(LearnedComponent):
    """Sets SCORES and HITS for the linker, and a dense sentence feature from which the intent classifier learns.

    The feature of a training example comes from a model that has not seen the example; otherwise the intent classifier
    would learn to trust it too much.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "catalogue": str(catalogue_names.FOLDER),
            "cost": 1.0,
            "vector_weight": 0.3,
            "alias_weight": 1.5,
            "folds": 3,
            "implied_services": {"simulate_jht": "jht", "simulate_jp": "jp", "report_accident": "jkk"},
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._model: LinearModel | None = None
        self._store = CatalogueNamesStore(Path(config["catalogue"]))
        self._aliases = self._index()

    def _index(self) -> AliasIndex:
        names = self._store.names
        return AliasIndex({**names.services, **{GROUP + g: a for g, a in names.groups.items()}}, lexicon())

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples; one without service teaches that there is none."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        rows = matrix([sentence_row(m, self._config["vector_weight"]) for m in examples])
        pairs = [(n, label) for n, m in enumerate(examples) for label in self._labels(m)]
        numbers, labels = np.asarray([n for n, _ in pairs]), [label for _, label in pairs]
        self._model, unseen = LinearModel.train_with_unseen(
            rows[numbers], labels, cost=self._config["cost"], folds=self._config["folds"]
        )
        first_of: dict[str, np.ndarray] = {}
        for number, chances in zip(numbers, unseen, strict=True):
            first_of.setdefault(examples[number].get(TEXT), chances)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder, "services")
            texts, chances = np.asarray(list(first_of)), np.stack(list(first_of.values())).astype(np.float16)
            np.savez(folder / "unseen.npz", texts=texts, chances=chances)
        return self._resource

    def read(self, folder: Path) -> None:
        self._model = LinearModel.load(folder, "services")

    def _labels(self, message: Message) -> list[str]:
        found = service_labels(message)
        implied = self._config["implied_services"].get(message.get(INTENT))
        return [implied] if implied and found == [NONE] else found

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to every example."""
        unseen = self._read_unseen()
        for message in training_data.training_examples:
            if message.get(TEXT):
                self._add(message, unseen.get(message.get(TEXT)))
        return training_data

    def _read_unseen(self) -> dict[str, np.ndarray]:
        with self._model_storage.read_from(self._resource) as folder:
            arrays = np.load(folder / "unseen.npz", allow_pickle=False)
            return dict(zip(arrays["texts"].tolist(), arrays["chances"].astype(np.float32), strict=True))

    def process(self, messages: list[Message]) -> list[Message]:
        """Score each message."""
        if self._store.refresh():
            self._aliases = self._index()
        for message in messages:
            self._add(message, None)
        return messages

    def _add(self, message: Message, chances: np.ndarray | None) -> None:
        assert self._model
        if chances is None:
            row = sentence_row(message, self._config["vector_weight"])
            chances = self._model.confidences(row.ids, row.weights)
        hits = self._aliases.find(message.get(TEXT))
        labels = self._model.labels
        fused = self._with_aliases(chances, hits)
        new = _new_service(hits, set(labels))
        if new:
            fused = fused * 0.0
        none = labels.index(NONE) if NONE in labels else None
        absent = fused[none] if none is not None and not new else 0.0
        vector = np.concatenate([fused, [1 - absent]]).astype(np.float32)
        message.set(SCORES, {new: 1.0} if new else dict(zip(labels, fused.tolist(), strict=True)))
        message.set(HITS, hits)
        message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, type(self).__name__))

    def _with_aliases(self, chances: np.ndarray, hits: Sequence[Hit]) -> np.ndarray:
        """Chances (labels,) with what aliases say: the more, the longer and the more exactly one matches."""
        assert self._model
        scores = np.log(chances + _FLOOR)
        gains: dict[int, float] = {}
        for hit in hits:
            if hit.target in self._model.labels:
                number = self._model.labels.index(hit.target)
                gain = self._config["alias_weight"] * min(hit.letters, 15) / 10 * (1.0 if hit.exact else 0.6)
                gains[number] = max(gains.get(number, 0.0), gain)
        for number, gain in gains.items():
            scores[number] += gain
        return softmax(scores)


def _new_service(hits: Sequence[Hit], known: set[str]) -> str | None:
    """A service that only the catalogue knows, where its alias is the longest one found."""
    new = [h for h in hits if h.target not in known and not h.target.startswith(GROUP)]
    longest = max((h.letters for h in hits if h.target in known), default=0)
    return new[0].target if new and new[0].letters >= longest and (new[0].exact or new[0].letters > 8) else None


def service_labels(message: Message) -> list[str]:
    """Labels an annotated example teaches: its services, its group, or that there is none."""
    entities = message.get(ENTITIES, [])
    found = [e["value"] for e in entities if e["entity"] == "service"]
    found += [GROUP + e["value"] for e in entities if e["entity"] == "service_group"]
    return sorted(set(found)) or [NONE]


def service_vector(message: Message) -> np.ndarray | None:
    """The features (labels + 1,) that ServiceScorer gave a message, or None where it is not in the pipeline."""
    for features in message.features:
        if features.origin == ServiceScorer.__name__:
            return features.features[0]
    return None

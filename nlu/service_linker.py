"""Which service of the catalogue and which office a message names or implies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import catalogue_names
from nlu.alias_index import AliasIndex, Hit
from nlu.catalogue_names import CatalogueNamesStore
from nlu.indonesian_tokenizer import NORM
from nlu.learned_component import LearnedComponent
from nlu.lexicon import lexicon
from nlu.linear_model import LinearModel
from nlu.sentence_rows import matrix, sentence_row
from nlu.service_scorer import GROUP, HITS, NONE, SCORES
from nlu.span_words import SpanWords

_OUT_OF_SCOPE = "out_of_scope"
_OTHERS = frozenset({"kota_lain", "kecamatan_lain", "instansi_lain", "pengadilan_lain"})
"""Topics of a word after a name that make it the name of another office."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ServiceLinker(LearnedComponent, EntityExtractorMixin):
    """Adds `service` (one, or two where two are compared), or `service_group` where several fit; and `agency`.

    Stands behind ServiceScorer, which says what is likely, and behind the intent classifier: small talk has no service.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "catalogue": str(catalogue_names.FOLDER),
            "cost": 1.0,
            "vector_weight": 0.3,
            "intents_without_service": [
                *("greet", "goodbye", "thank", "affirm", "cancel", "ask_capabilities", "bot_challenge"),
                *("ask_human", "set_language", "stop_messages", "manage_my_data", "out_of_scope"),
            ],
            "implied_services": {"simulate_jht": "jht", "simulate_jp": "jp", "report_accident": "jkk"},
            "comparing_intents": ["ask_service_info"],
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._agencies: LinearModel | None = None
        self._span_words: SpanWords | None = None
        self._silent = frozenset(config["intents_without_service"])
        self._store = CatalogueNamesStore(Path(config["catalogue"]))
        self._agency_aliases = AliasIndex(self._store.names.agencies, lexicon())

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the agencies, and which words people annotated for what."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        rows = matrix([sentence_row(m, self._config["vector_weight"]) for m in examples])
        self._agencies = LinearModel.train(rows, [agency_label(m) for m in examples], cost=self._config["cost"])
        self._span_words = SpanWords.fit(s for m in examples for s in _spans(m))
        with self._model_storage.write_to(self._resource) as folder:
            self._agencies.save(folder, "agencies")
            self._span_words.save(folder, "span_words")
        return self._resource

    def read(self, folder: Path) -> None:
        self._agencies = LinearModel.load(folder, "agencies")
        self._span_words = SpanWords.load(folder, "span_words")

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message; small talk and what is out of scope gets no service."""
        if self._store.refresh():
            self._agency_aliases = AliasIndex(self._store.names.agencies, lexicon())
        for message in messages:
            intent = (message.get(INTENT) or {}).get("name")
            entities = [] if intent in self._silent else self._services_of(message, intent)
            entities += self._agencies_of(message, intent)
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages

    def _services_of(self, message: Message, intent: str | None) -> list[dict[str, Any]]:
        scores: dict[str, float] = message.get(SCORES) or {NONE: 1.0}
        hits: list[Hit] = message.get(HITS) or []
        best = max(scores, key=scores.__getitem__)
        if best == NONE:
            best = self._config["implied_services"].get(intent, NONE)
        if best == NONE:
            return []
        found = [self._entity(message, best, scores.get(best, 0.0), hits)]
        if intent in self._config["comparing_intents"]:
            found += self._compared_with(message, found[0], hits, scores)
        return found

    def _compared_with(
        self, message: Message, first: dict[str, Any], hits: list[Hit], scores: dict[str, float]
    ) -> list[dict[str, Any]]:
        """The second service of a comparison: an alias of its own names it elsewhere, and it is not unlikely."""
        for hit in hits:
            apart = hit.end <= first["start"] or hit.start >= first["end"]
            single = not hit.target.startswith(GROUP) and hit.target != first["value"]
            if apart and single and first["entity"] == "service" and scores.get(hit.target, 1.0) > 0.05:
                return [self._entity(message, hit.target, scores.get(hit.target, 1.0), [hit])]
        return []

    def _entity(self, message: Message, label: str, confidence: float, hits: list[Hit]) -> dict[str, Any]:
        start, end = self._place(message, label, hits)
        kind = "service_group" if label.startswith(GROUP) else "service"
        return self._as_entity(kind, label.removeprefix(GROUP), start, end, confidence)

    def _as_entity(self, kind: str, value: str, start: int, end: int, confidence: float) -> dict[str, Any]:
        return {
            "entity": kind,
            "start": start,
            "end": end,
            "value": value,
            "confidence_entity": round(confidence, 4),
            "extractor": type(self).__name__,
        }

    def _place(self, message: Message, label: str, hits: list[Hit]) -> tuple[int, int]:
        """Where a label is named: its longest alias, or else the run of words that speaks most for it."""
        for hit in hits:
            if hit.target == label:
                return hit.start, hit.end
        assert self._span_words
        tokens = message.get(TOKENS_NAMES[TEXT])
        if not tokens:
            return 0, len(message.get(TEXT))
        first, last = self._span_words.best_run(label, [t.lemma for t in tokens])
        return tokens[first].start, tokens[last].end

    def _agencies_of(self, message: Message, intent: str | None) -> list[dict[str, Any]]:
        """The office named. A name spelled right decides, unless it is part of another's ("pengadilan agama")."""
        assert self._agencies
        row = sentence_row(message, self._config["vector_weight"])
        chances = dict(zip(self._agencies.labels, self._agencies.confidences(row.ids, row.weights), strict=True))
        target = max(chances, key=chances.__getitem__)
        found = self._agency_aliases.find(message.get(TEXT))
        hits = [hit for hit in found if not self._is_of_another(message, hit)]
        named = [hit.target for hit in hits if hit.exact or hit.target not in chances]
        if named and target not in named and intent != _OUT_OF_SCOPE:
            target = named[0]
        elif not hits and target in {hit.target for hit in found}:
            target = NONE
        if target == NONE:
            return []
        start, end = self._place(message, target, hits)
        return [self._as_entity("agency", target, start, end, float(chances.get(target, 1.0)))]

    def _is_of_another(self, message: Message, hit: Hit) -> bool:
        following = next((t for t in message.get(TOKENS_NAMES[TEXT]) or [] if t.start >= hit.end), None)
        return following is not None and not _OTHERS.isdisjoint(lexicon().topics(following.get(NORM)))


def agency_label(message: Message) -> str:
    """The agency an annotated example names, or that there is none."""
    return next((e["value"] for e in message.get(ENTITIES, []) if e["entity"] == "agency"), NONE)


def _spans(message: Message) -> Iterator[tuple[str, list[str], list[str]]]:
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    for entity in message.get(ENTITIES, []):
        if entity["entity"] in ("service", "service_group", "agency"):
            label = (GROUP if entity["entity"] == "service_group" else "") + entity["value"]
            inside = [t.start < entity["end"] and t.end > entity["start"] for t in tokens]
            named = [t.lemma for t, i in zip(tokens, inside, strict=True) if i]
            yield label, named, [t.lemma for t, i in zip(tokens, inside, strict=True) if not i]

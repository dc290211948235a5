"""What is worth a person's minute: what the engine's memory tells of a message, and whether it goes into the inbox."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from office.choices import resolve_number
from storage.console.review import Filing
from storage.console.understandings import Understood
from storage.trackers import TrackerEvent

FALLBACK, OUT_OF_SCOPE, DENY = "nlu_fallback", "out_of_scope", "deny"
LOW, MIDDLE, HIGH = "low", "middle", "high"
MIDDLE_FROM, HIGH_FROM = 0.6, 0.9
"""Confidences. Of 1471 messages that nobody trained on (tests/nlu) 62% of the intents under 0.6 are right, 82% of those
up to 0.9, 99% of those above."""
LOW_MARGIN = 0.6
"""Of those messages 6% have a smaller margin, and of these 65% are right; of the others 99%."""
_STEERING = """
greet goodbye thank affirm deny cancel ask_capabilities bot_challenge ask_human set_language stop_messages
give_feedback file_complaint manage_my_data register_mentor
"""
STEERING = frozenset(_STEERING.split())
"""Intents whose answer is nothing that "no" could call wrong."""
WITHOUT_SERVICE = STEERING - {"deny", "give_feedback", "file_complaint", "register_mentor"} | {OUT_OF_SCOPE}
"""Intents that leave no room for a service: one that is named beside them is a contradiction."""
TWICE_PERCENT = 5
"""Share of the items that two people label."""
GUESSES = 5
LONGEST_KEY = 500
"""PostgreSQL's indexes take 2704 bytes: with longer keys one citizen's long message would stop the harvest for good."""
LOOKED_BACK = 60
"""Events of a conversation before a "no" among which the answer is that it means."""
PRIORITIES = {
    "rejected": 10,
    "fallback": 20,
    "names_service": 30,
    "low_margin": 40,
    "models_disagree": 50,
    "new_words": 60,
}
"""Small numbers come first."""
REASONS = tuple(PRIORITIES)
"""Why a text is in the inbox, the weightiest first."""
_ASKING_FORMS = (None, "request_form")
"""Forms in which "no" is no answer to a question of consent."""
_COMMAND = "/"
_SIGNS = re.compile(r"[\W_]+")


class Vocabulary(Protocol):
    """What the training data, the lexicons and the catalogue know."""

    def new_words(self, text: str) -> list[str]: ...
    def names_service(self, text: str) -> bool: ...


@dataclass(frozen=True)
class Agreement:
    """How far two annotators agree; kappa is None where it cannot be told (nothing, or everything alike)."""

    items: int
    intent_share: float | None
    intent_kappa: float | None
    service_share: float | None
    service_kappa: float | None


def read(event: TrackerEvent, model: str | None) -> Understood | None:
    """What the model understood, from a user event of Rasa's tracker; None where it is no citizen's message."""
    inbound_id = (event.data.get("metadata") or {}).get("inbound_id")
    parsed = event.data.get("parse_data") or {}
    intent = (parsed.get("intent") or {}).get("name")
    if not isinstance(inbound_id, int) or not intent:
        return None
    confidence = float((parsed.get("intent") or {}).get("confidence") or 0.0)
    ranking = [(one["name"], float(one["confidence"])) for one in parsed.get("intent_ranking") or []]
    real = [one for one in ranking if one[0] != FALLBACK]
    others = [one for one in real if one[0] != intent]
    entities = [
        {key: entity.get(key) for key in ("entity", "value", "start", "end")}
        for entity in parsed.get("entities") or []
        if entity.get("entity") != "speech"
    ]
    return Understood(
        inbound_id=inbound_id,
        text=event.data.get("text") or "",
        intent=intent,
        confidence=confidence,
        confidence_band=band(intent, confidence),
        runner_up=others[0][0] if others else None,
        margin=confidence - others[0][1] if others and intent != FALLBACK else None,
        language=(parsed.get("language") or {}).get("name"),
        service=value_of(entities, "service"),
        agency=value_of(entities, "agency"),
        entities=entities,
        fallback=intent in (FALLBACK, OUT_OF_SCOPE),
        guesses=[name for name, _ in real[:GUESSES]],
        model=model,
    )


def band(intent: str, confidence: float) -> str:
    """low, middle or high; what was not understood is low, however sure the model is of that."""
    if intent == FALLBACK or confidence < MIDDLE_FROM:
        return LOW
    return MIDDLE if confidence < HIGH_FROM else HIGH


def value_of(entities: Sequence[dict[str, Any]], kind: str) -> str | None:
    """The value of the first entity of a kind."""
    return next((str(entity["value"]) for entity in entities if entity["entity"] == kind), None)


def rejected(before: Sequence[TrackerEvent]) -> TrackerEvent | None:
    """The message whose answer a "no" calls wrong, from the conversation's events before it; None where it means
    something else: a question of consent, an offer, small talk. "Bukan" said twice means the same message."""
    loops = [event.data.get("name") for event in before if event.data.get("event") == "active_loop"]
    if loops and loops[-1] not in _ASKING_FORMS:
        return None
    said = next((event.data for event in reversed(before) if event.data.get("event") == "bot"), {})
    buttons = (said.get("data") or {}).get("buttons") or []
    if any(str(button.get("payload", "")).startswith(_COMMAND) for button in buttons):
        return None  # an offer, e.g. to follow a case
    for event in reversed(before):
        if event.data.get("event") != "user":
            continue
        intent = ((event.data.get("parse_data") or {}).get("intent") or {}).get("name")
        if intent != DENY:
            return None if intent in STEERING or intent in (FALLBACK, None) else event
    return None


def reviewable(text: str) -> bool:
    """Whether a text is a citizen's own words: with letters, no command of a button, no number of a choice."""
    if not any(character.isalpha() for character in text) or text.startswith(_COMMAND):
        return False
    return resolve_number(text, [("", "some")] * 999) is None


def key(text: str) -> str:
    """A text without case, blanks and signs; of a long one the beginning, and a digest of the whole."""
    plain = " ".join(_SIGNS.sub(" ", text.casefold()).split())
    if len(plain) <= LONGEST_KEY:
        return plain
    return f"{plain[:LONGEST_KEY]} {hashlib.sha256(plain.encode()).hexdigest()}"


def filing(
    said: Understood, vocabulary: Vocabulary, *, is_rejected: bool = False, other_intent: str | None = None
) -> Filing | None:
    """The item that a message becomes; None where a person would learn nothing from it."""
    reason = _reason(said, vocabulary, is_rejected, other_intent) if reviewable(said.text) else None
    if reason is None:
        return None
    return Filing(
        text=said.text,
        key=key(said.text),
        language=said.language,
        intent=said.intent,
        confidence=said.confidence,
        entities=said.entities,
        guesses=said.guesses,
        reason=reason,
        priority=PRIORITIES[reason],
        twice=for_two(key(said.text)),
        other_intent=other_intent,
    )


def _reason(said: Understood, vocabulary: Vocabulary, is_rejected: bool, other_intent: str | None) -> str | None:
    if is_rejected:
        return "rejected"
    if said.intent == FALLBACK:
        return "fallback"
    if said.intent in WITHOUT_SERVICE and vocabulary.names_service(said.text):
        return "names_service"
    if said.margin is not None and said.margin < LOW_MARGIN:
        return "low_margin"
    if other_intent is not None:
        return "models_disagree"
    # Of those the model is sure of, a sixth has a new word, and of these one in 250 is wrong: not worth a minute. But
    # whoever is told, for a word that Sapa does not know, that he asks for nothing of the office, is left with nothing.
    unsure = said.confidence_band != HIGH or said.intent == OUT_OF_SCOPE
    return "new_words" if unsure and vocabulary.new_words(said.text) else None


def for_two(text_key: str) -> bool:
    """Whether an item belongs to the sample that two people label: drawn by the text, so always the same."""
    return int(hashlib.sha256(text_key.encode()).hexdigest(), 16) % 100 < TWICE_PERCENT


def agreement(pairs: Sequence[tuple[str, list[dict[str, Any]], str, list[dict[str, Any]]]]) -> Agreement:
    """Cohen's kappa of the intents and of the services that two people gave the same items."""
    intents = [(one, other) for one, _, other, _ in pairs]
    services = [(_service(one), _service(other)) for _, one, _, other in pairs]
    return Agreement(len(pairs), _share(intents), _kappa(intents), _share(services), _kappa(services))


def _service(entities: list[dict[str, Any]]) -> str:
    return value_of(entities, "service") or value_of(entities, "service_group") or "none"


def _share(labels: list[tuple[str, str]]) -> float | None:
    return sum(one == other for one, other in labels) / len(labels) if labels else None


def _kappa(labels: list[tuple[str, str]]) -> float | None:
    if len({label for both in labels for label in both}) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score  # half a second and 60 MB that only this page needs

    return float(cohen_kappa_score([one for one, _ in labels], [other for _, other in labels]))

"""What a citizen's message about a case means after what was said before: which question, and about which case."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from office.context import FILLERS, Heard
from office.court import case_number
from office.court.case_number import CaseNumber

TOPICS = ("ask_hearing_schedule", "ask_case_status", "follow_case", "unfollow_case", "stop_messages")
LEAVING = ("cancel", "ask_human")
"""Intents that end an open question."""

_ASKS_NOTHING = FILLERS | {"nomor", "nomer", "no", "perkara", "perkarane", "perkawis", "prakawis", "kasus", "mjk"}
_OF_A_CASE = re.compile(
    r"\b(?:di|dipun)?putus(?:an|ane|anipun|annya|e)?\b|\bvonis\w*|\b(?:per|di|dipun)?sidang(?:an)?(?:e|ku|nya|ipun)?\b|"
    r"\b(?:perkara|perkawis|prakawis|perkoro|hakim|mediasi|ruang|jadwal|agenda|status|perkembangan|tahap)\w*|"
    r"\binkrah?(?:cht)?\b"
)
_A_CASE = re.compile(r"\b(?:perkara|perkawis|prakawis|perkoro|kasus|sidang)")
_MISTAKEN = frozenset({
    "ask_procedure", "ask_service_info", "ask_location", "ask_duration", "ask_hours", "check_application",
    "nlu_fallback", "out_of_scope",
})  # fmt: skip
"""What a question about the case spoken of is taken for, where its words don't say that it is about a case."""
_SCHEDULE = re.compile(r"sidang|kapan|jam\b|ruang|jadwal|agenda")
_BY_NAME = re.compile(
    r"\ba\.?n\.|\b(?:atas nama|a/n|bernama|jenenge|asmane|asmanipun|namanya|nama (?:terdakwa|penggugat|tergugat))\b|"
    r"\b(?:sidang|perkara|kasus|perkawis|jadwal|terdakwa|tersangka|penggugat|tergugat|pemohon)(?:e|ne|nya|ipun|nipun)?\s+"
    r"(?:si|pak|bu|bapak|ibu|mas|mbak|cak|sdr|saudara)\s+"
    r"(?!saya|aku|kula|kulo|hakim|jaksa|ini|itu|kapan|jam|sampai|niki|menika|iki)[a-z]{3,}"
)
_LOST = r"(?:lupa|lali|kesupen|kesupèn|hilang|ilang|ical)"
_NO = r"(?:tidak|tdk|gak|ga|nggak|ngga|gk|ora|ra|mboten|boten|belum|blm|durung|dereng|gurung)"
_A_NUMBER = r"(?:nomor|nomer|no)\w*"
_WITHOUT_NUMBER = re.compile(
    rf"\b(?:{_NO}|{_LOST})\b.{{0,25}}\b{_A_NUMBER}|\b{_A_NUMBER}\b.{{0,20}}\b(?:{_NO}|{_LOST})\b|^\W*{_LOST}\b"
)
_PART_OF_A_NUMBER = re.compile(r"\d|\bp(?:dt|id)\b")
_ALL = re.compile(r"\b(?:semua|semuanya|seluruh\w*|kabeh|sedaya|sedanten|sedoyo|sadaya|sedayanipun)\b")
_THIS = re.compile(r"\b(?:ini|iki|niki|menika|punika|tadi|wau|mau|iku|itu)\b")
_YES = re.compile(r"\W*(?:mau|purun|kersa|gelem|setuju|sarujuk|boleh|angsal|oleh)\b(?!.*\b(?:tidak|gak|ora|mboten)\b)")


@dataclass(frozen=True)
class CaseMemory:
    """What the conversation has established about a case (the dialogue's slots)."""

    topic: str | None = None
    """The open question: one of TOPICS, or "unfollow_all", "tilang", "no_number", "cancel", "ask_human"."""
    number: CaseNumber | None = None
    """The case spoken of last; incomplete while the rest is being asked for."""
    asked: str | None = None
    """ "case_number" or "case_consent" while that question is open."""
    agreed: bool | None = None
    """The answer to the question for consent."""
    by_name: bool = False
    """Whether a person's name was given instead of a number."""


def written(heard: Heard, this_year: int) -> CaseNumber | None:
    """The case number in a message: of what its words and the understanding give, the one that says most."""
    found = [case_number.read(text, this_year) for text in (heard.text, *(m.value for m in heard.case_numbers))]
    return max(filter(None, found), key=_told, default=None)


def _told(number: CaseNumber) -> int:
    return sum(part is not None for part in (number.ordinal, number.code, number.year, number.court))


def concern(heard: Heard, this_year: int, *, speaking_of_a_case: bool) -> str | None:
    """The question about a case that lies in a message which the understanding took for something else, or None."""
    number = written(heard, this_year)
    if number and (number.code or _A_CASE.search(heard.text.lower())):
        return _intent(heard, number) or "ask_hearing_schedule"
    if heard.intent in TOPICS:
        return heard.intent
    text = heard.text.lower()
    named = heard.services or heard.groups
    if heard.intent in _MISTAKEN and not named and _A_CASE.search(text) and _BY_NAME.search(text):
        return "ask_hearing_schedule"
    if speaking_of_a_case and heard.intent in _MISTAKEN and not named and _OF_A_CASE.search(text):
        return "ask_hearing_schedule" if _SCHEDULE.search(text) else "ask_case_status"
    return None


def _intent(heard: Heard, number: CaseNumber | None) -> str | None:
    """The question of a message; a bare number asks nothing by itself, whatever was made of it."""
    if number and all(word in _ASKS_NOTHING for word in re.findall(r"[a-z]+", case_number.without(heard.text))):
        return None
    return heard.intent if heard.intent in TOPICS else None


def understand(heard: Heard, before: CaseMemory, this_year: int) -> CaseMemory | None:
    """The memory after a message; None where the message says nothing about what is being asked."""
    number = written(heard, this_year)
    topic = _intent(heard, number)
    if before.asked and heard.intent in LEAVING and not number:
        return CaseMemory(heard.intent, before.number)
    if before.asked == "case_consent" and not (number or topic):
        agreed = _agreed(heard)
        return None if agreed is None else replace(before, asked=None, agreed=agreed)
    if before.asked == "case_number" and not (number and number.complete):
        if before.topic in ("unfollow_case", "unfollow_all") and _ALL.search(heard.text.lower()):
            return CaseMemory("unfollow_all", before.number)
        pending = before.number if before.number and not before.number.complete else None
        number = case_number.complete(pending, heard.text, this_year) or number
        if not (number or topic):
            return _unanswered(heard, before)
    return _question(heard, before, topic or before.topic or "ask_hearing_schedule", number)


def _unanswered(heard: Heard, before: CaseMemory) -> CaseMemory | None:
    text = heard.text.lower()
    if _BY_NAME.search(text):
        return replace(before, asked=None, by_name=True)
    if heard.intent == "deny" or _WITHOUT_NUMBER.search(text):
        return CaseMemory("no_number", before.number)
    tried = heard.intent in ("out_of_scope", "nlu_fallback") and _PART_OF_A_NUMBER.search(text)
    return replace(before, asked=None) if heard.intent == "affirm" or tried else None


def _question(heard: Heard, before: CaseMemory, topic: str, number: CaseNumber | None) -> CaseMemory:
    text = heard.text.lower()
    if number:
        return CaseMemory(topic, number)
    if topic in TOPICS[:2] and any(service == "tilang" for service in heard.affirmed_services()):
        return CaseMemory("tilang", before.number)
    if topic == "unfollow_case" and _ALL.search(text):
        return CaseMemory("unfollow_all", before.number)
    if topic != "stop_messages" and _BY_NAME.search(text):
        return CaseMemory(topic, None, by_name=True)
    if topic == "unfollow_case" and not _THIS.search(text):
        return CaseMemory(topic, None)
    return CaseMemory(topic, before.number)


def _agreed(heard: Heard) -> bool | None:
    if heard.intent == "affirm" or _YES.match(heard.text.lower()):
        return True
    return False if heard.intent == "deny" else None

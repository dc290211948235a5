"""What a citizen's message means after what was said before: which topic, service and office it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from office.catalogue import Catalogue

SERVICE_TOPICS = (
    "ask_requirements",
    "ask_procedure",
    "ask_cost",
    "ask_duration",
    "ask_eligibility",
    "ask_service_info",
)
OFFICE_TOPICS = ("ask_services", "ask_hours", "ask_location", "ask_contact")
TOPICS = SERVICE_TOPICS + OFFICE_TOPICS
SAME_EVERYWHERE = ("ask_eligibility", "ask_service_info")
"""Topics that are answered without asking which office."""

_LEXICON = yaml.safe_load(
    (Path(__file__).resolve().parent.parent / "data" / "lexicon" / "steering.yml").read_text("utf-8")
)
FILLERS = frozenset(_LEXICON["fillers"])
NEGATIONS = frozenset(_LEXICON["negations"])


@dataclass(frozen=True)
class Mention:
    """A place in the text that names something; `start` and `end` are character offsets."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Heard:
    """A message as the understanding gives it."""

    text: str = ""
    intent: str = ""
    services: tuple[Mention, ...] = ()
    groups: tuple[Mention, ...] = ()
    agencies: tuple[Mention, ...] = ()
    case_numbers: tuple[Mention, ...] = ()

    def bare(self) -> bool:
        """Whether the message only names something and asks nothing by its own words."""
        text = self.text.lower()
        for mention in (*self.services, *self.groups, *self.agencies):
            text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
        return all(word in FILLERS for word in re.findall(r"[a-z]+", text))

    def affirmed_services(self) -> list[str]:
        """Ids of the services that are named and not denied ("bukan KK, tapi KTP")."""
        affirmed = [m.value for m in self.services if not self._denied(m)]
        return list(dict.fromkeys(affirmed))

    def _denied(self, mention: Mention) -> bool:
        """ "Bukan KK" denies it, "bukan, KK" means it."""
        before = re.search(r"([a-z]+)\s*$", self.text[: mention.start].lower())
        return before is not None and before[1] in NEGATIONS


@dataclass(frozen=True)
class Memory:
    """What the conversation has established so far (the dialogue's slots)."""

    topic: str | None = None
    service: str | None = None
    agency: str | None = None
    """The office that the citizen named or chose."""
    office: str | None = None
    """The office that was spoken of last."""
    asked: str | None = None
    """"service" or "agency" while that question is open."""
    candidates: tuple[str, ...] = ()
    """Ids among which the citizen was asked to choose."""
    resume: str | None = None
    """Topic of an open question that another question has interrupted."""


@dataclass(frozen=True)
class Understood:
    """The memory after a message, and what the message added."""

    memory: Memory
    services: list[str] = field(default_factory=list)
    """All services the answer is about (two in a comparison)."""
    learnt: bool = False
    """Whether the message said anything about the request."""


def understand(heard: Heard, memory: Memory, catalogue: Catalogue) -> Understood:
    """Interpret a message in its context; `memory.asked` of the result says what is still missing."""
    topic = _topic(heard, memory)
    services, candidates = _services(heard, memory, catalogue)
    agency = _agency(heard, memory, catalogue)
    learnt = bool(services or candidates or agency or (heard.intent in TOPICS and topic == heard.intent))
    interrupts = bool(memory.asked) and memory.topic in SERVICE_TOPICS and topic in OFFICE_TOPICS
    after = replace(
        memory,
        topic=topic,
        service=services[0] if services else None if candidates else memory.service,
        agency=memory.agency if interrupts else agency or memory.agency,
        office=agency or _office(services, memory, catalogue),
        candidates=tuple(candidates) or (() if services else memory.candidates),
        resume=memory.topic if interrupts else memory.resume,
        asked=None,
    )
    return Understood(_still_missing(after, bool(services), catalogue), services, learnt)


def _topic(heard: Heard, memory: Memory) -> str:
    if heard.intent in TOPICS and not (heard.bare() and memory.topic):
        return heard.intent if not heard.bare() or heard.intent in OFFICE_TOPICS else "ask_service_info"
    return memory.topic or "ask_service_info"


def _services(heard: Heard, memory: Memory, catalogue: Catalogue) -> tuple[list[str], list[str]]:
    """Services meant, or else the ids among which the citizen has to choose."""
    named = [s for s in heard.affirmed_services() if s in catalogue.services]
    if memory.asked == "service" and memory.candidates:
        chosen = _chosen(heard.text, memory.candidates, named, catalogue)
        if chosen:
            return [chosen], []
    if named:
        return named, []
    for mention in heard.groups:
        members = catalogue.members(mention.value)
        if memory.service in members:
            return [memory.service], []
        if members:
            return [], members
    return [], []


def _chosen(text: str, candidates: tuple[str, ...], named: list[str], catalogue: Catalogue) -> str | None:
    """The candidate that a reply points to, unless the reply says more words of another service that it names."""
    known = {s: service_words(catalogue, s) for s in (*candidates, *named) if s in catalogue.services}
    chosen = pick(text, {s: words for s, words in known.items() if s in candidates})
    said = set(re.findall(r"[a-z]+", text.lower()))
    others = [s for s in named if s not in candidates]
    if chosen and any(len(said & set(known[s])) > len(said & set(known[chosen])) for s in others):
        return None
    return chosen


def _agency(heard: Heard, memory: Memory, catalogue: Catalogue) -> str | None:
    for mention in heard.agencies:
        if mention.value in catalogue.agencies:
            return mention.value
    if memory.asked == "agency":
        choosable = [c for c in memory.candidates if c in catalogue.agencies] or catalogue.agencies
        return pick(heard.text, {a: agency_words(catalogue, a) for a in choosable})
    return None


def _office(services: list[str], memory: Memory, catalogue: Catalogue) -> str | None:
    """The office spoken of last, unless the service just named is another's."""
    if not services:
        return memory.office
    offices = catalogue.offices_of(services[0])
    return memory.office if memory.office in offices else offices[0] if len(offices) == 1 else None


def _still_missing(memory: Memory, newly_named: bool, catalogue: Catalogue) -> Memory:
    if memory.topic in OFFICE_TOPICS:
        if memory.topic == "ask_location" and memory.service and (newly_named or not memory.office):
            return memory
        return memory if memory.office else replace(memory, asked="agency")
    if memory.service is None:
        return replace(memory, asked="service")
    if memory.topic in SAME_EVERYWHERE:
        return memory
    offices = catalogue.offices_of(memory.service)
    if memory.agency in offices or len(offices) < 2:
        return memory
    return replace(memory, asked="agency", candidates=tuple(offices))


def office_for(service: str, memory: Memory, catalogue: Catalogue) -> str | None:
    """The office whose version of the service is to be shown; None where no office offers it."""
    offices = catalogue.offices_of(service)
    if memory.agency in offices:
        return memory.agency
    return offices[0] if len(offices) == 1 else None


def pick(text: str, words_of: dict[str, list[str]]) -> str | None:
    """The one candidate to which the words of the text point.

    A word counts the more, the fewer candidates have it and the earlier in a candidate's phrases it stands.
    """
    said = set(re.findall(r"[a-z]+", text.lower()))
    scores = dict.fromkeys(words_of, 0.0)
    for word in said:
        owners = [key for key, words in words_of.items() if word in words]
        for key in owners if len(owners) < len(words_of) else []:
            scores[key] += 1 / len(owners) + 1 / (1 + words_of[key].index(word))
    best = max(scores.values(), default=0.0)
    winners = [key for key, score in scores.items() if score == best]
    return winners[0] if best and len(winners) == 1 else None


def service_words(catalogue: Catalogue, service: str) -> list[str]:
    """Words of a service's name, then of its aliases, without fillers."""
    definition = catalogue.services[service]
    assert definition.name
    return _words(definition.name.id, definition.name.jv or "", *definition.aliases.id, *definition.aliases.jv)


def agency_words(catalogue: Catalogue, agency: str) -> list[str]:
    """Words of an office's name, then of its aliases, without fillers."""
    profile = catalogue.agencies[agency]
    return _words(profile.name.id, profile.short, *profile.aliases.id, *profile.aliases.jv)


def _words(*phrases: str) -> list[str]:
    found = dict.fromkeys(re.findall(r"[a-z]+", " ".join(phrases).lower()))
    return [word for word in found if word not in FILLERS]


def correction(heard: Heard, memory: Memory, catalogue: Catalogue) -> tuple[str | None, list[str]]:
    """What "bukan, yang hilang" points to: a service, or else the services to choose from."""
    named = [s for s in heard.affirmed_services() if s in catalogue.services and s != memory.service]
    if named:
        return named[-1], []
    if memory.service is None:
        return None, []
    group = catalogue.services[memory.service].group
    siblings = [s for s in (catalogue.members(group) if group else []) if s != memory.service]
    return pick(heard.text, {s: service_words(catalogue, s) for s in siblings}), siblings

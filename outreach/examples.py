"""Three things that one can ask at an office, chosen from what its catalogue answers today."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from office.catalogue import Catalogue
from outreach.texts import text

WANTED = 3
HEARING = "hearing"
"""The topic that is about somebody's case, not about the office."""


@dataclass(frozen=True)
class Example:
    """A question as a citizen may type it, in both languages."""

    topic: str
    """Key under `asks` in data/outreach.yml."""
    service: str | None
    title: str
    question: str
    question_jv: str


def examples(catalogue: Catalogue, agency: str, on: dt.date) -> list[Example]:
    """The first three of: hearing (courts), requirements, hours, procedure, cost, services, info.

    Requirements and explanations may be national ones; the rest is only offered where the office's own file knows it.
    Every example is about another service, as long as there are several.
    """
    chosen: list[Example] = []
    for topic, services in _answerable(catalogue, agency, on):
        used = {example.service for example in chosen}
        service = next((s for s in services if s not in used), services[0]) if services else None
        chosen.append(_example(catalogue, agency, topic, service, on))
    return chosen[:WANTED]


def _answerable(catalogue: Catalogue, agency: str, on: dt.date) -> Iterator[tuple[str, list[str]]]:
    profile, offered = catalogue.agencies[agency], catalogue.services_of(agency)

    def own(facet: str) -> list[str]:
        return [s for s in offered if catalogue.own_facts(agency, s, facet, on)]

    def known(facet: str) -> list[str]:
        return own(facet) or [s for s in offered if catalogue.answer(s, agency, facet, on).facts]

    if profile.kind == "court":
        yield HEARING, []
    if services := known("requirements"):
        yield "requirements", services
    if profile.hours and catalogue.source(agency, profile.hours.source).kind != "memory":
        yield "hours", []
    if services := own("steps"):
        yield "procedure", services
    if services := own("cost"):
        yield "cost", services
    if offered:
        yield "services", []
    if services := known("what"):
        yield "info", services


def _example(catalogue: Catalogue, agency: str, topic: str, service: str | None, on: dt.date) -> Example:
    profile = catalogue.agencies[agency]

    def question(language: str) -> str:
        shared = service is not None and len(catalogue.offices_of(service)) > 1
        said = text(
            f"asks.{topic}.example",
            language,
            service=_in_a_sentence(catalogue.name(service, language)) if service else "",
            at=text("asks.at", language, short=profile.short) if shared else "",
            office=profile.name.id,
            year=on.year,
        )
        return said[0].upper() + said[1:]

    return Example(topic, service, text(f"asks.{topic}.title"), question("id"), question("jv"))


def _in_a_sentence(name: str) -> str:
    """ "Gugatan perdata" -> "gugatan perdata"; "KK baru" and "Jaminan Hari Tua (JHT)" keep their capitals."""
    short = name.partition(" (")[0]
    return short[0].lower() + short[1:] if re.match(r"[A-Z][a-z]+\b(?! [A-Z][a-z])", short) else short

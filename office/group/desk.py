"""Who answers what: the group's scope, the people of an office, and when to expect them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import yaml

from office.answers import FACETS_OF, Answers
from office.catalogue import Catalogue, CatalogueStore
from office.context import Memory
from office.opening import opening
from office.parameters import Parameters
from office.wording import say
from settings import get_settings
from storage.group import members
from storage.group.members import GUIDE, OFFICER
from storage.group.questions import QuestionView

SCOPE = Path(__file__).resolve().parent.parent.parent / "data" / "group" / "scope.yml"
GUIDES, OFFICERS = "guides", "officers"
HELP = 550
"""Characters of the catalogue's answer that the group is shown beside a question."""


@lru_cache(maxsize=1)
def _scope() -> dict[str, list[str]]:
    scope: dict[str, list[str]] = yaml.safe_load(SCOPE.read_text(encoding="utf-8"))
    return scope


@lru_cache(maxsize=1)
def _store() -> CatalogueStore:
    return CatalogueStore()


@lru_cache(maxsize=1)
def _parameters() -> Parameters:
    return Parameters.load()


def catalogue() -> Catalogue:
    """The catalogue as it stands on disk now."""
    return _store().get()


def templates() -> bool:
    """Whether people can be written to who have been silent for 24 hours."""
    return bool(get_settings().twilio_reengage_template)


def audience(service: str | None, agency: str) -> str | None:
    """Who is asked about a service at an office: "guides" within their scope, else "officers"; None: nobody serves."""
    scope = _scope()
    in_scope = service in scope["services"] if service else catalogue().agencies[agency].kind in scope["kinds"]
    if in_scope and members.serving(agency, GUIDE):
        return GUIDES
    return OFFICERS if members.serving(agency, OFFICER) else None


def answers(language: str, moment: dt.datetime) -> Answers:
    """The composer of the catalogue's answers."""
    return Answers(catalogue(), _parameters(), language, moment)


def office_name(agency: str) -> str:
    return catalogue().agencies[agency].name.id


def people(audience_: str, agency: str, language: str) -> str:
    """How those who are asked are called: "para pemandu Kecamatan Mojosari"."""
    return say(f"group.people.{audience_}", language, office=office_name(agency))


def when(audience_: str, agency: str, language: str, moment: dt.datetime) -> str:
    """When to expect a person; "" where the office's hours are not known. `moment` in WIB."""
    hours = catalogue().agencies[agency].hours
    guides = say("group.guides_any_time", language) if audience_ == GUIDES else ""
    if hours is None:
        return guides
    state = opening(hours, moment, _parameters().holiday)
    if state.open:
        return say("group.open_now", language)
    if state.next_day is None or state.next_time is None:
        return guides
    day = say(f"days.{state.next_day}", language)
    told = say("group.opens", language, day=day, time=state.next_time.replace(":", "."))
    return f"{told} {guides}".strip()


def knowledge(question: QuestionView, moment: dt.datetime) -> str:
    """What the bot itself knows about a question's service, shortened: help for whoever answers; "" for nothing."""
    if question.service is None or question.service not in catalogue().services:
        return ""
    topic = next(iter(FACETS_OF))
    known = answers("id", moment).about_service(topic, question.service, Memory(agency=question.agency)).text
    return known if len(known) <= HELP else known[: known.rfind("\n", 0, HELP)].rstrip() + "\n…"

"""What "siap" and "sudah" of a person of the court mean: an answer to a call, word that a reminder has been done."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from office.court import calls, case_number
from office.opening import now
from office.wording import say
from storage.court import cases, reminders, staff
from storage.court.staff import StaffView

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "court" / "replies.yml"
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words | {"around": set(words["around"].split())}


def _said(text: str) -> set[str]:
    return set(_WORD.findall(case_number.without(text) if case_number.read(text) else text.casefold()))


def _has(words: set[str], kind: str) -> bool:
    return any(words & set(one) for one in _vocabulary()[kind].values())


def reply(conversation_id: int, text: str) -> str | None:
    """The answer to a short "siap" or "sudah" of a person who was called or reminded; None for all other messages.

    Only who speaks tells what such a word means, and the understanding doesn't know: a citizen's "sudah" is a goodbye.
    """
    words, known = _said(text), _vocabulary()
    ours = {language: {*known["ready"][language], *known["done"][language]} for language in ("id", "jv")}
    if "?" in text or not words & (ours["id"] | ours["jv"]) or words - ours["id"] - ours["jv"] - known["around"]:
        return None
    person = staff.of_conversation(conversation_id)
    return affirmed(person, text, "jv" if words & ours["jv"] else "id") if person else None


def _case(text: str, year: int) -> str | None:
    """The case number in a text, as SIPP writes it; None where there is none."""
    number = case_number.read(text, year)
    if number is None or not number.complete:
        return None
    case = cases.find(case_number.key(str(number)))
    return case.number if case else str(number)


def affirmed(person: StaffView, text: str, language: str) -> str | None:
    """Notes what a person has affirmed, and what to say to it; None where nothing of the kind was asked.

    A reminder isn't closed by it: the next synchronisation does that. With a case number it is about this case alone.
    """
    moment = now()
    said = [calls.acknowledged(person, moment, language)]
    if _has(_said(text), "done"):
        count = reminders.answer(person.id, moment, _case(text, moment.year))
        said.append(say("staff.answered", language, count=count) if count else None)
    return "\n\n".join(part for part in said if part) or None

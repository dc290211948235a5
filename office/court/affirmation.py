"""What "siap" and "sudah" of a person of the court mean: an answer to a call, word that a reminder has been done."""

from __future__ import annotations

import re

from office.court import calls
from office.opening import now
from office.wording import say
from storage.court import reminders
from storage.court.staff import StaffView

DONE = re.compile(
    r"\b(?:sudah|sdh|udah|udh|dah|wis|wes|uwis|uwes|sampun|mpun|selesai|rampung|beres|kelar)\b", re.IGNORECASE
)


def affirmed(person: StaffView, text: str, language: str) -> str | None:
    """Notes what a person has affirmed, and what to say to it; None where nothing of the kind was asked.

    A reminder isn't closed by it: the next synchronisation does that.
    """
    moment = now()
    said = [calls.acknowledged(person, moment, language)]
    if DONE.search(text) and (count := reminders.answer(person.id, moment)):
        said.append(say("staff.answered", language, count=count))
    return "\n\n".join(part for part in said if part) or None

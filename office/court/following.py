"""Following a case: asked for, agreed to word for word, ended at any time. Notices go to WhatsApp only."""

from __future__ import annotations

from typing import Literal

from office.court.notices import timetable
from office.opening import now
from office.wording import say
from settings import get_settings
from storage import conversations
from storage.court import cases, follows
from storage.court.cases import CaseView
from storage.tables import WHATSAPP

Outcome = Literal["followed", "already", "limit", "unknown", "not_whatsapp"]
"""limit: as many cases are followed as may be (`limit()`); unknown: the case is no longer there."""


def limit() -> int:
    """How many cases one citizen may follow."""
    return timetable(now().date()).follow_limit


def consent_question(case: CaseView, language: str) -> str:
    """What the citizen agrees to; hand the same text to `follow`."""
    times = timetable(now().date())
    return say(
        "notice.consent_closed" if case.closed else "notice.consent",
        language,
        number=case.number,
        eve=f"{times.eve_at:%H.%M}",
        morning=f"{times.morning_at:%H.%M}",
        days=get_settings().retention_days,
    )


def reachable(conversation_id: int) -> bool:
    """Whether this conversation can be told anything later: only on WhatsApp."""
    found = conversations.get(conversation_id)
    return found is not None and found.channel == WHATSAPP


def follow(conversation_id: int, case_id: int, language: str, consent: str) -> Outcome:
    """Has the citizen told of a case from now on. `language`: "id" or "jv"; `consent`: the question he agreed to."""
    if not reachable(conversation_id):
        return "not_whatsapp"
    return follows.start(conversation_id, case_id, language, consent, limit())


def unfollow(conversation_id: int, case_id: int | None = None) -> list[str]:
    """Ends following one case, or all; returns the numbers of the cases."""
    return follows.end(conversation_id, case_id)


def stop_all(conversation_id: int) -> int:
    """Ends following all cases; returns how many there were."""
    return len(follows.end(conversation_id))


def followed(conversation_id: int) -> list[CaseView]:
    """The cases that the citizen follows, the first one first."""
    return [case for case_id in follows.followed(conversation_id) if (case := cases.get(case_id))]

"""What the moderation decided about messages, and what officers made of it on appeal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from storage import messages
from storage.database import reading, writing
from storage.group import posts
from storage.group.members import OFFICER
from storage.group.tables import Decision, Member
from storage.tables import now

WARNED, MUTED, BLOCKED = "warned", "muted", "blocked"


@dataclass(frozen=True)
class Standing:
    """How somebody stands with the group after what was held back so far."""

    points: int
    muted_until: dt.datetime | None
    """Also set when it lies in the past."""
    blocked: bool


@dataclass(frozen=True)
class DecisionView:
    """A decision; `text` is what was held back, masked."""

    id: int
    conversation_id: int
    agency: str
    categories: str
    text: str
    verdict: str
    created_at: dt.datetime
    appealed_at: dt.datetime | None
    reviewed_at: dt.datetime | None
    lifted: bool


@dataclass(frozen=True)
class NewDecision:
    """What was held back, and what follows."""

    conversation_id: int
    question_id: int | None
    agency: str
    language: str
    inbound_id: int
    categories: str
    text: str
    points: int
    verdict: str
    reply: str
    muted_until: dt.datetime | None


def _view(row: Decision) -> DecisionView:
    return DecisionView(
        id=row.id,
        conversation_id=row.conversation_id,
        agency=row.agency,
        categories=row.categories,
        text=row.text,
        verdict=row.verdict,
        created_at=row.created_at,
        appealed_at=row.appealed_at,
        reviewed_at=row.reviewed_at,
        lifted=row.lifted,
    )


def standing(conversation_id: int) -> Standing:
    """How a conversation stands; decisions that were lifted count no more."""
    with reading() as session:
        mine = select(Decision).where(Decision.conversation_id == conversation_id, Decision.lifted.is_(False))
        rows = session.scalars(mine).all()
        return Standing(
            sum(row.points for row in rows),
            max((row.muted_until for row in rows if row.muted_until), default=None),
            any(row.verdict == BLOCKED for row in rows),
        )


def record(decision: NewDecision) -> None:
    """Keeps a decision, once for a message."""
    with writing() as session:
        if session.scalar(select(Decision.id).filter_by(inbound_id=decision.inbound_id)) is None:
            session.add(Decision(**decision.__dict__))


def reply_to(inbound_id: int) -> str | None:
    """What the writer of a message was told when it was held back before."""
    with reading() as session:
        return session.scalar(select(Decision.reply).filter_by(inbound_id=inbound_id))


def get(decision_id: int) -> DecisionView | None:
    with reading() as session:
        row = session.get(Decision, decision_id)
        return _view(row) if row else None


def newest_of(conversation_id: int) -> DecisionView | None:
    """The newest decision about somebody that no officer has looked at yet."""
    with reading() as session:
        mine = select(Decision).where(
            Decision.conversation_id == conversation_id, Decision.lifted.is_(False), Decision.reviewed_at.is_(None)
        )
        row = session.scalars(mine.order_by(Decision.id.desc()).limit(1)).one_or_none()
        return _view(row) if row else None


def appeal(decision_id: int, told: str, *, templates: bool) -> int:
    """Asks the office's officers to look at a decision, once; how many of them are told."""
    with writing() as session:
        row = session.get_one(Decision, decision_id, with_for_update=True)
        officers = select(Member).filter_by(agency=row.agency, role=OFFICER, state="active")
        if row.appealed_at is not None:
            return len(session.scalars(officers).all())
        heard = posts.spread(session, session.scalars(officers), told, None, templates=templates)
        row.appealed_at = now() if heard else None
        return heard


def review(decision_id: int, agency: str, by: int, told: Callable[[str], str], *, lift: bool) -> DecisionView | None:
    """An officer's word: a decision is lifted at any time, upheld on appeal. None where neither can be.

    `told` makes of the writer's language what the writer is told.
    """
    with writing() as session:
        row = session.get(Decision, decision_id, with_for_update=True)
        if row is None or row.agency != agency or row.lifted:
            return None
        if not lift and (row.appealed_at is None or row.reviewed_at is not None):
            return None
        row.reviewed_at, row.reviewed_by, row.lifted = now(), by, lift
        messages.put(session, row.conversation_id, told(row.language))
        return _view(row)


def newest(limit: int) -> list[DecisionView]:
    """The newest decisions first."""
    with reading() as session:
        return [_view(row) for row in session.scalars(select(Decision).order_by(Decision.id.desc()).limit(limit))]

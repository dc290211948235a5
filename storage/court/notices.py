"""Notices to those who follow a case: planned once, then sent or dropped in one transaction with the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage import messages
from storage.court.tables import Case, Event, Follow, Hearing, Notice
from storage.database import reading, writing
from storage.outbox import DEAD
from storage.tables import Conversation, Outbox, now

SEEN_LATELY = dt.timedelta(minutes=10)
"""Who began to follow so long after a change was found is told of it all the same: the answer may have been older."""

Stand = Mapping[str, Any]
"""How a hearing stands: {"day": "2026-11-23", "starts": "09:00" | None, "room", "agenda", "adjourned": bool,
"adjourned_because"}; of an event, the part that the synchronisation noted."""


@dataclass(frozen=True)
class Waiting:
    """A notice that is due. `before` and `after` are the event's, empty for reminders."""

    id: int
    kind: str
    hearing_id: int | None
    before: Stand
    after: Stand


@dataclass(frozen=True)
class Told:
    """What a follower was told of a hearing last."""

    stand: Stand
    at: dt.datetime


@dataclass(frozen=True)
class Dossier:
    """All that decides on one follower's notices of one case."""

    follow_id: int
    language: str
    since: dt.datetime
    """When the citizen consented."""
    reachable: bool
    """False when the provider said that the citizen can't or won't receive, and he hasn't written since."""
    number: str
    closed: bool
    decided: bool
    waiting: list[Waiting]
    """In the order of their events."""
    hearings: dict[int, Stand]
    """Those of `waiting` that SIPP still has."""
    told: dict[int, Told]
    """By hearing, since the consent."""


def plan_changes(due_at: dt.datetime, limit: int = 200) -> int:
    """Makes a notice of each of the oldest unsettled events for each follower; returns how many events."""
    with writing() as session:
        unsettled = select(Event).where(Event.settled_at.is_(None)).order_by(Event.id).limit(limit)
        events = session.scalars(unsettled.with_for_update()).all()
        for event in events:
            live = (Follow.case_id == event.case_id) & Follow.ended_at.is_(None)
            told = Follow.consented_at <= event.detected_at + SEEN_LATELY
            values = (event.kind, event.hearing_id, event.id, due_at, now())
            columns = (Notice.kind, Notice.hearing_id, Notice.event_id, Notice.due_at, Notice.created_at)
            rows = [literal(value, column.type) for value, column in zip(values, columns, strict=True)]
            _insert_missing(session, select(Follow.id, literal(f"event:{event.id}"), *rows).where(live, told))
            event.settled_at = now()
        return len(events)


def plan_reminders(kind: str, day: dt.date, due_at: dt.datetime) -> None:
    """Makes a notice of each hearing on `day` for each follower of its case, once for a day, time and room.

    Not once for a hearing: SIPP may give the same one another id.
    """
    when = literal(f"{kind}:{day.isoformat()}:") + func.coalesce(Hearing.starts, "")
    key = when + ":" + func.coalesce(Hearing.room, "")
    values = (literal(due_at, Notice.due_at.type), literal(now(), Notice.created_at.type))
    wanted = (
        select(Follow.id, key, literal(kind), Hearing.id, literal(None, Notice.event_id.type), *values)
        .join(Case, Case.id == Follow.case_id)
        .join(Hearing, Hearing.case_id == Case.id)
        .where(Follow.ended_at.is_(None), Hearing.day == day, Hearing.removed_at.is_(None), ~Hearing.adjourned)
        .where(or_(Case.decided_on.is_(None), Case.decided_on >= Hearing.day))
        .where(~select(Notice.id).where(Notice.follow_id == Follow.id, Notice.key == key).exists())
    )
    with writing() as session:
        _insert_missing(session, wanted)


def _insert_missing(session: Session, rows: Any) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    columns = ["follow_id", "key", "kind", "hearing_id", "event_id", "due_at", "created_at"]
    session.execute(dialect.insert(Notice).from_select(columns, rows).on_conflict_do_nothing())


def due(moment: dt.datetime, limit: int) -> list[int]:
    """Ids of follows with a notice that is due, the longest waiting first."""
    with reading() as session:
        waiting = select(Notice.follow_id).where(Notice.settled_at.is_(None), Notice.due_at <= moment)
        return list(session.scalars(waiting.group_by(Notice.follow_id).order_by(func.min(Notice.id)).limit(limit)))


def dossier(follow_id: int, moment: dt.datetime, refusals: frozenset[int]) -> Dossier | None:
    """What is due to a follower; `refusals` are the provider's codes for one who can't or won't receive.

    None where nothing is due, or where the follow is gone.
    """
    with reading() as session:
        found = session.execute(
            select(Follow, Case, Conversation)
            .join(Case, Case.id == Follow.case_id)
            .join(Conversation, Conversation.id == Follow.conversation_id)
            .where(Follow.id == follow_id)
        ).one_or_none()
        waiting = _waiting(session, follow_id, moment)
        if found is None or not waiting:
            return None
        follow, case, conversation = found
        refused = (
            (Outbox.conversation_id == conversation.id) & Outbox.status.in_(DEAD) & Outbox.error_code.in_(refusals)
        )
        if conversation.last_inbound_at is not None:
            refused &= Outbox.created_at > conversation.last_inbound_at
        hearing_ids = {notice.hearing_id for notice in waiting if notice.hearing_id is not None}
        return Dossier(
            follow_id=follow_id,
            language=follow.language,
            since=follow.consented_at,
            reachable=session.scalar(select(Outbox.id).where(refused).limit(1)) is None,
            number=case.number,
            closed=case.closed,
            decided=case.decided_on is not None,
            waiting=waiting,
            hearings=_stands(session, hearing_ids),
            told=_told(session, follow, hearing_ids),
        )


def _waiting(session: Session, follow_id: int, moment: dt.datetime) -> list[Waiting]:
    statement = (
        select(Notice, Event)
        .outerjoin(Event, Event.id == Notice.event_id)
        .where(Notice.follow_id == follow_id, Notice.settled_at.is_(None), Notice.due_at <= moment)
    )
    rows = sorted(session.execute(statement).all(), key=lambda row: (row[0].event_id or 0, row[0].id))
    return [
        Waiting(n.id, n.kind, n.hearing_id, event.before if event else {}, event.after if event else {})
        for n, event in rows
    ]


def _stands(session: Session, hearing_ids: set[int]) -> dict[int, Stand]:
    rows = session.scalars(select(Hearing).where(Hearing.id.in_(hearing_ids), Hearing.removed_at.is_(None)))
    return {
        row.id: {
            "day": row.day.isoformat(),
            "starts": row.starts,
            "room": row.room,
            "agenda": row.agenda,
            "adjourned": row.adjourned,
            "adjourned_because": row.adjourned_because,
        }
        for row in rows
    }


def _told(session: Session, follow: Follow, hearing_ids: set[int]) -> dict[int, Told]:
    since = (Notice.settled_at >= follow.consented_at) & (Notice.outcome == "sent")
    mine = select(Notice).where(Notice.follow_id == follow.id, Notice.hearing_id.in_(hearing_ids), since)
    found: dict[int, Told] = {}
    for row in session.scalars(mine.order_by(Notice.settled_at, Notice.id)):
        if row.hearing_id is not None and row.settled_at is not None:
            found[row.hearing_id] = Told(row.told or {}, row.settled_at)
    return found


def settle(
    follow_id: int, outcomes: Mapping[int, str], told: Mapping[int, Stand], text: str, moment: dt.datetime
) -> int | None:
    """Ends notices ({id: outcome}) at `moment` and puts what is said of them into the outbox, both or neither.

    `told` has the stand of a hearing for notices that told one; without `text` nothing is said. Returns the outbox id.
    Nothing is written when another worker has ended one of them.
    """
    with writing() as session:
        follow = session.get(Follow, follow_id, with_for_update=True)
        mine = select(Notice).where(Notice.id.in_(list(outcomes)), Notice.settled_at.is_(None))
        notices = session.scalars(mine.with_for_update()).all()
        if follow is None or len(notices) < len(outcomes):
            return None
        live = follow.ended_at is None
        outbox_id = messages.put(session, follow.conversation_id, text) if text and live else None
        for notice in notices:
            notice.outcome, notice.settled_at = outcomes[notice.id] if live else "unfollowed", moment
            notice.told = dict(told[notice.id]) if notice.id in told and live else None
            notice.outbox_id = outbox_id if notice.outcome == "sent" else None
        return outbox_id

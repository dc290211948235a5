"""Calls to the courtroom: who is called, by which message, and who has acknowledged it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import messages
from storage.conversations import conversation_with
from storage.court.staff import StaffView, view
from storage.court.tables import Call, CallStep, Staff
from storage.database import reading, writing
from storage.outbox import DEAD
from storage.tables import Outbox


@dataclass(frozen=True)
class CallView:
    """A call of one person. `step`: 0 the person's number, 1 the second number, 2 the clerks of the case."""

    id: int
    called: StaffView
    case_id: int | None
    number: str
    room: str
    at: dt.datetime
    step: int
    next_step_at: dt.datetime | None
    created_at: dt.datetime
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None
    """Name of who acknowledged it."""
    closed_at: dt.datetime | None
    delivery: str | None
    """How the newest message of the call stands at the provider: created, sent, delivered, read, failed ..."""


@dataclass(frozen=True)
class Message:
    """What one person is sent at one step. `phone` is personal: never log it."""

    staff_id: int
    phone: str
    text: str


def begin(
    called: StaffView, case_id: int | None, number: str, room: str, at: dt.datetime, text: str, next_at: dt.datetime
) -> int:
    """Records a call and puts its first message into the outbox, both or neither; returns the outbox id."""
    with writing() as session:
        call = Call(staff_id=called.id, case_id=case_id, number=number, room=room, at=at, next_step_at=next_at)
        session.add(call)
        session.flush()
        return _send(session, call, Message(called.id, called.phone, text))


def proceed(
    call: CallView, step: int, sent: Sequence[Message], next_at: dt.datetime | None, moment: dt.datetime
) -> list[int]:
    """Takes a call from the step it was seen at to `step`, with its messages; without `next_at` it ends unanswered.

    Returns the outbox ids; empty where it was acknowledged or taken further in the meantime.
    """
    with writing() as session:
        row = session.get(Call, call.id, with_for_update=True)
        if row is None or row.closed_at is not None or row.step != call.step:
            return []
        row.step, row.next_step_at = step, next_at
        row.closed_at = moment if next_at is None else None
        return [_send(session, row, message) for message in sent]


def _send(session: Session, call: Call, message: Message) -> int:
    outbox_id = messages.put(session, conversation_with(session, message.phone), message.text)
    session.add(CallStep(call_id=call.id, step=call.step, staff_id=message.staff_id, outbox_id=outbox_id))
    return outbox_id


def acknowledge(staff_id: int, moment: dt.datetime) -> list[CallView]:
    """Ends all open calls of which this person has been told; returns them."""
    with writing() as session:
        told = select(CallStep.call_id).filter_by(staff_id=staff_id)
        rows = session.scalars(
            select(Call).where(Call.id.in_(told), Call.closed_at.is_(None)).order_by(Call.id).with_for_update()
        ).all()
        for row in rows:
            row.acknowledged_at = row.closed_at = moment
            row.acknowledged_by, row.next_step_at = staff_id, None
        session.flush()
        return [_view(session, row) for row in rows]


def due(moment: dt.datetime) -> list[CallView]:
    """Open calls whose patience has ended, or whose newest message could not be delivered."""
    with reading() as session:
        rows = session.scalars(select(Call).where(Call.closed_at.is_(None)).order_by(Call.id)).all()
        calls = [_view(session, row) for row in rows]
        return [c for c in calls if c.delivery in DEAD or (c.next_step_at is not None and c.next_step_at <= moment)]


def newest(limit: int) -> list[CallView]:
    """The newest calls, open and closed, the newest first."""
    with reading() as session:
        rows = session.scalars(select(Call).order_by(Call.id.desc()).limit(limit)).all()
        return [_view(session, row) for row in rows]


def of_case_open(staff_id: int, number: str) -> bool:
    """Whether this person is being called to this case already."""
    with reading() as session:
        same = select(Call.id).where(Call.staff_id == staff_id, Call.number == number, Call.closed_at.is_(None))
        return session.scalar(same.limit(1)) is not None


def _view(session: Session, row: Call) -> CallView:
    statuses = select(Outbox.status).join(CallStep, CallStep.outbox_id == Outbox.id).where(CallStep.call_id == row.id)
    by = session.get(Staff, row.acknowledged_by) if row.acknowledged_by else None
    return CallView(
        id=row.id,
        called=view(session.get_one(Staff, row.staff_id)),
        case_id=row.case_id,
        number=row.number,
        room=row.room,
        at=row.at,
        step=row.step,
        next_step_at=row.next_step_at,
        created_at=row.created_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=by.name if by else None,
        closed_at=row.closed_at,
        delivery=session.scalar(statuses.order_by(CallStep.id.desc()).limit(1)),
    )

"""What people were reminded of, and what their superiors were told: written together with the message that says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage import messages
from storage.conversations import conversation_with
from storage.court.tables import Reminder, Staff
from storage.database import reading, writing

Key = tuple[str, str, dt.date]
"""(check, subject, since): tells one reminder of a person from another."""


@dataclass(frozen=True)
class ReminderView:
    """A reminder of somebody that is open; the fields are the columns of `storage.court.tables.Reminder`."""

    id: int
    staff_id: int
    check: str
    subject: str
    since: dt.date
    first_sent_at: dt.datetime | None
    answered_at: dt.datetime | None
    escalated_at: dt.datetime | None


def refresh(staff_id: int, found: Iterable[Key], moment: dt.datetime) -> None:
    """Opens reminders of what is undone now, and closes those of what is not any more."""
    wanted = set(found)
    with writing() as session:
        if session.get(Staff, staff_id, with_for_update=True) is None:
            return
        for row in session.scalars(select(Reminder).filter_by(staff_id=staff_id)):
            key = (row.check, row.subject, row.since)
            if key not in wanted:
                row.closed_at = row.closed_at or moment
            elif row.closed_at is not None:  # it came back: its time begins anew
                row.closed_at = row.first_sent_at = row.last_sent_at = row.answered_at = row.escalated_at = None
            wanted.discard(key)
        session.add_all(Reminder(staff_id=staff_id, check=c, subject=s, since=d) for c, s, d in sorted(wanted))


def tell(
    staff_id: int, day: dt.date, text: str, escalations: Sequence[int], escalation: str, moment: dt.datetime
) -> list[int]:
    """The digest of a day: messages into the outbox, reminders noted as sent, all or nothing; returns the outbox ids.

    `text` tells of all open reminders of the person, `escalation` of these reminders of others; "" says nothing.
    Empty when the person's digest of that day has already been made, by whomever.
    """
    with writing() as session:
        person = session.get(Staff, staff_id, with_for_update=True)
        if person is None or not person.active or (person.digest_on is not None and person.digest_on >= day):
            return []
        person.digest_on = day
        if text:
            own = update(Reminder).where(Reminder.staff_id == staff_id, Reminder.closed_at.is_(None))
            session.execute(own.where(Reminder.first_sent_at.is_(None)).values(first_sent_at=moment))
            session.execute(own.values(last_sent_at=moment))
        if escalation:
            session.execute(update(Reminder).where(Reminder.id.in_(escalations)).values(escalated_at=moment))
        return [_put(session, person, words) for words in (text, escalation) if words]


def _put(session: Session, person: Staff, text: str) -> int:
    return messages.put(session, conversation_with(session, person.phone), text)


def open_of(staff_id: int) -> list[ReminderView]:
    """A person's open reminders."""
    with reading() as session:
        return [_view(row) for row in session.scalars(select(Reminder).filter_by(staff_id=staff_id, closed_at=None))]


def to_escalate(superior_id: int, first_before: dt.datetime, last_before: dt.datetime) -> list[ReminderView]:
    """Open reminders of active subordinates first sent before a moment, of which the superior has not heard since
    another; what he has never heard of comes first."""
    with reading() as session:
        statement = (
            select(Reminder)
            .join(Staff, Staff.id == Reminder.staff_id)
            .where(Staff.superior_id == superior_id, Staff.active, Reminder.closed_at.is_(None))
            .where(Reminder.first_sent_at < first_before)
            .where(or_(Reminder.escalated_at.is_(None), Reminder.escalated_at < last_before))
            .order_by(Reminder.escalated_at.is_not(None), Reminder.since, Reminder.id)
        )
        return [_view(row) for row in session.scalars(statement)]


def answer(staff_id: int, moment: dt.datetime, subject: str | None = None) -> int:
    """Notes that the person calls done what was sent, or of it what concerns one case or letter; closes nothing.

    Returns how many reminders that is.
    """
    with writing() as session:
        sent = (Reminder.closed_at.is_(None), Reminder.last_sent_at.is_not(None))
        mine = select(Reminder).filter_by(staff_id=staff_id, **({"subject": subject} if subject else {}))
        rows = session.scalars(mine.where(*sent)).all()
        for row in rows:
            row.answered_at = moment
        return len(rows)


def _view(row: Reminder) -> ReminderView:
    return ReminderView(
        id=row.id,
        staff_id=row.staff_id,
        check=row.check,
        subject=row.subject,
        since=row.since,
        first_sent_at=row.first_sent_at,
        answered_at=row.answered_at,
        escalated_at=row.escalated_at,
    )

"""Delivery statuses: callbacks come late, twice and out of order; all are kept, the first final one counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.database import writing
from storage.tables import Outbox, StatusEvent, now

# Where a provider's word leads; words that say nothing new (queued, accepted, sending, ...) are only logged.
MEANING = {
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "canceled": "failed",
    "undelivered": "undelivered",
}
# What may still follow on a status. A read receipt refines a delivery; nothing else follows on an end.
FOLLOWING = {
    "sending": {"sent", "delivered", "read", "failed", "undelivered"},
    "sent": {"delivered", "read", "failed", "undelivered"},
    "delivered": {"read"},
}


@dataclass(frozen=True)
class Standing:
    """Where a message stands after a callback; `changed` is False when the callback was only logged."""

    outbox_id: int
    status: str
    error_code: int | None
    attempts: int
    changed: bool


def mark_sent(outbox_id: int, provider_id: str) -> Standing:
    """The provider has the message; callbacks that were faster than its answer are applied."""
    with writing() as session:
        _one_at_a_time(session, provider_id)
        row = session.get_one(Outbox, outbox_id)
        row.status, row.provider_id, row.sent_at = "sent", provider_id, now()
        row.next_attempt_at = row.error_code = row.error = None
        early = select(StatusEvent).filter_by(provider_id=provider_id).order_by(StatusEvent.id)
        for callback in session.scalars(early).all():
            callback.outbox_id = outbox_id
            _apply(row, callback.status, callback.error_code)
        return Standing(row.id, row.status, row.error_code, row.attempts, changed=True)


def record(provider_id: str, status: str, error_code: int | None = None) -> Standing | None:
    """Logs a callback and applies it; None where the message is not (or not yet) known."""
    with writing() as session:
        _one_at_a_time(session, provider_id)
        row = session.scalars(select(Outbox).filter_by(provider_id=provider_id).limit(1)).one_or_none()
        outbox_id = row.id if row else None
        session.add(StatusEvent(provider_id=provider_id, outbox_id=outbox_id, status=status, error_code=error_code))
        if row is None:
            return None
        changed = _apply(row, status, error_code)
        return Standing(row.id, row.status, row.error_code, row.attempts, changed)


def _one_at_a_time(session: Session, provider_id: str) -> None:
    # A callback may arrive while the provider's answer is being stored; they must not both miss each other.
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(provider_id))))


def _apply(row: Outbox, status: str, error_code: int | None) -> bool:
    meaning = MEANING.get(status)
    if meaning is None or meaning not in FOLLOWING.get(row.status, ()):
        return False
    row.status = meaning
    if meaning != "sent":
        row.finished_at = now()
    if error_code is not None:
        row.error_code = error_code
    return True


def requeue(outbox_id: int, pause: float) -> None:
    """The message is to be sent anew in `pause` seconds; the provider's id of the failed try is let go."""
    with writing() as session:
        later = now() + dt.timedelta(seconds=pause)
        values = {"status": "created", "next_attempt_at": later, "provider_id": None, "first_attempt_at": None}
        session.execute(update(Outbox).filter_by(id=outbox_id).values(**values, finished_at=None))

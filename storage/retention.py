"""Retention: what is old enough is deleted, in small bites so that nobody waits behind it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, exists, or_, select

from storage.database import writing
from storage.tables import Conversation, Inbound, Outbox, StatusEvent

BITE = 500


def delete_before(moment: dt.datetime) -> int:
    """Deletes messages, their statuses and empty conversations from before `moment`; returns how many messages."""
    deleted = 0
    for table, age in (
        (StatusEvent, StatusEvent.received_at),
        (Outbox, Outbox.created_at),
        (Inbound, Inbound.received_at),
    ):
        while True:
            with writing() as session:
                ids = list(session.scalars(select(table.id).where(age < moment).limit(BITE)))
                session.execute(delete(table).where(table.id.in_(ids)))
            deleted += len(ids) if table is not StatusEvent else 0
            if len(ids) < BITE:
                break
    with writing() as session:
        old = or_(Conversation.last_inbound_at < moment, Conversation.last_inbound_at.is_(None))
        kept = exists().where(Inbound.conversation_id == Conversation.id)
        owed = exists().where(Outbox.conversation_id == Conversation.id)
        session.execute(delete(Conversation).where(old, Conversation.created_at < moment, ~kept, ~owed))
    return deleted

"""Conversations: one citizen on one channel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import WHATSAPP, Conversation, now


@dataclass(frozen=True)
class ConversationView:
    """A conversation as others see it; `address` is personal: never log it."""

    id: int
    channel: str
    address: str
    last_inbound_at: dt.datetime | None


def insert_once(session: Session, table: type, **values: Any) -> int | None:
    """Inserts a row unless a unique constraint already holds one like it; returns its id, or None then.

    Both databases know ON CONFLICT DO NOTHING; it makes two simultaneous webhooks agree without an exception.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(table.id)  # type: ignore[attr-defined]
    return session.execute(statement).scalar_one_or_none()


def touch(session: Session, channel: str, address: str, source: str | None) -> int:
    """The id of the conversation, made if it is new; its last inbound message is now."""
    insert_once(session, Conversation, channel=channel, address=address, created_at=now(), source=source)
    found = session.scalars(select(Conversation).filter_by(channel=channel, address=address)).one()
    found.last_inbound_at = now()
    session.flush()  # locks the row, so that within a conversation ids rise in the order of the commits
    return found.id


def conversation_with(session: Session, phone: str) -> int:
    """The id of the conversation with a number on WhatsApp, made if there is none: we write first."""
    insert_once(session, Conversation, channel=WHATSAPP, address=phone, created_at=now())
    return session.scalars(select(Conversation.id).filter_by(channel=WHATSAPP, address=phone)).one()


def get(conversation_id: int) -> ConversationView | None:
    """The conversation, or None where retention has removed it."""
    with reading() as session:
        found = session.get(Conversation, conversation_id)
        if found is None:
            return None
        return ConversationView(found.id, found.channel, found.address, found.last_inbound_at)


def find(channel: str, address: str) -> int | None:
    """The id of a citizen's conversation, or None where there is none yet."""
    with reading() as session:
        return session.scalar(select(Conversation.id).filter_by(channel=channel, address=address))

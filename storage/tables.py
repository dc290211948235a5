"""The tables. Times are UTC; ids never come back after a deletion, because the engine's trackers refer to them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, Text, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WHATSAPP = "whatsapp"
"""The channel whose provider proves who writes, and to which messages are delivered; the others fetch theirs."""
STATUSES = ("created", "sending", "sent", "delivered", "read", "failed", "undelivered", "dead")


def now() -> dt.datetime:
    """This moment in UTC."""
    return dt.datetime.now(dt.UTC)


class Moment(TypeDecorator[dt.datetime]):
    """A point in time with its zone; SQLite keeps none, so UTC is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: object) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: object) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, dt.datetime: Moment, dict[str, Any]: JSON, list[dict[str, str]]: JSON}


class Conversation(Base):
    """One citizen on one channel."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("channel", "address"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    last_inbound_at: Mapped[dt.datetime | None]
    source: Mapped[str | None]
    """How the citizen came here, e.g. the label of a poster's QR code."""


class Inbound(Base):
    """What a citizen sent, masked; unhandled until its answer is stored."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index("ix_inbound_waiting", "handled_at", "conversation_id", "id"),
        Index("ix_inbound_conversation_id", "conversation_id", "id"),
        Index("ix_inbound_received_at", "received_at"),
        Index("ix_inbound_channel", "channel", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    channel: Mapped[str]
    provider_id: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    details: Mapped[dict[str, Any]]
    received_at: Mapped[dt.datetime] = mapped_column(default=now)
    handled_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]


_OPEN = text("status IN ('created', 'sending')")


class Outbox(Base):
    """What a citizen is to receive; `sending` means that the provider may or may not have it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_conversation_id", "conversation_id", "id"),
        Index("ix_outbox_inbound_id", "inbound_id"),
        Index("ix_outbox_status", "status", "next_attempt_at"),
        Index("ix_outbox_open", "conversation_id", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_outbox_provider_id", "provider_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[str]
    buttons: Mapped[list[dict[str, str]]]
    status: Mapped[str] = mapped_column(default="created")
    provider_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[dt.datetime | None]
    error_code: Mapped[int | None]
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    first_attempt_at: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class StatusEvent(Base):
    """Every status callback as it came, also those that changed nothing."""

    __tablename__ = "status_events"
    __table_args__ = (
        Index("ix_status_events_provider_id", "provider_id"),
        Index("ix_status_events_outbox_id", "outbox_id"),
        Index("ix_status_events_received_at", "received_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"))
    status: Mapped[str]
    error_code: Mapped[int | None]
    received_at: Mapped[dt.datetime] = mapped_column(default=now)

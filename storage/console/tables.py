"""The console's tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, now


class Account(Base):
    """One person of the office who may open the console."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("username"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    """The newest time step whose code was accepted: a code works once."""
    session_key: Mapped[str]
    """Part of every session; another one ends them all."""
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    last_login_at: Mapped[dt.datetime | None]


class AuditLine(Base):
    """A change, or a look at what citizens wrote: who, when, what."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_who", "who", "id"),
        Index("ix_audit_action", "action", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=now)
    who: Mapped[str]
    """The account's user name; it outlives the account."""
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Understanding(Base):
    """What the model understood of a message, as the engine's memory tells."""

    __tablename__ = "understandings"
    __table_args__ = (
        Index("ix_understandings_intent", "intent", "inbound_id"),
        Index("ix_understandings_service", "service", "inbound_id"),
        Index("ix_understandings_language", "language", "inbound_id"),
        Index("ix_understandings_confidence_band", "confidence_band", "inbound_id"),
        Index("ix_understandings_fallback", "fallback", "inbound_id"),
        Index("ix_understandings_rejected", "rejected", "inbound_id"),
        Index("ix_understandings_item_id", "item_id"),
    )

    inbound_id: Mapped[int] = mapped_column(
        ForeignKey("inbound.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    intent: Mapped[str]
    confidence: Mapped[float]
    confidence_band: Mapped[str]
    """low, middle or high: filtered by equality, so that pages stay in the order of an index."""
    runner_up: Mapped[str | None]
    margin: Mapped[float | None]
    """By how much the intent was ahead of the runner-up."""
    language: Mapped[str | None]
    service: Mapped[str | None]
    agency: Mapped[str | None]
    entities: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    fallback: Mapped[bool]
    """It was not understood, or is no matter of the offices."""
    rejected: Mapped[bool] = mapped_column(default=False)
    """The citizen said that the answer was wrong."""
    model: Mapped[str | None]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("review_items.id", ondelete="SET NULL"))
    """The item in the inbox that this message is part of."""


class HarvestMark(Base):
    """How far the engine's memory has been read; one row."""

    __tablename__ = "harvest_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int]


class ReviewItem(Base):
    """A text that is worth a person's minute; one row for all messages that say the same."""

    __tablename__ = "review_items"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_review_items_state", "state", "priority", "id"),
        Index("ix_review_items_group_key", "group_key"),
        Index("ix_review_items_inbound_id", "inbound_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"))
    """The newest message that says it."""
    text: Mapped[str]
    key: Mapped[str]
    """The text without case, blanks and signs: equal for messages that say the same."""
    group_key: Mapped[str]
    """The key of the first of its near-duplicates."""
    language: Mapped[str | None]
    intent: Mapped[str]
    confidence: Mapped[float]
    entities: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """As the model found them: [{"entity", "value", "start", "end"}]."""
    guesses: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """The model's most likely intents, the likeliest first."""
    other_intent: Mapped[str | None]
    """What another model says, where it says something else."""
    reason: Mapped[str]
    priority: Mapped[int]
    """Small numbers come first."""
    state: Mapped[str] = mapped_column(default="open")
    """open, second (waits for another annotator), disputed (two disagree), done, skipped or flagged."""
    twice: Mapped[bool] = mapped_column(default=False)
    """Of the sample that two people label."""
    seen: Mapped[int] = mapped_column(default=1)
    final_intent: Mapped[str | None]
    final_entities: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    seen_at: Mapped[dt.datetime] = mapped_column(default=now)
    note: Mapped[str | None]
    """Why it was flagged."""
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    """Who brought it into its state."""
    exported_at: Mapped[dt.datetime | None]


class Label(Base):
    """What one annotator says of an item."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("item_id", "account_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    intent: Mapped[str]
    entities: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class ReviewStep(Base):
    """A step of an annotator that can be undone: how the items stood before."""

    __tablename__ = "review_steps"
    __table_args__ = (Index("ix_review_steps_account_id", "account_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class CatalogueChange(Base):
    """An edit of one fact of the catalogue; the files hold what is published, this holds who, when and why."""

    __tablename__ = "catalogue_changes"
    __table_args__ = (
        Index("ix_catalogue_changes_agency", "agency", "service", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str]
    service: Mapped[str]
    fact: Mapped[str]
    state: Mapped[str]
    """draft, published, withdrawn or discarded."""
    wording: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The fact as the form gave it."""
    effective_on: Mapped[dt.date] = mapped_column(Date)
    why: Mapped[str]
    drafted_by: Mapped[str]
    drafted_at: Mapped[dt.datetime] = mapped_column(default=now)
    published_by: Mapped[str | None]
    published_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[dt.datetime | None]
    file_before: Mapped[str | None]
    """The office's file as it was before publishing; withdrawing puts it back as long as nothing has changed since."""
    file_after: Mapped[str | None]

"""The group's tables. Texts are masked before they come here; moments are UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, now

AUTOINCREMENT: dict[str, Any] = {"sqlite_autoincrement": True}


class Cohort(Base):
    """The yearly event with which guides join."""

    __tablename__ = "group_cohorts"
    __table_args__ = (UniqueConstraint("agency", "name"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str]
    name: Mapped[str]
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]
    """The last day on which one can apply."""


class Member(Base):
    """A guide or an officer of the group; reached by the number alone."""

    __tablename__ = "group_members"
    __table_args__ = (UniqueConstraint("phone"), Index("ix_group_members_agency", "agency", "state"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str]
    role: Mapped[str]
    """ "guide" or "officer"."""
    state: Mapped[str]
    """ "applied", "active", "paused" or "left"."""
    experienced: Mapped[bool] = mapped_column(default=False)
    """Answers without approval, and approves others'."""
    name: Mapped[str]
    phone: Mapped[str]
    school: Mapped[str | None]
    birth_year: Mapped[int | None]
    village: Mapped[str | None]
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("group_cohorts.id", ondelete="SET NULL"))
    consent: Mapped[str | None]
    """The question that was answered with yes, word for word."""
    consented_at: Mapped[dt.datetime | None]
    parent: Mapped[str | None]
    """Name of the parent or guardian who agreed, for a minor."""
    parent_consent: Mapped[str | None]
    parent_consented_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    accepted_at: Mapped[dt.datetime | None]
    left_at: Mapped[dt.datetime | None]
    digest_month: Mapped[str | None]
    """ "2026-11": the month that the newest digest told of."""


class Question(Base):
    """A citizen's question to people. Its id is the number in the group: #12.

    When its time is over the words go and the row stays: figures need it, and nothing in it points to anybody.
    """

    __tablename__ = "group_questions"
    __table_args__ = (
        UniqueConstraint("inbound_id"),
        Index("ix_group_questions_conversation_id", "conversation_id", "state"),
        Index("ix_group_questions_state", "state", "due_at"),
        Index("ix_group_questions_posted_at", "posted_at"),
        Index("ix_group_questions_closed_at", "closed_at"),
        Index("ix_group_questions_rating", "rating", "conversation_id"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    inbound_id: Mapped[int]
    """The message that agreed to it; asked twice for one message it is one question."""
    agency: Mapped[str]
    audience: Mapped[str]
    """ "guides" or "officers": who is asked."""
    reason: Mapped[str]
    """ "asked", "misunderstood" or "rejected"."""
    service: Mapped[str | None]
    language: Mapped[str]
    text: Mapped[str]
    consent: Mapped[str]
    """What the citizen agreed to, word for word."""
    state: Mapped[str] = mapped_column(default="open")
    """ "open", "claimed", "answered" or "closed"."""
    outcome: Mapped[str | None]
    """Of a closed one: "answered", "withdrawn" or "unanswered"."""
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("group_members.id", ondelete="SET NULL"))
    due_at: Mapped[dt.datetime | None]
    """When the clock has to look at it: the claim lapses, nobody has claimed it, nothing follows the answer."""
    asked_at: Mapped[dt.datetime] = mapped_column(default=now)
    posted_at: Mapped[dt.datetime | None]
    """When the group was told; null: not yet."""
    escalated_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    rating: Mapped[int | None]
    """4 very helpful ... 1 not helpful."""


class Entry(Base):
    """What happened in the thread of a question, in order."""

    __tablename__ = "group_entries"
    __table_args__ = (
        UniqueConstraint("inbound_id"),
        Index("ix_group_entries_question_id", "question_id", "id"),
        Index("ix_group_entries_member_id", "member_id", "kind"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("group_questions.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("group_members.id", ondelete="SET NULL"))
    """Null: the citizen's, or nobody's."""
    inbound_id: Mapped[int | None]
    """The message that caused it; handled a second time it changes nothing."""
    reply: Mapped[str | None]
    """What the writer of that message was told."""
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="done")
    """Of an answer: "pending" until it is approved, then "done" or "refused"."""
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    sent_at: Mapped[dt.datetime | None]
    """When an answer went to the citizen."""


class Post(Base):
    """Which questions a message in the outbox told of, so that a quoted reply finds its question."""

    __tablename__ = "group_posts"

    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("group_questions.id", ondelete="CASCADE"), primary_key=True)


class Decision(Base):
    """What the moderation decided about a message."""

    __tablename__ = "group_decisions"
    __table_args__ = (
        UniqueConstraint("inbound_id"),
        Index("ix_group_decisions_conversation_id", "conversation_id", "created_at"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("group_questions.id", ondelete="SET NULL"))
    agency: Mapped[str]
    language: Mapped[str]
    inbound_id: Mapped[int]
    categories: Mapped[str]
    """Joined by blanks."""
    text: Mapped[str]
    """What was held back."""
    points: Mapped[int]
    verdict: Mapped[str]
    """ "warned", "muted" or "blocked"."""
    reply: Mapped[str]
    """What the writer was told."""
    muted_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    appealed_at: Mapped[dt.datetime | None]
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[int | None]
    """Id of the officer."""
    lifted: Mapped[bool] = mapped_column(default=False)


class Proposal(Base):
    """What a well-rated answer suggests: an addition to the catalogue, or an utterance to learn."""

    __tablename__ = "group_proposals"
    __table_args__ = (UniqueConstraint("question_id", "kind"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("group_questions.id", ondelete="CASCADE"))
    kind: Mapped[str]
    """ "catalogue" or "utterance"."""
    state: Mapped[str] = mapped_column(default="open")
    """ "open", "accepted" or "refused"."""
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    decided_at: Mapped[dt.datetime | None]

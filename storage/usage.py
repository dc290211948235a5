"""Who came, by which source code, and who got an answer: figures for a span of time, never a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, func, or_, select, union_all

from storage.court.tables import Staff
from storage.database import reading
from storage.group.tables import Member
from storage.tables import WHATSAPP, Conversation, Inbound, Outbox

CITIZENS = (WHATSAPP, "web")
"""Channels of people; on "rest" there are programs, and the check at every start."""
REACHED = ("sent", "delivered", "read")
"""Statuses of a reply that left here, as far as the provider has told."""


@dataclass(frozen=True)
class Usage:
    """Counts by channel; a citizen is a conversation: a phone number, or a browser. Registered staff are left out."""

    new: dict[tuple[str | None, str], int]
    """First-time citizens by source code and channel."""
    wrote: dict[str, int]
    """Distinct citizens who wrote."""
    served: dict[str, int]
    """Distinct citizens who got at least one answer of substance."""
    messages: dict[str, int]
    answered: dict[str, int]
    """Messages that got an answer of substance."""


def staff() -> ColumnElement[bool]:
    """Which conversations are those of registered staff and of the group's members."""
    second = select(Staff.second_phone).where(Staff.second_phone.is_not(None))
    phones: CompoundSelect[Any] = union_all(select(Staff.phone), second, select(Member.phone))
    return and_(Conversation.channel == WHATSAPP, Conversation.address.in_(phones))


def usage(start: dt.datetime, end: dt.datetime, marks: Sequence[str], without: Sequence[str]) -> Usage:
    """What happened from `start` to before `end`.

    An answer is of substance when it contains one of the `marks` and nothing of `without`. Raises StorageError.
    """
    citizen = and_(Conversation.channel.in_(CITIZENS), ~staff())
    written = and_(citizen, Inbound.received_at >= start, Inbound.received_at < end)
    of_substance = and_(
        Outbox.status.in_(REACHED),
        or_(*(Outbox.text.contains(mark, autoescape=True) for mark in marks)),
        *(~Outbox.text.contains(words, autoescape=True) for words in without),
    )
    begun = and_(citizen, Conversation.created_at >= start, Conversation.created_at < end)
    with reading() as session:
        new = session.execute(
            select(Conversation.source, Conversation.channel, func.count())
            .where(begun, Conversation.last_inbound_at.is_not(None))
            .group_by(Conversation.source, Conversation.channel)
        ).all()
        wrote = session.execute(_counts().where(written).group_by(Conversation.channel)).all()
        answered = session.execute(
            _counts()
            .join(Outbox, Outbox.inbound_id == Inbound.id)
            .where(written, of_substance)
            .group_by(Conversation.channel)
        ).all()
    return Usage(
        new={(source, channel): count for source, channel, count in new},
        wrote={channel: people for channel, people, _ in wrote},
        served={channel: people for channel, people, _ in answered},
        messages={channel: count for channel, _, count in wrote},
        answered={channel: count for channel, _, count in answered},
    )


def _counts() -> Any:
    """Channel, distinct conversations, distinct messages."""
    people = func.count(Conversation.id.distinct())
    counted = select(Conversation.channel, people, func.count(Inbound.id.distinct()))
    return counted.join(Inbound, Inbound.conversation_id == Conversation.id)

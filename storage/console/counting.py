"""What the dashboard counts, summed up by the database: citizens' messages, what was understood, how long it took."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from storage.console.tables import Understanding
from storage.database import reading
from storage.group.tables import Question
from storage.tables import Conversation, Inbound, Moment, Outbox
from storage.usage import CITIZENS, staff

SECOND = 10
"""Waits are counted in tenths of a second."""
DIMENSIONS = ("channel", "language", "agency")


@dataclass(frozen=True)
class Wanted:
    """What is counted: messages that came from `start` to before `end`; None does not choose."""

    start: dt.datetime
    end: dt.datetime
    channel: str | None = None
    """None: the channels of people."""
    language: str | None = None
    agency: str | None = None


@dataclass
class Count:
    """Messages of one group; a message is `read` when the model has looked at it, and some of those are understood."""

    messages: int = 0
    read: int = 0
    understood: int = 0
    rejected: int = 0


@dataclass
class Talks:
    """Conversations of one group, and how many of them have asked people a question in the same span."""

    conversations: int = 0
    handed: int = 0


@dataclass(frozen=True)
class Counted:
    """Everything that is counted, by what it is grouped by; None is a group too: nothing was recognised.

    Figures of neighbouring spans may be added up, except `talks`, whose conversations may be the same.
    """

    messages: dict[str, dict[str | None, Count]]
    """By dimension (channel, language, agency) and its value."""
    talks: dict[str, dict[str | None, Talks]]
    waits: dict[str, dict[str | None, dict[int, int]]]
    """By dimension and value: how many messages waited so many tenths of a second for their first reply."""
    questions: dict[tuple[str, str | None], int]
    """Understood messages by intent and service."""


class _tenths(FunctionElement[int]):
    """Whole tenths of a second from the second moment to the first, which is not the earlier one."""

    type = Integer()
    inherit_cache = True


@compiles(_tenths, "sqlite")
def _tenths_of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    # julianday knows a moment to 40 µs: without a millisecond's grace a whole tenth would fall short
    return f"CAST((julianday({later}) - julianday({earlier})) * 86400 * {SECOND} + 0.01 AS INTEGER)"


@compiles(_tenths, "postgresql")
def _tenths_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(floor(extract(epoch FROM {later} - {earlier}) * {SECOND}) AS INTEGER)"


def count(wanted: Wanted) -> Counted:
    """Counts. Raises StorageError."""
    with reading() as session:
        return Counted(
            messages=_messages(session, wanted),
            talks={dimension: _talks(session, wanted, dimension) for dimension in DIMENSIONS},
            waits=_waits(session, wanted),
            questions=_questions(session, wanted),
        )


def first_message() -> dt.datetime | None:
    """When the oldest message came that is still there. Raises StorageError."""
    with reading() as session:
        return session.scalar(select(func.min(Inbound.received_at, type_=Moment())))


def unanswered(wanted: Wanted, limit: int) -> list[tuple[str, int]]:
    """The texts that the model did not understand, in small letters, the most frequent first. Raises StorageError."""
    said, messages = func.lower(func.trim(Inbound.text)), func.count()
    with reading() as session:
        found = session.execute(
            _of_messages(wanted, said, messages)
            .where(_NOT_UNDERSTOOD.is_not(None))
            .group_by(said)
            .order_by(messages.desc(), said)
            .limit(limit)
        )
        return [(text, number) for text, number in found]


def sources(wanted: Wanted) -> dict[tuple[str | None, str], int]:
    """First-time users by source and channel; language and agency do not choose here. Raises StorageError."""
    groups = (Conversation.source, Conversation.channel)
    begun = (
        select(*groups, func.count())
        .where(
            Conversation.created_at >= wanted.start,
            Conversation.created_at < wanted.end,
            Conversation.last_inbound_at.is_not(None),
            Conversation.channel.in_([wanted.channel] if wanted.channel else CITIZENS),
            ~staff(),
        )
        .group_by(*groups)
    )
    with reading() as session:
        return {(source, channel): number for source, channel, number in session.execute(begun)}


def ratings(wanted: Wanted) -> dict[int, int]:
    """Ratings of people's answers, 4 the best; one counts when its question was closed. Raises StorageError."""
    chosen = [
        Question.closed_at >= wanted.start,
        Question.closed_at < wanted.end,
        Question.rating.is_not(None),
        or_(
            and_(Question.conversation_id.is_(None), literal(wanted.channel is None)),  # forgotten; the figure stays
            and_(Conversation.channel.in_([wanted.channel] if wanted.channel else CITIZENS), ~staff()),
        ),
    ]
    if wanted.language is not None:
        chosen.append(Question.language == wanted.language)
    if wanted.agency is not None:
        chosen.append(Question.agency == wanted.agency)
    given = (
        select(Question.rating, func.count())
        .outerjoin(Conversation, Conversation.id == Question.conversation_id)
        .where(*chosen)
        .group_by(Question.rating)
    )
    with reading() as session:
        return {rating: number for rating, number in session.execute(given) if rating is not None}


_UNDERSTOOD, _NOT_UNDERSTOOD = case((~Understanding.fallback, 1)), case((Understanding.fallback, 1))
_COLUMNS: dict[str, Any] = {
    "channel": Inbound.channel,
    "language": Understanding.language,
    "agency": Understanding.agency,
}


def _chosen(wanted: Wanted) -> ColumnElement[bool]:
    """Which messages are counted: those of citizens; programs and registered staff are left out."""
    of_staff = select(Conversation.id).where(staff())
    chosen = [
        Inbound.received_at >= wanted.start,
        Inbound.received_at < wanted.end,
        # SQLite would go by the channel's index, thousands of times as many rows; by an expression it cannot
        (Inbound.channel + "").in_([wanted.channel] if wanted.channel else CITIZENS),
        Inbound.conversation_id.not_in(of_staff),
    ]
    if wanted.language is not None:
        chosen.append(Understanding.language + "" == wanted.language)
    if wanted.agency is not None:
        chosen.append(Understanding.agency == wanted.agency)
    return and_(*chosen)


def _of_messages(wanted: Wanted, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(Inbound).outerjoin(Understanding).where(_chosen(wanted))


def _messages(session: Session, wanted: Wanted) -> dict[str, dict[str | None, Count]]:
    groups = tuple(_COLUMNS.values())
    figures = (
        func.count(),
        func.count(Understanding.inbound_id),
        func.count(_UNDERSTOOD),
        func.count(case((Understanding.rejected, 1))),
    )
    by: dict[str, dict[str | None, Count]] = {dimension: {} for dimension in DIMENSIONS}
    for row in session.execute(_of_messages(wanted, *groups, *figures).group_by(*groups)):
        for dimension, value in zip(DIMENSIONS, row, strict=False):
            group = by[dimension].setdefault(value, Count())
            group.messages += row[3]
            group.read += row[4]
            group.understood += row[5]
            group.rejected += row[6]
    return by


def _talks(session: Session, wanted: Wanted, dimension: str) -> dict[str | None, Talks]:
    asked = (
        select(Question.conversation_id.label("id"))
        .where(Question.asked_at >= wanted.start, Question.asked_at < wanted.end)
        .distinct()
        .subquery()
    )
    talking = _of_messages(wanted, _COLUMNS[dimension].label("value"), Inbound.conversation_id).distinct().subquery()
    rows = session.execute(
        select(talking.c.value, func.count(), func.count(asked.c.id))
        .outerjoin(asked, asked.c.id == talking.c.conversation_id)
        .group_by(talking.c.value)
    )
    return {value: Talks(conversations, handed) for value, conversations, handed in rows}


def _waits(session: Session, wanted: Wanted) -> dict[str, dict[str | None, dict[int, int]]]:
    columns = tuple(_COLUMNS.values())
    replied = _tenths(func.min(Outbox.created_at, type_=Moment()), Inbound.received_at)
    waited = (
        _of_messages(wanted, *columns, replied.label("wait"))
        .join(Outbox, Outbox.inbound_id == Inbound.id)
        .group_by(Inbound.id, *columns)
        .subquery()
    )
    groups = tuple(waited.c)
    waits: dict[str, dict[str | None, dict[int, int]]] = {dimension: {} for dimension in DIMENSIONS}
    for *values, wait, messages in session.execute(select(*groups, func.count()).group_by(*groups)):
        for dimension, value in zip(DIMENSIONS, values, strict=True):
            group = waits[dimension].setdefault(value, {})
            group[wait] = group.get(wait, 0) + messages
    return waits


def _questions(session: Session, wanted: Wanted) -> dict[tuple[str, str | None], int]:
    what = (Understanding.intent, Understanding.service)
    rows = session.execute(_of_messages(wanted, *what, func.count()).where(_UNDERSTOOD.is_not(None)).group_by(*what))
    return {(intent, service): messages for intent, service, messages in rows}

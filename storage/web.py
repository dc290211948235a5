"""What the web side asks of the database: the news of a conversation, its pulse, and the figures for the metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select

from storage.database import engine, reading
from storage.tables import WHATSAPP, Conversation, Inbound, Outbox

HISTORY = 60  # messages of either side that a reload brings back


@dataclass(frozen=True)
class Pulse:
    """How a conversation stands: enough to know whether somebody who waits has to be woken."""

    newest_reply: int
    """Highest id in its outbox; 0 where there is none."""
    oldest_unhandled: int | None
    """Lowest id of a message that has no answer yet."""

    def answered(self, inbound_id: int) -> bool:
        """Whether this message has its answer; within a conversation they are handled in order."""
        return self.oldest_unhandled is None or self.oldest_unhandled > inbound_id


SILENCE = Pulse(0, None)


class Changes:
    """Tells whether somebody has written to the database since the last question; for one thread.

    SQLite knows it without looking at any table, in microseconds; of other databases it is always said to be so.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._connection: Any = None
        self._version: int | None = None
        self.cheap = False
        """Whether asking often costs nothing."""

    def any(self) -> bool:
        """Raises what the database's driver raises."""
        if (used := engine()) is not self._engine:
            self._engine, self._version, self.cheap = used, None, used.dialect.name == "sqlite"
            self._connection = used.raw_connection() if self.cheap else None
        if self._connection is None:
            return True
        version = self._connection.cursor().execute("PRAGMA data_version").fetchone()[0]
        changed, self._version = version != self._version, version
        return bool(changed)


@dataclass(frozen=True)
class Line:
    """One message of a conversation, as a client shows it."""

    id: int
    mine: bool
    """True when the citizen wrote it."""
    client_id: str
    """For the citizen's own messages the id under which they were sent."""
    text: str
    buttons: list[dict[str, str]]
    at: dt.datetime


def pulses(conversation_ids: Iterable[int]) -> dict[int, Pulse]:
    """The pulse of each of the conversations."""
    ids = list(conversation_ids)
    if not ids:
        return {}
    with reading() as session:
        newest = dict(_grouped(session, Outbox, func.max(Outbox.id), ids))
        oldest = dict(_grouped(session, Inbound, func.min(Inbound.id), ids, Inbound.handled_at.is_(None)))
    return {key: Pulse(newest.get(key, 0), oldest.get(key)) for key in ids}


def _grouped(
    session: Any, table: type[Inbound] | type[Outbox], what: Any, ids: list[int], *where: Any
) -> Iterable[Any]:
    column = table.conversation_id
    return session.execute(select(column, what).where(column.in_(ids), *where).group_by(column)).all()


def lines(conversation_id: int, after_inbound: int, after_outbox: int) -> list[Line]:
    """What was said after these ids, both sides, in the order of time; of a long history only the end."""
    with reading() as session:
        said = session.scalars(_latest(Inbound, conversation_id, after_inbound)).all()
        answered = session.scalars(_latest(Outbox, conversation_id, after_outbox)).all()
    own = [Line(m.id, True, m.provider_id, m.details.get("title") or m.text, [], m.received_at) for m in said]
    replies = [Line(m.id, False, "", m.text, m.buttons, m.created_at) for m in answered]
    return sorted(own + replies, key=lambda line: (line.at, not line.mine, line.id))


def _latest(table: type[Inbound] | type[Outbox], conversation_id: int, after: int) -> Any:
    found = select(table).where(table.conversation_id == conversation_id, table.id > after)
    return found.order_by(table.id.desc()).limit(HISTORY)


def untouched_since() -> dt.datetime | None:
    """When the oldest unanswered message came, if no worker has ever taken it up; else None."""
    with reading() as session:
        oldest = session.scalars(select(Inbound).filter_by(handled_at=None).order_by(Inbound.id).limit(1)).one_or_none()
        return oldest.received_at if oldest is not None and oldest.attempts == 0 else None


@dataclass(frozen=True)
class Figures:
    """What has happened since the last look; the three ids and the moment are where the next look begins."""

    received: dict[str, int]
    """Messages by channel."""
    replies: dict[str, int]
    seconds: list[tuple[str, float]]
    """Channel, and seconds from a message to its stored reply."""
    waiting: int
    outbox: dict[str, int]
    """Messages to citizens that are not finished, by status."""
    mark: tuple[int, int, dt.datetime]


def mark() -> tuple[int, int, dt.datetime]:
    """The present end of both tables, to count from."""
    with reading() as session:
        return (
            session.scalar(select(func.max(Inbound.id))) or 0,
            session.scalar(select(func.max(Outbox.id))) or 0,
            session.scalar(select(func.max(Inbound.handled_at))) or dt.datetime.now(dt.UTC),
        )


def figures(since: tuple[int, int, dt.datetime]) -> Figures:
    """Counts what came after `since`, and what lies waiting now."""
    after_inbound, after_outbox, after_moment = since
    with reading() as session:
        received = _by_channel(session, Inbound, Inbound.id > after_inbound)
        replies = _by_channel(session, Outbox, Outbox.id > after_outbox)
        handled = session.execute(
            select(Inbound.channel, Inbound.received_at, Inbound.handled_at).where(Inbound.handled_at > after_moment)
        ).all()
        waiting = session.scalar(select(func.count()).select_from(Inbound).where(Inbound.handled_at.is_(None)))
        unfinished = session.execute(
            select(Outbox.status, func.count())
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .where(Outbox.status.in_(("created", "sending", "dead")), Conversation.channel == WHATSAPP)
            .group_by(Outbox.status)
        ).all()
        return Figures(
            received={channel: count for channel, count, _ in received},
            replies={channel: count for channel, count, _ in replies},
            seconds=[(channel, (end - start).total_seconds()) for channel, start, end in handled if end is not None],
            waiting=waiting or 0,
            outbox={status: count for status, count in unfinished},
            mark=(
                max([after_inbound, *(top for _, _, top in received)]),
                max([after_outbox, *(top for _, _, top in replies)]),
                max([after_moment, *(end for _, _, end in handled if end is not None)]),
            ),
        )


def _by_channel(session: Any, table: type[Inbound] | type[Outbox], which: Any) -> list[tuple[str, int, int]]:
    statement = (
        select(Conversation.channel, func.count(), func.max(table.id))
        .join(Conversation, Conversation.id == table.conversation_id)
        .where(which)
        .group_by(Conversation.channel)
    )
    return list(session.execute(statement).tuples())

"""Messages from citizens and the answers to them: stored before acknowledged, answered once, in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from storage.conversations import insert_once, touch
from storage.database import reading, writing
from storage.group import questions
from storage.tables import Inbound, Outbox, now

Reply = Mapping[str, Any]
"""{"text": str, "buttons": [{"title": str, "payload": str}]}; buttons may be absent."""


class Arrival(Protocol):
    """What `receive` takes: connectors.incoming.Incoming has this shape."""

    @property
    def channel(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def provider_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def details(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Receipt:
    """Where a message lies; `new` is False when the provider sent it a second time."""

    inbound_id: int
    conversation_id: int
    new: bool


@dataclass(frozen=True)
class Waiting:
    """A message that is being answered now."""

    id: int
    conversation_id: int
    channel: str
    kind: str
    text: str
    received_at: dt.datetime
    attempts: int
    """This attempt included: 1 at the first."""
    quoted: str | None = None
    """The provider's id of the message that this one quotes."""


def receive(incoming: Arrival) -> Receipt:
    """Commits a message, once for each provider id of a channel. Raises StorageError: then nothing is stored."""
    with writing() as session:
        known = select(Inbound).filter_by(channel=incoming.channel, provider_id=incoming.provider_id)
        if found := session.scalars(known).one_or_none():
            return Receipt(found.id, found.conversation_id, new=False)
        conversation_id = touch(session, incoming.channel, incoming.address, incoming.details.get("source"))
        inbound_id = insert_once(
            session,
            Inbound,
            conversation_id=conversation_id,
            channel=incoming.channel,
            provider_id=incoming.provider_id,
            kind=incoming.kind,
            text=incoming.text,
            details=incoming.details,
            received_at=now(),
            attempts=0,
        )
        if inbound_id is not None:
            return Receipt(inbound_id, conversation_id, new=True)
        found = session.scalars(known).one()  # the same message came over two connections at the same moment
        return Receipt(found.id, found.conversation_id, new=False)


def _oldest_unhandled(conversation_id: int) -> Any:
    return select(Inbound).filter_by(conversation_id=conversation_id, handled_at=None).order_by(Inbound.id).limit(1)


def is_waiting(conversation_id: int) -> bool:
    """Whether the conversation's oldest unhandled message may be tried now."""
    with reading() as session:
        oldest = session.scalars(_oldest_unhandled(conversation_id)).one_or_none()
        return oldest is not None and (oldest.next_attempt_at is None or oldest.next_attempt_at <= now())


def begin(conversation_id: int) -> Waiting | None:
    """Takes up the oldest unhandled message and counts the attempt, so that a kill later is known to have had one.

    None when nothing waits, or when the oldest has to wait longer: the later ones then wait behind it.
    """
    with writing() as session:
        oldest = session.scalars(_oldest_unhandled(conversation_id)).one_or_none()
        if oldest is None or (oldest.next_attempt_at is not None and oldest.next_attempt_at > now()):
            return None
        oldest.attempts += 1
        return Waiting(
            oldest.id,
            conversation_id,
            oldest.channel,
            oldest.kind,
            oldest.text,
            oldest.received_at,
            oldest.attempts,
            oldest.details.get("quoted"),
        )


def complete(
    inbound_id: int,
    replies: Sequence[Reply],
    error: str | None = None,
    *,
    status: str = "created",
    unless_held: bool = False,
) -> list[int] | None:
    """Stores the replies and marks the message handled, in one transaction; returns the ids in the outbox.

    `status`: "created" for what is to be delivered, "sent" for what clients fetch by themselves.
    Empty when somebody else has already completed it: the replies are dropped then, nobody is answered twice.
    With `unless_held` nothing is stored, and None returned, where a person holds the conversation by now.
    """
    with writing() as session:
        conversation_id = session.scalar(select(Inbound.conversation_id).filter_by(id=inbound_id))
        if conversation_id is None:
            return []
        if unless_held and questions.holds(session, conversation_id):
            return None
        if not _mark_handled(session, Inbound.id == inbound_id, error):
            return []
        return _add_replies(session, conversation_id, inbound_id, replies, status)


def give_up(inbound_id: int, replies: Sequence[Reply], error: str | None, *, status: str = "created") -> list[int]:
    """Like `complete`, and closes with it all that the citizen has written since: one apology stands for them all."""
    with writing() as session:
        first = session.get(Inbound, inbound_id)
        if first is None or not _mark_handled(session, Inbound.id == inbound_id, error):
            return []
        later = (Inbound.conversation_id == first.conversation_id) & Inbound.handled_at.is_(None)
        _mark_handled(session, later, error)
        return _add_replies(session, first.conversation_id, inbound_id, replies, status)


def _mark_handled(session: Session, which: Any, error: str | None) -> int:
    done = update(Inbound).where(which, Inbound.handled_at.is_(None)).values(handled_at=now(), error=error)
    return cast(CursorResult[Any], session.execute(done.execution_options(synchronize_session=False))).rowcount


def _add_replies(
    session: Session, conversation_id: int, inbound_id: int | None, replies: Sequence[Reply], status: str
) -> list[int]:
    rows = [
        Outbox(
            conversation_id=conversation_id,
            inbound_id=inbound_id,
            position=position,
            text=reply.get("text") or "",
            buttons=list(reply.get("buttons") or []),
            status=status,
        )
        for position, reply in enumerate(replies)
    ]
    for row in rows:  # one by one: ids must rise with the position
        session.add(row)
        session.flush()
    return [row.id for row in rows]


def put(session: Session, conversation_id: int, text: str, buttons: Sequence[Mapping[str, str]] = ()) -> int:
    """Puts a message that answers nothing into the outbox, within the caller's transaction; returns its id."""
    reply = {"text": text, "buttons": list(buttons)}
    (outbox_id,) = _add_replies(session, conversation_id, None, [reply], "created")
    return outbox_id


def postpone(inbound_id: int, pause: float, error: str) -> None:
    """The attempt failed; the next one is due in `pause` seconds."""
    with writing() as session:
        later = now() + dt.timedelta(seconds=pause)
        session.execute(update(Inbound).filter_by(id=inbound_id).values(next_attempt_at=later, error=error))


def conversations_waiting(limit: int = 1000) -> list[int]:
    """Conversations with a message that is due, the longest waiting first."""
    with reading() as session:
        statement = (
            select(Inbound.conversation_id)
            .where(
                Inbound.handled_at.is_(None), or_(Inbound.next_attempt_at.is_(None), Inbound.next_attempt_at <= now())
            )
            .group_by(Inbound.conversation_id)
            .order_by(func.min(Inbound.id))
            .limit(limit)
        )
        return list(session.scalars(statement))

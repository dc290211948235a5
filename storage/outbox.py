"""The outbox: what is on its way to a provider, what came of it, and what could not be delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from storage.database import reading, writing
from storage.group.tables import Post
from storage.tables import Conversation, Outbox, now

OPEN = ("created", "sending")
DEAD = ("dead", "failed", "undelivered")


def _is_open(table: type[Outbox]) -> ColumnElement[bool]:
    # Written out, not bound: only so does SQLite see that the index of open messages serves.
    return table.status.in_(bindparam("open", OPEN, expanding=True, literal_execute=True))


IS_OPEN = _is_open(Outbox)


@dataclass(frozen=True)
class Letter:
    """A message that is being sent now. `address` is personal: never log it."""

    id: int
    conversation_id: int
    channel: str
    address: str
    text: str
    attempts: int
    """This attempt included."""
    asked_since: dt.datetime | None
    """Set when an earlier attempt since then may have reached the provider: ask it before sending again."""
    last_inbound_at: dt.datetime | None


@dataclass(frozen=True)
class DeadLetter:
    """A message that was not delivered, for the person who looks after the office's number."""

    id: int
    conversation_id: int
    status: str
    text: str
    attempts: int
    error_code: int | None
    error: str | None
    created_at: dt.datetime


@dataclass(frozen=True)
class Due:
    """The oldest open message of each conversation where it is due, oldest first."""

    people: list[int]
    """Of conversations in which somebody waits for a message."""
    posts: list[int]
    """Of conversations in which only posts to the guides' group wait: each of them goes to hundreds."""


def claim(conversation_id: int, patience: float) -> Letter | None:
    """Takes the conversation's oldest open message, if it is due; a later one never overtakes it.

    It is `sending` from here on. Should this process die now, the message is due again in `patience` seconds,
    and whoever takes it then knows that the provider may have it.
    """
    with writing() as session:
        oldest = select(Outbox).where(Outbox.conversation_id == conversation_id, IS_OPEN).order_by(Outbox.id)
        row = session.scalars(oldest.limit(1).with_for_update()).one_or_none()  # nothing is appended to it from here on
        moment = now()
        if row is None or (row.next_attempt_at is not None and row.next_attempt_at > moment):
            return None
        conversation = session.get_one(Conversation, conversation_id)
        asked_since = row.first_attempt_at if row.status == "sending" else None
        row.status = "sending"
        row.attempts += 1
        row.first_attempt_at = row.first_attempt_at or moment
        row.next_attempt_at = moment + dt.timedelta(seconds=patience)
        return Letter(
            id=row.id,
            conversation_id=conversation_id,
            channel=conversation.channel,
            address=conversation.address,
            text=row.text,
            attempts=row.attempts,
            asked_since=asked_since,
            last_inbound_at=conversation.last_inbound_at,
        )


def is_due(conversation_id: int) -> bool:
    """Whether the conversation's oldest open message may be tried now."""
    with reading() as session:
        oldest = select(Outbox.next_attempt_at).where(Outbox.conversation_id == conversation_id, IS_OPEN)
        row = session.execute(oldest.order_by(Outbox.id).limit(1)).one_or_none()
        return row is not None and (row[0] is None or row[0] <= now())


def conversation_of(outbox_id: int) -> int | None:
    """The conversation that a message belongs to."""
    with reading() as session:
        return session.scalar(select(Outbox.conversation_id).filter_by(id=outbox_id))


def try_later(outbox_id: int, pause: float, *, unknown: bool, code: int | None, error: str) -> None:
    """The attempt failed; the next is due in `pause` seconds. `unknown`: the provider may have the message."""
    with writing() as session:
        row = session.get_one(Outbox, outbox_id)
        # Once the outcome of any attempt is unknown it stays so, until the provider has been asked.
        row.status = "sending" if unknown else "created"
        row.next_attempt_at = now() + dt.timedelta(seconds=pause)
        row.error_code, row.error = code, error


def fail(outbox_id: int, status: str, *, code: int | None, error: str) -> None:
    """Ends it: "failed" when the provider refused it for good, "dead" when all attempts are used up."""
    with writing() as session:
        row = session.get_one(Outbox, outbox_id)
        row.status, row.error_code, row.error = status, code, error
        row.next_attempt_at, row.finished_at = None, now()


def release_claims(pause: float) -> int:
    """Makes everything `sending` due in `pause` seconds; only for the start of a worker that is the only one."""
    with writing() as session:
        later = now() + dt.timedelta(seconds=pause)
        done = update(Outbox).where(Outbox.status == "sending").values(next_attempt_at=later)
        return session.execute(done).rowcount  # type: ignore[attr-defined, no-any-return]


def due(channels: Iterable[str], besides: Collection[int] = (), limit: int = 1000) -> Due:
    """What is due on these channels, without the conversations of the messages `besides`."""
    with reading() as session:
        first = select(func.min(Outbox.id).label("id")).where(IS_OPEN).group_by(Outbox.conversation_id).subquery()
        other = aliased(Outbox)
        is_post = other.inbound_id.is_(None) & exists().where(Post.outbox_id == other.id)
        awaited = exists().where(other.conversation_id == Outbox.conversation_id, _is_open(other), ~is_post)
        only_posts = (~awaited).label("only_posts")
        found = (
            select(Outbox.id, only_posts)
            .join(first, first.c.id == Outbox.id)
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .where(
                or_(Outbox.next_attempt_at.is_(None), Outbox.next_attempt_at <= now()),
                Conversation.channel.in_(list(channels)),
                Outbox.conversation_id.not_in(select(other.conversation_id).where(other.id.in_(besides))),
            )
        )
        rows = session.execute(found.order_by(only_posts, Outbox.id).limit(limit)).all()
        return Due([row.id for row in rows if not row.only_posts], [row.id for row in rows if row.only_posts])


def provider_ids_in_use(provider_ids: Iterable[str]) -> set[str]:
    """Which of the provider's ids already belong to a message of ours."""
    with reading() as session:
        statement = select(Outbox.provider_id).where(Outbox.provider_id.in_(list(provider_ids)))
        return {found for found in session.scalars(statement) if found}


def dead_letters(limit: int = 200) -> list[DeadLetter]:
    """Messages that were not delivered, newest first."""
    with reading() as session:
        rows = session.scalars(
            select(Outbox).where(Outbox.status.in_(DEAD)).order_by(Outbox.id.desc()).limit(limit)
        ).all()
        return [
            DeadLetter(r.id, r.conversation_id, r.status, r.text, r.attempts, r.error_code, r.error, r.created_at)
            for r in rows
        ]


def revive(outbox_id: int) -> bool:
    """Puts a dead letter back into the queue with all its attempts; False where it is none.

    Where its fate was unknown the provider is asked first, as after any attempt of unknown outcome.
    """
    with writing() as session:
        row = session.get(Outbox, outbox_id)
        if row is None or row.status not in DEAD:
            return False
        uncertain = row.status == "dead" and row.provider_id is None and row.first_attempt_at is not None
        row.status = "sending" if uncertain else "created"
        row.first_attempt_at = row.first_attempt_at if uncertain else None
        row.attempts, row.next_attempt_at, row.finished_at, row.provider_id = 0, None, None, None
        row.error_code = row.error = None
        return True

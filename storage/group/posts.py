"""What the members of the group are sent: one message each, and several in one while the first still waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from storage.conversations import conversation_with
from storage.database import reading, writing
from storage.group.tables import Member, Post, Question
from storage.outbox import IS_OPEN
from storage.tables import WHATSAPP, Conversation, Outbox, now

LIMIT = 1450
"""Characters up to which posts that wait for the same member become one message; WhatsApp takes 1,600."""
WINDOW = dt.timedelta(hours=24)


def spread(session: Session, members: Iterable[Member], text: str, question_id: int | None, *, templates: bool) -> int:
    """Puts a post into the outbox of each member, within the caller's transaction; how many members get it.

    Without `templates` those who have been silent for 24 hours are left out: WhatsApp would refuse it. A post joins the
    one before it that still waits untouched, so that a member who is slow to reach gets a few long messages.
    """
    conversations = _conversations(session, members, None if templates else now() - WINDOW)
    waiting = _waiting(session, conversations)
    joined = _join(session, waiting, text)
    fresh = [conversation_id for conversation_id in conversations if waiting.get(conversation_id) not in joined]
    written = joined | _write(session, fresh, text)
    if question_id is not None:
        _remember(session, written, question_id)
    return len(conversations)


def _conversations(session: Session, members: Iterable[Member], since: dt.datetime | None) -> list[int]:
    phones = {member.phone for member in members}
    known = select(Conversation.address, Conversation.id, Conversation.last_inbound_at).where(
        Conversation.channel == WHATSAPP, Conversation.address.in_(phones)
    )
    found = {address: (conversation_id, last) for address, conversation_id, last in session.execute(known)}
    if since is not None:
        return sorted(key for key, last in found.values() if last is not None and last > since)
    strangers = [conversation_with(session, phone) for phone in sorted(phones - set(found))]
    return sorted([*(key for key, _ in found.values()), *strangers])


def _waiting(session: Session, conversations: Collection[int]) -> dict[int, int]:
    """The newest open message of each conversation, where it is a post that nobody has tried to send."""
    found = select(func.max(Outbox.id)).where(Outbox.conversation_id.in_(conversations), IS_OPEN)
    newest = list(session.scalars(found.group_by(Outbox.conversation_id)))  # apart: in one, it is sought for each row
    posts = select(Outbox.conversation_id, Outbox.id).where(
        Outbox.id.in_(newest),
        Outbox.status == "created",
        Outbox.attempts == 0,
        select(Post.outbox_id).where(Post.outbox_id == Outbox.id).exists(),
    )
    return {conversation_id: outbox_id for conversation_id, outbox_id in session.execute(posts)}


def _join(session: Session, waiting: dict[int, int], text: str) -> set[int]:
    """Appends to what waits; the ids of those that took it. One that is being sent by now takes nothing."""
    if not waiting:
        return set()
    locked = select(Outbox.id).where(Outbox.id.in_(waiting.values())).order_by(Outbox.id).with_for_update()
    room = (Outbox.status == "created") & (Outbox.attempts == 0) & (func.length(Outbox.text) + len(text) < LIMIT)
    ids = list(session.scalars(locked))  # in the order of ids, or two who post at once would wait for each other
    joining = (
        update(Outbox).where(Outbox.id.in_(ids), room).values(text=Outbox.text + f"\n\n{text}").returning(Outbox.id)
    )
    return set(session.scalars(joining.execution_options(synchronize_session=False)))


def _write(session: Session, conversations: list[int], text: str) -> set[int]:
    if not conversations:
        return set()
    rows = [
        {
            "conversation_id": conversation_id,
            "text": text,
            "buttons": [],
            "status": "created",
            "position": 0,
            "attempts": 0,
            "created_at": now(),
        }
        for conversation_id in conversations
    ]
    return set(session.scalars(insert(Outbox).returning(Outbox.id), rows))


def _remember(session: Session, outbox_ids: set[int], question_id: int) -> None:
    told = set(
        session.scalars(select(Post.outbox_id).filter(Post.outbox_id.in_(outbox_ids), Post.question_id == question_id))
    )
    if new := sorted(outbox_ids - told):
        session.execute(insert(Post), [{"outbox_id": outbox_id, "question_id": question_id} for outbox_id in new])


def remember(outbox_ids: Collection[int], question_id: int) -> None:
    """Notes that these messages are about a question, where there is one: a reply that quotes them finds it."""
    with writing() as session:
        if session.get(Question, question_id) is not None:
            _remember(session, set(outbox_ids), question_id)


def questions_quoted(provider_id: str) -> list[int]:
    """The questions that a message told of, by the provider's id of it: what a quoted reply may be about."""
    with reading() as session:
        found = (
            select(Post.question_id)
            .join(Outbox, Outbox.id == Post.outbox_id)
            .where(Outbox.provider_id == provider_id)
            .order_by(Post.question_id)
        )
        return list(session.scalars(found))

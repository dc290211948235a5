"""Stored replies as the web clients read them, and the choices that a citizen can answer with a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from storage.database import reading, writing
from storage.tables import Inbound, Outbox, now


@dataclass(frozen=True)
class StoredReply:
    """One bubble of an answer; ids rise within a conversation."""

    id: int
    conversation_id: int
    inbound_id: int | None
    text: str
    buttons: list[dict[str, str]]


def _view(row: Outbox) -> StoredReply:
    return StoredReply(row.id, row.conversation_id, row.inbound_id, row.text, row.buttons)


def answers_to(inbound_ids: Iterable[int]) -> dict[int, list[StoredReply]]:
    """The replies to each of these messages that is handled; a message still waiting is left out."""
    with reading() as session:
        wanted = list(inbound_ids)
        handled = select(Inbound.id).where(Inbound.id.in_(wanted), Inbound.handled_at.is_not(None))
        answers: dict[int, list[StoredReply]] = {inbound_id: [] for inbound_id in session.scalars(handled)}
        for row in session.scalars(select(Outbox).where(Outbox.inbound_id.in_(list(answers))).order_by(Outbox.id)):
            answers[row.inbound_id or 0].append(_view(row))
        return answers


def after(positions: Mapping[int, int]) -> list[StoredReply]:
    """Replies newer than the last seen one, for {conversation id: last seen reply id, 0 for none}.

    Asked by conversation, never by a global id: ids of different conversations may appear out of order.
    """
    if not positions:
        return []
    with reading() as session:
        statement = select(Outbox).where(
            Outbox.conversation_id.in_(list(positions)), Outbox.id > min(positions.values())
        )
        rows = session.scalars(statement.order_by(Outbox.id))
        return [_view(row) for row in rows if row.id > positions[row.conversation_id]]


def take_unasked(conversation_id: int) -> list[StoredReply]:
    """Messages that answer nothing and that nobody has fetched yet; from now on they count as sent.

    For clients that are told of nothing between their own messages.
    """
    with writing() as session:
        waiting = select(Outbox).filter_by(conversation_id=conversation_id, inbound_id=None, status="created")
        rows = session.scalars(waiting.order_by(Outbox.id).with_for_update()).all()
        for row in rows:
            row.status, row.sent_at = "sent", now()
        return [_view(row) for row in rows]


def newest_id(conversation_id: int) -> int:
    """The id of the newest reply in a conversation, 0 where there is none."""
    with reading() as session:
        statement = select(Outbox.id).filter_by(conversation_id=conversation_id).order_by(Outbox.id.desc()).limit(1)
        return session.scalar(statement) or 0


def newest_choices(conversation_id: int) -> list[dict[str, str]]:
    """The buttons of the newest answer, [] where it offered none."""
    with reading() as session:
        newest = select(Outbox).filter_by(conversation_id=conversation_id).order_by(Outbox.id.desc())
        last = session.scalars(newest.limit(1)).one_or_none()
        if last is None or last.inbound_id is None:
            return last.buttons if last else []
        answer = session.scalars(newest.filter_by(inbound_id=last.inbound_id))
        return next((row.buttons for row in answer if row.buttons), [])

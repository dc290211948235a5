"""The questions that people answer, looked up: by number, by conversation, by what is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from storage.conversations import insert_once
from storage.database import reading, writing
from storage.group import members
from storage.group.members import MemberView
from storage.group.tables import Entry, Member, Post, Question
from storage.tables import Conversation, Outbox, now

HELD = ("claimed", "answered")
"""States in which a person answers and the bot is silent."""
RUNNING = ("open", *HELD)


@dataclass(frozen=True)
class NewQuestion:
    """What a citizen has agreed to have asked; masked."""

    conversation_id: int
    inbound_id: int
    agency: str
    audience: str
    reason: str
    service: str | None
    language: str
    text: str
    consent: str


@dataclass(frozen=True)
class QuestionView:
    """A question as others see it."""

    id: int
    conversation_id: int | None
    channel: str | None
    agency: str
    audience: str
    reason: str
    service: str | None
    language: str
    text: str
    state: str
    holder: MemberView | None
    due_at: dt.datetime | None
    asked_at: dt.datetime
    posted_at: dt.datetime | None
    escalated_at: dt.datetime | None
    rating: int | None

    @property
    def held(self) -> bool:
        """Whether a person answers it now, and the bot is silent."""
        return self.state in HELD


def view(session: Session, row: Question) -> QuestionView:
    """A row as others see it."""
    holder = session.get(Member, row.holder_id) if row.holder_id else None
    asker = session.get(Conversation, row.conversation_id) if row.conversation_id else None
    return QuestionView(
        id=row.id,
        conversation_id=row.conversation_id,
        channel=asker.channel if asker else None,
        agency=row.agency,
        audience=row.audience,
        reason=row.reason,
        service=row.service,
        language=row.language,
        text=row.text,
        state=row.state,
        holder=members.view(session, holder) if holder else None,
        due_at=row.due_at,
        asked_at=row.asked_at,
        posted_at=row.posted_at,
        escalated_at=row.escalated_at,
        rating=row.rating,
    )


def ask(question: NewQuestion, due_at: dt.datetime) -> int:
    """Keeps a question, once for the message that agreed to it; its number. Raises StorageError."""
    with writing() as session:
        values = question.__dict__ | {"state": "open", "due_at": due_at, "asked_at": now()}
        if (new := insert_once(session, Question, **values)) is not None:
            return new
        return session.scalars(select(Question.id).filter_by(inbound_id=question.inbound_id)).one()


def get(question_id: int) -> QuestionView | None:
    with reading() as session:
        row = session.get(Question, question_id)
        return view(session, row) if row else None


def of_conversation(conversation_id: int) -> QuestionView | None:
    """The question of a citizen that is not closed yet, the newest."""
    with reading() as session:
        running = select(Question).where(Question.conversation_id == conversation_id, Question.state.in_(RUNNING))
        row = session.scalars(running.order_by(Question.id.desc()).limit(1)).one_or_none()
        return view(session, row) if row else None


def running(agency: str, audience: str) -> list[QuestionView]:
    """What is not closed yet and asked of these people, the oldest first."""
    with reading() as session:
        rows = select(Question).where(
            Question.agency == agency, Question.audience == audience, Question.state.in_(RUNNING)
        )
        return [view(session, row) for row in session.scalars(rows.order_by(Question.id))]


def unposted() -> list[int]:
    """Questions of which the group has not been told yet."""
    with reading() as session:
        return list(session.scalars(select(Question.id).filter_by(posted_at=None).order_by(Question.id)))


def due(moment: dt.datetime) -> list[int]:
    """Questions at which the clock has to look."""
    with reading() as session:
        late = select(Question.id).where(Question.state.in_(RUNNING), Question.due_at <= moment)
        return list(session.scalars(late.order_by(Question.id)))


def reply_to(inbound_id: int) -> str | None:
    """What the writer of a message was told when it was handled before; None where it was not, "" for nothing."""
    with reading() as session:
        row = session.execute(select(Entry.reply).filter_by(inbound_id=inbound_id)).one_or_none()
        return None if row is None else row[0] or ""


def holds(session: Session, conversation_id: int) -> bool:
    """Whether a person holds a conversation; within the caller's transaction nobody can take it up after this."""
    lock_conversation(session, conversation_id)
    held = select(Question.id).where(Question.conversation_id == conversation_id, Question.state.in_(HELD))
    return session.scalar(held.limit(1)) is not None


def lock_conversation(session: Session, conversation_id: int) -> None:
    """Whoever claims, and whoever stores the bot's answer, decide one after the other."""
    one = select(Conversation.id).filter_by(id=conversation_id)
    session.execute(one.with_for_update(key_share=True))  # messages may be written to it meanwhile


def forget_words(session: Session, which: ColumnElement[bool]) -> None:
    """Takes the words out of these questions, their threads and the messages that told the group of them; figures stay.

    Those not closed yet are closed as withdrawn. Within the caller's transaction.
    """
    mine = which & (Question.text != "")
    ids = select(Question.id).where(mine)
    told = Outbox.id.in_(select(Post.outbox_id).where(Post.question_id.in_(ids)))
    session.execute(delete(Outbox).where(told).execution_options(synchronize_session=False))
    session.execute(
        update(Question)
        .where(mine, Question.state != "closed")
        .values(state="closed", outcome="withdrawn", closed_at=now(), due_at=None, posted_at=now())
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Entry)
        .where(Entry.question_id.in_(ids))
        .values(text="", reply=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Question)
        .where(mine, Question.text != "")
        .values(text="", consent="")
        .execution_options(synchronize_session=False)
    )

"""The questions that people answer, looked up: by number, by conversation, by what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.orm import Session

from storage.conversations import insert_once
from storage.database import reading, writing
from storage.group import members
from storage.group.members import MemberView
from storage.group.tables import Entry, Member, Post, Question
from storage.tables import WHATSAPP, Conversation, Outbox, now

HELD = ("claimed", "answered")
"""States in which a person answers and the bot is silent."""
RUNNING = ("open", *HELD)
FORGOTTEN = "[dihapus]"
"""Stands for the words of a citizen who has had them deleted."""
GROUP_LOCK = 7_237_002  # any number; the key of PostgreSQL's advisory lock


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


def held_by(member_id: int) -> list[int]:
    """Questions that a member has claimed and not answered yet."""
    with reading() as session:
        return list(session.scalars(select(Question.id).filter_by(holder_id=member_id, state="claimed")))


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


def last_kind(question_id: int, kinds: Collection[str]) -> str:
    """What of these kinds happened last in a thread; "" where none did."""
    with reading() as session:
        found = select(Entry.kind).where(Entry.question_id == question_id, Entry.kind.in_(kinds))
        return session.scalar(found.order_by(Entry.id.desc()).limit(1)) or ""


def holds(session: Session, conversation_id: int) -> bool:
    """Whether a person holds a conversation; within the caller's transaction nobody can take it up after this."""
    lock_conversation(session, conversation_id)
    held = select(Question.id).where(Question.conversation_id == conversation_id, Question.state.in_(HELD))
    return session.scalar(held.limit(1)) is not None


def alone(session: Session) -> None:
    """On PostgreSQL the steps of the group happen one after the other, as on SQLite all writing does.

    Each writes to hundreds of conversations at once: two at a time would wait for each other in a ring.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": GROUP_LOCK})


def lock_conversation(session: Session, conversation_id: int) -> None:
    """Whoever claims, and whoever stores the bot's answer, decide one after the other."""
    one = select(Conversation.id).filter_by(id=conversation_id)
    session.execute(one.with_for_update(key_share=True))  # messages may be written to it meanwhile


def forget_words(session: Session, which: ColumnElement[bool]) -> None:
    """Takes the words out of these questions and their threads; the figures stay. Within the caller's transaction."""
    mine = which & (Question.text != "")
    ids = select(Question.id).where(mine)
    unseen = {"synchronize_session": False}
    words = update(Entry).where(Entry.question_id.in_(ids)).values(text="", reply=None)
    session.execute(words.execution_options(**unseen))
    session.execute(update(Question).where(mine).values(text="", consent="").execution_options(**unseen))


def forget_asker(session: Session, conversation_id: int) -> None:
    """Withdraws and forgets a citizen's questions, also in what members were sent. Within the caller's transaction."""
    alone(session)
    asked = session.scalars(select(Question).filter_by(conversation_id=conversation_id)).all()
    for row in asked:
        said = session.scalars(select(Entry.text).where(Entry.question_id == row.id, Entry.text != ""))
        _unsay(session, row.id, [part for part in (row.text, *said) if part])
        if row.state != "closed":
            row.state, row.outcome, row.closed_at, row.due_at = "closed", "withdrawn", now(), None
            row.posted_at = row.posted_at or now()
    session.flush()
    forget_words(session, Question.conversation_id == conversation_id)


def _unsay(session: Session, question_id: int, words: list[str]) -> None:
    members_are_told = Outbox.conversation_id.in_(
        select(Conversation.id)
        .join(Member, Member.phone == Conversation.address)
        .where(Conversation.channel == WHATSAPP)
    )
    posted = Outbox.id.in_(select(Post.outbox_id).where(Post.question_id == question_id))
    mentioned = members_are_told & Outbox.text.contains(f"#{question_id}", autoescape=True)
    for row in session.scalars(select(Outbox).where(or_(posted, mentioned)).order_by(Outbox.id).with_for_update()):
        for part in words:
            row.text = row.text.replace(part, FORGOTTEN)

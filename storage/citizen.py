"""What is kept of one citizen: shown to him, and deleted, as UU 27/2022 lets him ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from storage import trackers
from storage.console import review
from storage.console.tables import ReviewItem, Understanding
from storage.court.tables import Case, Follow, Notice
from storage.database import reading, writing
from storage.group import members, questions
from storage.group.tables import Decision, Entry, Member, Question
from storage.tables import WHATSAPP, Conversation, Inbound, Outbox, StatusEvent


def export(channel: str, address: str, tracker_url: str) -> dict[str, Any] | None:
    """All that is kept of a conversation, times as text; None where there is none. Raises StorageError."""
    with reading() as session:
        found = _conversation(session, channel, address)
        if found is None:
            return None
        kept: dict[str, Any] = {
            "conversation": _row(found),
            "follows": [
                {"case": number} | _row(row) for row, number in session.execute(_follows(found.id).order_by(Follow.id))
            ],
            "notices": [_row(row) for row in session.scalars(select(Notice).where(_notices(found.id)))],
            "questions": [_row(row) for row in session.scalars(select(Question).where(_asked(found.id)))],
            "threads": [_row(row) for row in session.scalars(select(Entry).where(_threads(found.id)))],
            "held_back": [_row(row) for row in session.scalars(_of(Decision, found.id))],
            "member": [_row(row) for row in session.scalars(select(Member).where(_member(found)))],
            "messages": [_row(row) for row in session.scalars(_of(Inbound, found.id).order_by(Inbound.id))],
            "understandings": [_row(row) for row in session.scalars(_understandings(found.id))],
            "review_items": [_row(row) for row in session.scalars(_review_items(found.id))],
            "replies": [_row(row) for row in session.scalars(_of(Outbox, found.id).order_by(Outbox.id))],
            "statuses": [_row(row) for row in session.scalars(select(StatusEvent).where(_statuses(found.id)))],
        }
    return kept | {"tracker_events": trackers.events(tracker_url, _sender(kept["conversation"]["id"]))}


def forget(channel: str, address: str, tracker_url: str) -> dict[str, int] | None:
    """Deletes a conversation for good; how many of each kind went, None where there is none. Raises StorageError."""
    with reading() as session:
        found = _conversation(session, channel, address)
    if found is None:
        return None
    # The tracker first: what fails in between can be asked for again, as long as the conversation is there.
    events = trackers.forget(tracker_url, _sender(found.id))
    with writing() as session:
        count = select(func.count())
        gone = {
            "follows": session.scalar(count.select_from(Follow).filter_by(conversation_id=found.id)) or 0,
            "notices": session.scalar(count.select_from(Notice).where(_notices(found.id))) or 0,
            "questions": session.scalar(count.select_from(Question).where(_asked(found.id))) or 0,
            "memberships": session.scalar(count.select_from(Member).where(_member(found))) or 0,
            "review_items": review.forget_conversation(session, found.id),
            "messages": session.scalar(count.select_from(Inbound).filter_by(conversation_id=found.id)) or 0,
            "replies": session.scalar(count.select_from(Outbox).filter_by(conversation_id=found.id)) or 0,
            "statuses": session.scalar(count.select_from(StatusEvent).where(_statuses(found.id))) or 0,
        }
        session.execute(delete(StatusEvent).where(_statuses(found.id)).execution_options(synchronize_session=False))
        session.execute(delete(Notice).where(_notices(found.id)).execution_options(synchronize_session=False))
        questions.forget_asker(session, found.id)
        for member_id in session.scalars(select(Member.id).where(_member(found))).all():
            members.delete(session, member_id)
        for table in (Follow, Outbox, Inbound, Decision):
            session.execute(delete(table).where(table.conversation_id == found.id))
        session.execute(delete(Conversation).where(Conversation.id == found.id))
    return gone | {"tracker_events": events}


def _conversation(session: Session, channel: str, address: str) -> Conversation | None:
    return session.scalars(select(Conversation).filter_by(channel=channel, address=address)).one_or_none()


def _sender(conversation_id: int) -> str:
    return f"c{conversation_id}"  # as `tasks` calls a citizen towards the engine


def _asked(conversation_id: int) -> Any:
    return Question.conversation_id == conversation_id


def _threads(conversation_id: int) -> Any:
    return Entry.question_id.in_(select(Question.id).where(_asked(conversation_id)))


def _member(conversation: Conversation) -> Any:
    return Member.phone == (conversation.address if conversation.channel == WHATSAPP else None)


def _of(table: type[Inbound] | type[Outbox] | type[Decision], conversation_id: int) -> Any:
    return select(table).where(table.conversation_id == conversation_id)


def _understandings(conversation_id: int) -> Any:
    said = Inbound.id == Understanding.inbound_id
    return select(Understanding).join(Inbound, said).where(Inbound.conversation_id == conversation_id)


def _review_items(conversation_id: int) -> Any:
    return select(ReviewItem).where(ReviewItem.id.in_(review.of_conversation(conversation_id)))


def _follows(conversation_id: int) -> Any:
    return (
        select(Follow, Case.number)
        .join(Case, Case.id == Follow.case_id)
        .where(Follow.conversation_id == conversation_id)
    )


def _notices(conversation_id: int) -> Any:
    return Notice.follow_id.in_(select(Follow.id).where(Follow.conversation_id == conversation_id))


def _statuses(conversation_id: int) -> Any:
    # Also those that came before the provider's id was stored.
    letters = select(Outbox.id).where(Outbox.conversation_id == conversation_id)
    known = select(Outbox.provider_id).where(Outbox.conversation_id == conversation_id, Outbox.provider_id.is_not(None))
    return or_(StatusEvent.outbox_id.in_(letters), StatusEvent.provider_id.in_(known))


def _row(row: Any) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in values.items()}

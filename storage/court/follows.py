"""Which cases a citizen follows, with the consent given, and the end of it."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.court.tables import Case, Follow, Notice
from storage.database import reading, writing
from storage.tables import Conversation, Outbox, now

Started = Literal["followed", "already", "limit", "unknown"]


def start(conversation_id: int, case_id: int, language: str, consent: str, limit: int) -> Started:
    """Has a citizen follow a case from now on; `consent` is the question that was answered with yes.

    "already" changes nothing; after an end it begins anew with the new consent; "limit" where `limit` cases are
    followed; "unknown" where the conversation or the case is gone.
    """
    with writing() as session:
        # The row of the conversation is held, so that two answers at once are not both the last one allowed.
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        case = session.get(Case, case_id)
        if conversation is None or case is None or case.removed_at is not None:
            return "unknown"
        known = session.scalars(
            select(Follow).filter_by(conversation_id=conversation_id, case_id=case_id)
        ).one_or_none()
        if known and known.ended_at is None:
            return "already"
        if len(_live(session, conversation_id)) >= limit:
            return "limit"
        if known is None:
            known = Follow(conversation_id=conversation_id, case_id=case_id)
            session.add(known)
        known.language, known.consent, known.consented_at, known.ended_at = language, consent, now(), None
        return "followed"


def end(conversation_id: int, case_id: int | None = None) -> list[str]:
    """Ends following one case, or all; what waits to be sent is dropped, also from the outbox, except what the provider
    may have already. Returns the cases' numbers."""
    with writing() as session:
        ended = [
            follow
            for follow in _live(session, conversation_id, for_update=True)
            if case_id is None or follow.case_id == case_id
        ]
        for follow in ended:
            follow.ended_at = now()
        session.flush()
        mine = Notice.follow_id.in_([follow.id for follow in ended])
        unsent = select(Outbox.id).where(Outbox.conversation_id == conversation_id, Outbox.status == "created")
        session.execute(
            update(Notice)
            .where(mine, Notice.settled_at.is_(None) | Notice.outbox_id.in_(unsent))
            .values(settled_at=now(), outcome="unfollowed")
        )
        written = select(Notice.outbox_id).where(mine, Notice.outcome == "unfollowed", Notice.outbox_id.is_not(None))
        session.execute(delete(Outbox).where(Outbox.id.in_(written), Outbox.status == "created"))
        numbers = select(Case.number).where(Case.id.in_([follow.case_id for follow in ended])).order_by(Case.id)
        return list(session.scalars(numbers))


def followed(conversation_id: int) -> list[int]:
    """Ids of the cases that a citizen follows, the first one first."""
    with reading() as session:
        return [follow.case_id for follow in _live(session, conversation_id)]


def _live(session: Session, conversation_id: int, *, for_update: bool = False) -> list[Follow]:
    mine = select(Follow).filter_by(conversation_id=conversation_id, ended_at=None).order_by(Follow.consented_at)
    return list(session.scalars(mine.with_for_update() if for_update else mine))

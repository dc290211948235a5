"""Retention: what is old enough is deleted, in small bites so that nobody waits behind it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, exists, or_, select, update

from storage.console import review
from storage.court.tables import Call, Case, Event, Follow, Notice, Reminder
from storage.database import writing
from storage.group import members, questions
from storage.group.tables import Decision, Question
from storage.tables import Conversation, Inbound, Outbox, StatusEvent, now

BITE = 500


def delete_before(moment: dt.datetime) -> int:
    """Deletes messages, their statuses and empty conversations from before `moment`; returns how many messages.

    A conversation stays as long as it follows a case. Following ends with a case that was decided, or deleted in SIPP,
    before `moment`; what ended before it, notices sent before it, and the staff's reminders and calls closed before it,
    are deleted, and so are texts in the console's inbox that nobody has said or decided since. Of questions that people
    answered the words go, the figures stay; members who left are deleted.
    """
    deleted = 0
    for table, old in (
        (StatusEvent, StatusEvent.received_at < moment),
        (Outbox, Outbox.created_at < moment),
        (Inbound, Inbound.received_at < moment),
        (Notice, Notice.settled_at < moment),
        (Event, Event.settled_at < moment),
        (Reminder, Reminder.closed_at < moment),
        (Call, Call.closed_at < moment),
        (Decision, Decision.created_at < moment),
    ):
        count = _delete(table, old)
        deleted += count if table in (Outbox, Inbound) else 0
    review.delete_before(moment)
    with writing() as session:
        done = select(Case.id).where(or_(Case.decided_on < moment.date(), Case.removed_at < moment))
        over = Follow.case_id.in_(done) & (Follow.consented_at < moment) & Follow.ended_at.is_(None)
        session.execute(update(Follow).where(over).values(ended_at=now()).execution_options(synchronize_session=False))
    _delete(Follow, Follow.ended_at < moment)
    members.delete_left_before(moment)
    with writing() as session:
        questions.forget_words(session, Question.closed_at < moment)
        silent = or_(Conversation.last_inbound_at < moment, Conversation.last_inbound_at.is_(None))
        needed = [
            exists().where(table.conversation_id == Conversation.id)
            for table in (Inbound, Outbox, Follow)  # a follow that has ended, too: its consent can be asked for
        ]
        needed.append(exists().where(Question.conversation_id == Conversation.id, Question.closed_at.is_(None)))
        session.execute(delete(Conversation).where(silent, Conversation.created_at < moment, ~or_(*needed)))
    return deleted


def _delete(table: Any, old: Any) -> int:
    count = 0
    while True:
        with writing() as session:
            ids = list(session.scalars(select(table.id).where(old).limit(BITE)))
            session.execute(delete(table).where(table.id.in_(ids)))
        count += len(ids)
        if len(ids) < BITE:
            return count

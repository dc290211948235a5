"""Who answered how much and how fast: the facts from which figures are made, and the digests that tell of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from storage.database import reading, writing
from storage.group import members, posts
from storage.group.members import GUIDE, MemberView
from storage.group.tables import Entry, Member, Question


@dataclass(frozen=True)
class Answered:
    """One answered question; times in minutes from the question."""

    member: MemberView | None
    """None once the guide's data is deleted."""
    agency: str
    claimed_after: float
    answered_after: float
    rating: int | None


def answered(start: dt.datetime, end: dt.datetime) -> list[Answered]:
    """The questions that got their first answer from `start` to before `end`."""
    with reading() as session:
        first: dict[int, Entry] = {}
        claims: dict[int, Entry] = {}
        answers = select(Entry).where(Entry.kind == "answer", Entry.state == "done", Entry.sent_at < end)
        for entry in session.scalars(answers.order_by(Entry.id)):
            first.setdefault(entry.question_id, entry)
        first = {key: entry for key, entry in first.items() if entry.sent_at and entry.sent_at >= start}
        claimed = select(Entry).where(Entry.kind == "claim", Entry.question_id.in_(first)).order_by(Entry.id)
        for entry in session.scalars(claimed):
            if entry.id < first[entry.question_id].id:
                claims[entry.question_id] = entry  # the last claim before the answer is the answerer's
        found = []
        for question in session.scalars(select(Question).where(Question.id.in_(first)).order_by(Question.id)):
            answer, claim = first[question.id], claims.get(question.id, first[question.id])
            row = session.get(Member, answer.member_id) if answer.member_id else None
            found.append(
                Answered(
                    members.view(session, row) if row else None,
                    question.agency,
                    (claim.created_at - question.asked_at).total_seconds() / 60,
                    ((answer.sent_at or answer.created_at) - question.asked_at).total_seconds() / 60,
                    question.rating,
                )
            )
        return found


def without_digest(month: str) -> list[MemberView]:
    """Active guides who have not been told of a month ("2026-11") yet."""
    with reading() as session:
        told = Member.digest_month.is_not_distinct_from(month)
        rows = select(Member).where(Member.role == GUIDE, Member.state == "active", ~told).order_by(Member.id)
        return [members.view(session, row) for row in session.scalars(rows)]


def send_digest(member_id: int, month: str, text: str, *, templates: bool) -> bool:
    """Tells a guide of a month, once; "" only notes that there is nothing to tell."""
    with writing() as session:
        row = session.get(Member, member_id, with_for_update=True)
        if row is None or row.digest_month == month:
            return False
        sent = bool(text) and posts.spread(session, [row], text, None, templates=templates) > 0
        row.digest_month = month if sent or not text else row.digest_month
        return sent

"""What well-rated answers suggest, for an admin to accept or refuse."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import reading, writing
from storage.group.tables import Entry, Proposal, Question
from storage.tables import now


@dataclass(frozen=True)
class ProposalView:
    """A proposal with the words it is about; "" once their time is over."""

    id: int
    kind: str
    state: str
    question_id: int
    agency: str
    service: str | None
    language: str
    text: str
    answer: str
    rating: int | None


def _view(session: Session, row: Proposal) -> ProposalView:
    question = session.get_one(Question, row.question_id)
    answers = select(Entry.text).where(
        Entry.question_id == question.id, Entry.kind.in_(("answer", "correction")), Entry.state == "done"
    )
    return ProposalView(
        id=row.id,
        kind=row.kind,
        state=row.state,
        question_id=question.id,
        agency=question.agency,
        service=question.service,
        language=question.language,
        text=question.text,
        answer=session.scalar(answers.order_by(Entry.id.desc()).limit(1)) or "",
        rating=question.rating,
    )


def listed(state: str | None = "open") -> list[ProposalView]:
    """Proposals in a state, or all, the oldest first."""
    with reading() as session:
        rows = select(Proposal).order_by(Proposal.id)
        return [_view(session, row) for row in session.scalars(rows.filter_by(state=state) if state else rows)]


def get(proposal_id: int) -> ProposalView | None:
    with reading() as session:
        row = session.get(Proposal, proposal_id)
        return _view(session, row) if row else None


def decide(proposal_id: int, state: str) -> bool:
    """Ends an open proposal: "accepted" or "refused". False where none is open."""
    with writing() as session:
        row = session.get(Proposal, proposal_id, with_for_update=True)
        if row is None or row.state != "open":
            return False
        row.state, row.decided_at = state, now()
        return True

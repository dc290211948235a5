"""What lies undone in the mirror and in the register of letters; one query a check, all of one shape.

A query takes the first and the last day on which what is awaited may have begun, and gives what began within them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from storage.court.staff import DUTIES
from storage.court.tables import Assignment, Case, Hearing, Letter, Staff
from storage.database import reading

TRAFFIC = 114
"""Flow of traffic cases: decided by the dozen, without a bench of their own."""
BITE = 500


@dataclass(frozen=True)
class Found:
    """Something undone. `subject`: number of the case or letter; `began`: the day from which its time runs."""

    subject: str
    began: dt.date
    case_id: int | None = None
    staff_id: int | None = None
    """Whose it is, where the register says so."""


Query = Callable[[Session, dt.date, dt.date], Iterable[Found]]


def run(query: Query, first: dt.date, last: dt.date) -> list[Found]:
    """What a check finds, each once."""
    with reading() as session:
        return list(dict.fromkeys(query(session, first, last)))


def _open_cases(began: Any, first: dt.date, last: dt.date) -> Select[Any]:
    of_ours = (Case.removed_at.is_(None), Case.flow != TRAFFIC)
    return select(Case.number, began, Case.id).where(*of_ours, began.between(first, last))


def _cases(session: Session, statement: Select[Any]) -> list[Found]:
    return [Found(number, began, case_id) for number, began, case_id in session.execute(statement)]


def bench_not_set(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """Registered, and no bench."""
    missing = (Case.bench_set_on.is_(None), Case.decided_on.is_(None))
    return _cases(session, _open_cases(Case.registered_on, first, last).where(*missing))


def clerk_not_set(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """Registered, and no clerk."""
    missing = (Case.clerk_set_on.is_(None), Case.decided_on.is_(None))
    return _cases(session, _open_cases(Case.registered_on, first, last).where(*missing))


def hearing_day_not_set(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """A bench, and no day of the first hearing."""
    missing = (Case.hearing_day_set_on.is_(None), Case.first_hearing_on.is_(None), Case.decided_on.is_(None))
    return _cases(session, _open_cases(Case.bench_set_on, first, last).where(*missing))


def no_follow_up(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """The last hearing is over, and there is no next one, no decision and no mediation under way."""
    latest = (
        select(Hearing.case_id, func.max(Hearing.day).label("day"))
        .where(Hearing.removed_at.is_(None))
        .group_by(Hearing.case_id)
        .subquery()
    )
    # After a mediation the time runs from its end.
    began = case((Case.mediation_until > latest.c.day, Case.mediation_until), else_=latest.c.day)
    mediated = Case.mediation_from.is_not(None) & Case.mediation_until.is_(None) & Case.mediation_result.is_(None)
    statement = _open_cases(began, first, last).join(latest, latest.c.case_id == Case.id)
    return _cases(session, statement.where(Case.decided_on.is_(None), ~mediated))


def minutes_missing(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """A hearing is over, and its minutes are not in SIPP."""
    statement = _open_cases(Hearing.day, first, last).join(Hearing, Hearing.case_id == Case.id)
    return _cases(session, statement.where(Hearing.removed_at.is_(None), ~Hearing.has_minutes))


def decided_not_minuted(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """Decided, and the decision is not minuted."""
    return _cases(session, _open_cases(Case.decided_on, first, last).where(Case.minuted_on.is_(None)))


def detention_ending(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """A detention ends within these days, and the case is not final."""
    return _cases(session, _open_cases(Case.detention_ends_on, first, last).where(Case.final_on.is_(None)))


def letter_not_disposed(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """A letter has come in, and nobody who is here has been charged with it."""
    nobody = (Letter.finished_on.is_(None), Letter.received_on.between(first, last), Staff.id.is_(None))
    statement = select(Letter.number, Letter.received_on).outerjoin(
        Staff, (Staff.id == Letter.assigned_to) & Staff.active
    )
    return [Found(number, received) for number, received in session.execute(statement.where(*nobody))]


def letter_not_finished(session: Session, first: dt.date, last: dt.date) -> list[Found]:
    """A letter has been given to somebody, and is not finished."""
    waiting = (Letter.finished_on.is_(None), Letter.disposed_on.between(first, last), Letter.assigned_to.is_not(None))
    rows = session.execute(select(Letter.number, Letter.disposed_on, Letter.assigned_to).where(*waiting))
    return [Found(number, disposed, staff_id=staff_id) for number, disposed, staff_id in rows if disposed]


def holders(case_ids: Sequence[int], duties: Sequence[str]) -> dict[int, list[int]]:
    """Ids of the active registered people who hold one of these duties (of the mirror), by case."""
    pairs = [
        (Assignment.duty == duty) & (Staff.duty == own)
        for own, counted in DUTIES.items()
        for duty in counted
        if duty in duties
    ]
    found: dict[int, list[int]] = defaultdict(list)
    if not pairs:
        return found
    with reading() as session:
        for start in range(0, len(case_ids), BITE):
            statement = (
                select(Assignment.case_id, Staff.id)
                .join(Staff, Staff.person_id == Assignment.person_id)
                .where(or_(*pairs), Staff.active, Assignment.case_id.in_(case_ids[start : start + BITE]))
                .distinct()
            )
            for case_id, staff_id in session.execute(statement):
                found[case_id].append(staff_id)
    return found

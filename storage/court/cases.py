"""The mirror of the court's cases: found by number, with their hearings and who works on them, and how old it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from hashlib import blake2b
from operator import attrgetter

from sqlalchemy import exists, or_, select

from storage.court.tables import Assignment, Case, Hearing, Sync
from storage.database import reading

DEMONSTRATION = "demonstration"
"""Source of a mirror that holds invented cases."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case; the fields are the columns of `storage.court.tables.Case`."""

    id: int
    number: str
    key: str
    flow: int
    kind: str | None
    closed: bool
    registered_on: dt.date | None
    stage: str | None
    process: str | None
    bench_set_on: dt.date | None
    clerk_set_on: dt.date | None
    hearing_day_set_on: dt.date | None
    first_hearing_on: dt.date | None
    mediation_from: dt.date | None
    mediation_until: dt.date | None
    mediation_result: str | None
    decided_on: dt.date | None
    verdict: str | None
    minuted_on: dt.date | None
    final_on: dt.date | None
    detention_ends_on: dt.date | None
    removed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class HearingView:
    """A day in court; the fields are the columns of `storage.court.tables.Hearing`."""

    id: int
    case_id: int
    ordinal: int | None
    day: dt.date
    starts: str | None
    ends: str | None
    agenda: str | None
    room: str | None
    adjourned: bool
    adjourned_because: str | None
    has_minutes: bool
    removed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """Who works on a case: duty (chair, judge, clerk, bailiff), id in SIPP, name."""

    duty: str
    person_id: int
    name: str


@dataclass(frozen=True, slots=True)
class File:
    """A case with all that belongs to it: hearings by id, assignments in order."""

    case: CaseView
    hearings: tuple[HearingView, ...]
    assignments: tuple[AssignmentView, ...]

    @property
    def fingerprint(self) -> str:
        """Another one means another content."""
        content = (_CASE(self.case), [_HEARING(h) for h in self.hearings], [_ASSIGNMENT(a) for a in self.assignments])
        return blake2b(repr(content).encode(), digest_size=12).hexdigest()


_CASE = attrgetter(*(field.name for field in fields(CaseView)))
_HEARING = attrgetter(*(field.name for field in fields(HearingView)))
_ASSIGNMENT = attrgetter(*(field.name for field in fields(AssignmentView)))


def find(key: str) -> CaseView | None:
    """The case whose number has this key: office.court.case_number."""
    with reading() as session:
        case = session.scalar(
            select(Case).where(Case.key == key, Case.removed_at.is_(None)).order_by(Case.id.desc()).limit(1)
        )
        return None if case is None else CaseView(*_CASE(case))


def get(case_id: int) -> CaseView | None:
    """The case with this id, also one that SIPP no longer has."""
    with reading() as session:
        case = session.get(Case, case_id)
        return None if case is None else CaseView(*_CASE(case))


def hearings(case_id: int) -> list[HearingView]:
    """The case's hearings by day and time; those that SIPP no longer has carry `removed_at`."""
    with reading() as session:
        rows = session.scalars(select(Hearing).where(Hearing.case_id == case_id))
        return sorted((HearingView(*_HEARING(row)) for row in rows), key=_in_time)


def _in_time(hearing: HearingView) -> tuple[dt.date, str, int]:
    return hearing.day, hearing.starts or "~", hearing.id


def assignments(case_id: int) -> list[AssignmentView]:
    """Who works on the case, by duty."""
    with reading() as session:
        rows = session.scalars(select(Assignment).where(Assignment.case_id == case_id))
        return sorted((AssignmentView(*_ASSIGNMENT(row)) for row in rows), key=_ASSIGNMENT)


def similar(key: str) -> list[str]:
    """Numbers of the same ordinal and year with another code, for "did you mean"; never one of a closed case."""
    parts = key.split("/")
    if len(parts) < 3 or not (parts[0].isdecimal() and parts[2].isdecimal()):
        return []
    with reading() as session:
        numbers = session.scalars(
            select(Case.number)
            .where(Case.key.like(f"{parts[0]}/%/{parts[2]}/%"), Case.key != key)
            .where(Case.closed.is_(False), Case.removed_at.is_(None))
            .order_by(Case.id.desc())
        )
        return list(numbers)


def matching(ordinal: int, code: str | None, year: int | None, limit: int) -> list[str]:
    """Numbers with this ordinal, and this code ("pdtg", as in a key) and year where given; the newest first, none of a
    closed case."""
    with reading() as session:
        numbers = session.scalars(
            select(Case.number)
            .where(Case.key.like(f"{ordinal}/{code or '%'}/{year or '%'}/%"))
            .where(Case.closed.is_(False), Case.removed_at.is_(None))
            .order_by(Case.id.desc())
            .limit(limit)
        )
        return list(numbers)


def as_of() -> dt.datetime | None:
    """The moment for which the mirror is true: the start of the last finished synchronisation."""
    with reading() as session:
        return session.scalar(
            select(Sync.started_at).where(Sync.finished_at.is_not(None)).order_by(Sync.id.desc()).limit(1)
        )


def demonstration() -> bool:
    """Whether the mirror holds invented cases."""
    return source() == DEMONSTRATION


def source() -> str | None:
    """Whose cases the mirror holds; None before the first synchronisation."""
    with reading() as session:
        return session.scalar(select(Sync.source).order_by(Sync.id.desc()).limit(1))


# -- for the synchronisation ------------------------------------------------------------------------------------------


def fingerprints(case_ids: list[int]) -> dict[int, str]:
    """Fingerprints of these cases; "" for one that SIPP no longer has."""
    with reading() as session:
        query = select(Case.id, Case.fingerprint).where(Case.id.in_(case_ids))
        return dict(session.execute(query).tuples().all())


def live_ids() -> set[int]:
    """All cases that SIPP had."""
    with reading() as session:
        return set(session.scalars(select(Case.id).where(Case.removed_at.is_(None))))


def open_ids(since: dt.date) -> set[int]:
    """Cases that are undecided, or have a hearing from `since` on."""
    heard = exists().where(Hearing.case_id == Case.id, Hearing.day >= since, Hearing.removed_at.is_(None))
    with reading() as session:
        query = select(Case.id).where(Case.removed_at.is_(None), or_(Case.decided_on.is_(None), heard))
        return set(session.scalars(query))


def files(case_ids: list[int]) -> dict[int, File]:
    """These cases as the mirror has them, also those that SIPP no longer has."""
    with reading() as session:
        cases = [CaseView(*_CASE(row)) for row in session.scalars(select(Case).where(Case.id.in_(case_ids)))]
        of_case: dict[int, tuple[list[HearingView], list[AssignmentView]]] = {case.id: ([], []) for case in cases}
        for hearing in session.scalars(select(Hearing).where(Hearing.case_id.in_(case_ids)).order_by(Hearing.id)):
            of_case[hearing.case_id][0].append(HearingView(*_HEARING(hearing)))
        for assignment in session.scalars(select(Assignment).where(Assignment.case_id.in_(case_ids))):
            of_case[assignment.case_id][1].append(AssignmentView(*_ASSIGNMENT(assignment)))
    return {
        case.id: File(case, tuple(of_case[case.id][0]), tuple(sorted(of_case[case.id][1], key=_ASSIGNMENT)))
        for case in cases
    }

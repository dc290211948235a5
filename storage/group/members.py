"""Guides and officers: who they are, how they join and leave. Numbers and names are personal: never logged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from errors import SapaError
from storage.database import reading, writing
from storage.group import posts
from storage.group.tables import Cohort, Entry, Member, Question
from storage.tables import WHATSAPP, Conversation, now

GUIDE, OFFICER = "guide", "officer"
TITLES = ("pak", "bapak", "ibu", "mas", "mbak", "kak", "drs.", "dra.", "drs", "dra")


class MemberError(SapaError):
    """A membership that can't be: the text names what and why."""


@dataclass(frozen=True)
class MemberView:
    """A member; `phone`, `name`, `school`, `birth_year` and `village` are personal."""

    id: int
    agency: str
    role: str
    state: str
    experienced: bool
    name: str
    phone: str
    school: str | None
    birth_year: int | None
    village: str | None
    cohort: str | None
    parent: str | None
    created_at: dt.datetime

    @property
    def officer(self) -> bool:
        return self.role == OFFICER

    @property
    def first_name(self) -> str:
        """As citizens and the others of the group read it: the first word that is neither a title nor an initial."""
        words = self.name.split()
        return next((word for word in words if len(word.rstrip(".")) > 2 and word.lower() not in TITLES), words[0])

    @property
    def approves(self) -> bool:
        """Whether answers of new guides wait for this member's yes."""
        return self.officer or self.experienced


@dataclass(frozen=True)
class CohortView:
    id: int
    agency: str
    name: str
    opens_on: dt.date
    closes_on: dt.date


@dataclass(frozen=True)
class Application:
    """What a young person wrote in the form; the parent's part for a minor."""

    agency: str
    cohort_id: int
    phone: str
    name: str
    school: str
    birth_year: int
    village: str
    consent: str
    parent: str | None = None
    parent_consent: str | None = None


def view(session: Session, row: Member) -> MemberView:
    """A row as others see it."""
    cohort = session.get(Cohort, row.cohort_id) if row.cohort_id else None
    return MemberView(
        id=row.id,
        agency=row.agency,
        role=row.role,
        state=row.state,
        experienced=row.experienced,
        name=row.name,
        phone=row.phone,
        school=row.school,
        birth_year=row.birth_year,
        village=row.village,
        cohort=cohort.name if cohort else None,
        parent=row.parent,
        created_at=row.created_at,
    )


def everybody() -> list[MemberView]:
    """All members and applicants, by office and name."""
    with reading() as session:
        rows = session.scalars(select(Member).order_by(Member.agency, Member.role, Member.name, Member.id))
        return [view(session, row) for row in rows]


def get(member_id: int) -> MemberView | None:
    with reading() as session:
        row = session.get(Member, member_id)
        return view(session, row) if row else None


def of_conversation(conversation_id: int) -> MemberView | None:
    """Whose conversation it is, whatever the member's state; None for everybody else.

    On WhatsApp alone the provider proves who writes: a name made up on the web is nobody.
    """
    with reading() as session:
        mine = select(Conversation.address).filter_by(id=conversation_id, channel=WHATSAPP)
        row = session.scalars(select(Member).where(Member.phone == mine.scalar_subquery())).one_or_none()
        return view(session, row) if row else None


def serving(agency: str, role: str) -> bool:
    """Whether an office has anybody of this role who answers."""
    with reading() as session:
        one = select(Member.id).filter_by(agency=agency, role=role, state="active").limit(1)
        return session.scalar(one) is not None


def apply(application: Application) -> int:
    """Keeps an application; who has left before applies anew. Raises MemberError where the number is a member's."""
    with writing() as session:
        known = session.scalars(select(Member).filter_by(phone=application.phone)).one_or_none()
        if known and known.state != "left":
            raise MemberError(f"the number is already a member's ({known.state})")
        row = known or Member(phone=application.phone)
        for column in ("agency", "cohort_id", "name", "school", "birth_year", "village", "consent"):
            setattr(row, column, getattr(application, column))
        row.role, row.state, row.experienced = GUIDE, "applied", False
        row.consented_at, row.created_at, row.accepted_at, row.left_at = now(), now(), None, None
        row.parent, row.parent_consent = application.parent, application.parent_consent
        row.parent_consented_at = now() if application.parent_consent else None
        session.add(row)
        session.flush()
        return row.id


def add_officer(agency: str, name: str, phone: str) -> tuple[int, bool]:
    """Registers an officer, or alters the one with this number; (id, whether new). Raises MemberError."""
    with writing() as session:
        row = session.scalars(select(Member).filter_by(phone=phone)).one_or_none()
        if row and row.role != OFFICER:
            raise MemberError("phone: the number is a guide's")
        new = row is None
        row = row or Member(phone=phone, accepted_at=now())
        row.agency, row.role, row.name, row.state, row.experienced = agency, OFFICER, name, "active", True
        session.add(row)
        session.flush()
        return row.id, new


def accept(
    member_id: int, experienced: bool, welcome: Callable[[MemberView], str], *, templates: bool
) -> MemberView | None:
    """Takes an applicant in, who is told what `welcome` says; None where nobody with this id has applied."""
    with writing() as session:
        row = session.get(Member, member_id)
        if row is None or row.state != "applied":
            return None
        row.state, row.experienced, row.accepted_at = "active", experienced, now()
        session.flush()
        accepted = view(session, row)
        posts.spread(session, [row], welcome(accepted), None, templates=templates)
        return accepted


def set_state(member_id: int, before: Iterable[str], after: str) -> bool:
    """Moves a member from one of the states `before` to `after`; False where the member is in none of them.

    Whoever leaves or pauses holds no question any longer: the clock frees it.
    """
    with writing() as session:
        row = session.get(Member, member_id)
        if row is None or row.state not in before:
            return False
        row.state = after
        row.left_at = now() if after == "left" else None
        if after != "active":
            _let_go(session, member_id)
        return True


def promote(member_id: int) -> bool:
    """Makes a guide an experienced one; False where there is no such guide."""
    with writing() as session:
        row = session.get(Member, member_id)
        if row is None or row.role != GUIDE:
            return False
        row.experienced = True
        return True


def remove(member_id: int) -> bool:
    """Deletes a member's data; what was answered stays, without a name. False where there is none."""
    with writing() as session:
        return delete(session, member_id)


def delete(session: Session, member_id: int) -> bool:
    """As `remove`, within the caller's transaction."""
    row = session.get(Member, member_id)
    if row is None:
        return False
    _let_go(session, member_id)
    session.delete(row)
    session.flush()
    return True


def _let_go(session: Session, member_id: int) -> None:
    """A question that is held is due at once, the clock frees it; what waits for approval is dropped."""
    waiting = (Entry.member_id == member_id) & (Entry.state == "pending")
    session.execute(update(Entry).where(waiting).values(state="refused"))
    session.execute(
        update(Question).where(Question.holder_id == member_id, Question.state != "closed").values(due_at=now())
    )


def delete_left_before(moment: dt.datetime) -> int:
    """Retention: deletes those who left before a moment, and applications nobody accepted since."""
    with writing() as session:
        left = Member.left_at < moment
        waiting = (Member.state == "applied") & (Member.created_at < moment)
        return session.execute(delete_rows(Member).where(left | waiting)).rowcount  # type: ignore[attr-defined, no-any-return]


# -- cohorts ----------------------------------------------------------------------------------------------------------


def add_cohort(agency: str, name: str, opens_on: dt.date, closes_on: dt.date) -> int:
    """Begins a cohort, or alters the days of the one with this name; its id."""
    with writing() as session:
        row = session.scalars(select(Cohort).filter_by(agency=agency, name=name)).one_or_none()
        row = row or Cohort(agency=agency, name=name)
        row.opens_on, row.closes_on = opens_on, closes_on
        session.add(row)
        session.flush()
        return row.id


def cohorts() -> list[CohortView]:
    """All cohorts, the newest first."""
    with reading() as session:
        rows = session.scalars(select(Cohort).order_by(Cohort.opens_on.desc(), Cohort.id.desc()))
        return [CohortView(row.id, row.agency, row.name, row.opens_on, row.closes_on) for row in rows]


def open_cohort(on: dt.date) -> CohortView | None:
    """The cohort that one can apply to on a day."""
    return next((one for one in cohorts() if one.opens_on <= on <= one.closes_on), None)

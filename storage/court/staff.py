"""The court's people: whose numbers are registered, with which role and cases. Numbers are personal: never logged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from errors import SapaError
from storage.court.tables import Assignment, Staff
from storage.database import reading, writing
from storage.tables import WHATSAPP, Conversation

DUTIES = {"judge": ("chair", "judge"), "clerk": ("clerk",), "bailiff": ("bailiff",)}
"""A person's duty, and the duties in the mirror's assignments that count under it: chairs are judges too."""


class StaffError(SapaError):
    """A registration that can't be: the text names what and why; `index` which one of several, counted from 0."""

    def __init__(self, message: str, index: int | None = None):
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class StaffView:
    """A registered person. `phone` and `second_phone` are personal: never log them."""

    id: int
    name: str
    role: str
    phone: str
    second_phone: str | None
    duty: str | None
    person_id: int | None
    superior_id: int | None
    active: bool
    digest_on: dt.date | None


@dataclass(frozen=True)
class Person:
    """Somebody whom SIPP names: `duty` as in DUTIES, `person_id` in SIPP's table of that duty."""

    duty: str
    person_id: int
    name: str


def view(row: Staff) -> StaffView:
    """A row as others see it."""
    return StaffView(
        id=row.id,
        name=row.name,
        role=row.role,
        phone=row.phone,
        second_phone=row.second_phone,
        duty=row.duty,
        person_id=row.person_id,
        superior_id=row.superior_id,
        active=row.active,
        digest_on=row.digest_on,
    )


def everybody() -> list[StaffView]:
    """All who are registered, disabled ones too, by name."""
    with reading() as session:
        return [view(row) for row in session.scalars(select(Staff).order_by(Staff.name, Staff.id))]


def get(staff_id: int) -> StaffView | None:
    with reading() as session:
        row = session.get(Staff, staff_id)
        return view(row) if row else None


def of_conversation(conversation_id: int) -> StaffView | None:
    """Whose conversation it is: an active person's on WhatsApp, from either number; None for everybody else."""
    with reading() as session:
        address = session.scalar(select(Conversation.address).filter_by(id=conversation_id, channel=WHATSAPP))
        if address is None:
            return None
        mine = or_(Staff.phone == address, Staff.second_phone == address)
        row = session.scalars(select(Staff).where(mine, Staff.active)).one_or_none()
        return view(row) if row else None


def save(people: Sequence[Mapping[str, Any]]) -> list[tuple[int, bool]]:
    """Registers people, all or none; who is known by `phone` is altered. Returns (id, whether new) of each.

    Each: the columns of Staff without ids and times, and `superior_phone` (a registered number, also one of these).
    Raises StaffError.
    """
    with writing() as session:
        saved = [_save(session, dict(person), index) for index, person in enumerate(people)]
        for index, (person, (staff_id, _)) in enumerate(zip(people, saved, strict=True)):
            if phone := person.get("superior_phone"):
                superior = session.scalar(select(Staff.id).filter_by(phone=phone))
                if superior is None or superior == staff_id:
                    raise StaffError("superior_phone: no other person is registered with it", index)
                session.get_one(Staff, staff_id).superior_id = superior
        session.flush()
        for index, (staff_id, _) in enumerate(saved):
            _refuse_ring(session, staff_id, index)
        return saved


def _save(session: Session, person: dict[str, Any], index: int) -> tuple[int, bool]:
    person.pop("superior_phone", None)
    row = session.scalars(select(Staff).filter_by(phone=person["phone"])).one_or_none()
    new = row is None
    if row is None:
        row = Staff(**person)
        session.add(row)
    else:
        for column, value in person.items():
            setattr(row, column, value)
    session.flush()
    numbers = [number for number in (row.phone, row.second_phone) if number]
    taken = or_(Staff.phone.in_(numbers), Staff.second_phone.in_(numbers))
    other = session.scalars(select(Staff).where(taken, Staff.id != row.id)).first()
    if other:
        raise StaffError(f"phone: one of the numbers is already registered for {other.name}", index)
    if len(set(numbers)) < len(numbers):
        raise StaffError("second_phone: is the same as phone", index)
    return row.id, new


def _refuse_ring(session: Session, staff_id: int, index: int) -> None:
    seen, above = {staff_id}, session.get_one(Staff, staff_id).superior_id
    while above is not None:
        if above in seen:
            raise StaffError("superior_phone: the superiors would form a ring", index)
        seen.add(above)
        above = session.get_one(Staff, above).superior_id


def set_active(staff_id: int, active: bool) -> bool:
    """Lets a number be staff's, or a citizen's again; False where there is no such person."""
    with writing() as session:
        row = session.get(Staff, staff_id)
        if row:
            row.active = active
        return row is not None


def remove(staff_id: int) -> bool:
    """Deletes a person with reminders and calls; False where there is none."""
    with writing() as session:
        row = session.get(Staff, staff_id)
        if row:
            session.delete(row)
        return row is not None


def named(duty: str, words: str) -> list[Person]:
    """People of a duty in the mirror's assignments whose name contains the words, without regard to case."""
    with reading() as session:
        statement = (
            select(Assignment.person_id, Assignment.name)
            .where(
                Assignment.duty.in_(DUTIES[duty]), func.lower(Assignment.name).contains(words.lower(), autoescape=True)
            )
            .distinct()
            .order_by(Assignment.name)
        )
        return [Person(duty, person_id, name) for person_id, name in session.execute(statement)]


def on_case(case_id: int, duties: Sequence[str]) -> list[StaffView]:
    """Active registered people who hold one of these duties (of the mirror) in a case."""
    found: dict[int, StaffView] = {}
    with reading() as session:
        for duty in duties:
            own = next(name for name, counted in DUTIES.items() if duty in counted)
            people = select(Assignment.person_id).filter_by(case_id=case_id, duty=duty)
            mine = select(Staff).where(Staff.duty == own, Staff.person_id.in_(people), Staff.active).order_by(Staff.id)
            found |= {row.id: view(row) for row in session.scalars(mine)}
    return list(found.values())

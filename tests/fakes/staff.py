"""People of an invented court, and who works on its cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from office.court.case_number import key
from office.opening import WIB
from storage.court import staff
from storage.court.staff import StaffView
from storage.court.tables import Assignment, Case
from storage.database import writing
from tests.fakes import court

CHAIR, MEMBER, CLERK = 11, 12, 21
"""Ids in SIPP."""
MONDAY = dt.date(2026, 11, 23)


def at(clock: str, day: dt.date = MONDAY) -> dt.datetime:
    """A moment in WIB."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), WIB)


def register(name: str, role: str, phone: str, person_id: int | None = None, **more: Any) -> StaffView:
    """A registered person; with `person_id` a judge's or a clerk's in SIPP."""
    duty = None if person_id is None else "clerk" if role == "clerk" else "judge"
    person = {"name": name, "role": role, "phone": phone, "duty": duty, "person_id": person_id}
    [(staff_id, _)] = staff.save([person | more])
    found = staff.get(staff_id)
    assert found
    return found


def case(case_id: int, number: str, **columns: Any) -> None:
    """A case with a chair, a member and a clerk."""
    court.add_case(case_id, number, **columns)
    with writing() as session:
        session.get_one(Case, case_id).key = key(number)
        for duty, person_id in (("chair", CHAIR), ("judge", MEMBER), ("clerk", CLERK)):
            session.add(Assignment(case_id=case_id, duty=duty, person_id=person_id, name=f"{duty} contoh {person_id}"))


def assign(case_id: int, duty: str, person_id: int) -> None:
    """Somebody else holds this duty in the case."""
    with writing() as session:
        session.query(Assignment).filter_by(case_id=case_id, duty=duty).delete()
        session.add(Assignment(case_id=case_id, duty=duty, person_id=person_id, name=f"{duty} contoh {person_id}"))


def alter(case_id: int, **columns: Any) -> None:
    """What a synchronisation would write."""
    with writing() as session:
        row = session.get_one(Case, case_id)
        for column, value in columns.items():
            setattr(row, column, value)


def chair(**more: Any) -> StaffView:
    return register("Hakim Contoh A", "judge", "+62000000011", CHAIR, **more)


def member(**more: Any) -> StaffView:
    return register("Hakim Contoh B", "judge", "+62000000012", MEMBER, **more)


def clerk(**more: Any) -> StaffView:
    return register("Panitera Contoh C", "clerk", "+62000000021", CLERK, **more)


def head(**more: Any) -> StaffView:
    return register("Ketua Contoh D", "head", "+62000000001", **more)

"""People of an invented group: guides and officers of Kecamatan Mojosari."""

from __future__ import annotations

import datetime as dt

from storage.conversations import conversation_with
from storage.database import writing
from storage.group import members
from storage.group.members import Application, MemberView
from storage.group.tables import Member
from storage.tables import Conversation, now

OFFICE = "kecamatan_mojosari"


def cohort(name: str = "Angkatan Contoh") -> int:
    today = dt.date.today()
    return members.add_cohort(OFFICE, name, today - dt.timedelta(days=1), today + dt.timedelta(days=30))


def guide(name: str = "Sari Contoh", phone: str = "+62000000201", *, experienced: bool = True) -> MemberView:
    """An active guide who has written today."""
    member_id = members.apply(
        Application(OFFICE, cohort(), phone, name, "SMA Contoh", 2000, "Desa Contoh", "persetujuan contoh")
    )
    with writing() as session:
        session.get_one(Member, member_id).state = "active"
        session.get_one(Member, member_id).experienced = experienced
    return _wrote(member_id, phone)


def officer(name: str = "Petugas Contoh", phone: str = "+62000000301") -> MemberView:
    """An officer who has written today."""
    member_id, _ = members.add_officer(OFFICE, name, phone)
    return _wrote(member_id, phone)


def _wrote(member_id: int, phone: str) -> MemberView:
    with writing() as session:
        session.get_one(Conversation, conversation_with(session, phone)).last_inbound_at = now()
    found = members.get(member_id)
    assert found
    return found

"""A small stand-in for the synchronisation: changes the mirror and notes the event."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

from connectors.incoming import make_incoming
from office.court.case_number import key
from storage import messages
from storage.court.tables import Case, Event, Follow, Hearing, Sync
from storage.database import reading, writing
from storage.tables import now

PHONE = "+6200000001"
NUMBER = "12/Pdt.G/2026/PN Mjk"
CASE = 7
HEARING = 81
NOTHING = {column.key: None for column in Case.__table__.columns if column.nullable}


def add_case(case_id: int = CASE, number: str = NUMBER, **values: Any) -> None:
    row = NOTHING | {"flow": 1, "closed": False, "fingerprint": ""} | values
    with writing() as session:
        session.add(Case(id=case_id, number=number, key=key(number), **row))


def add_hearing(
    hearing_id: int, day: dt.date, starts: str | None = "09:00", case_id: int = CASE, **values: Any
) -> None:
    """A hearing that has always been there: no event."""
    row = {
        "ordinal": 1,
        "ends": None,
        "agenda": "Pembuktian dari Penggugat",
        "room": "Ruang Cakra",
        "adjourned": False,
        "adjourned_because": None,
        "has_minutes": False,
        "removed_at": None,
    }
    with writing() as session:
        session.add(Hearing(id=hearing_id, case_id=case_id, day=day, starts=starts, **(row | values)))


def new(hearing_id: int, day: dt.date, starts: str | None = "09:00", case_id: int = CASE, **values: Any) -> None:
    add_hearing(hearing_id, day, starts, case_id, **values)
    _event(hearing_id, "new", {})


def change(hearing_id: int, kind: str, **values: Any) -> None:
    """kind: moved, adjourned, cancelled, or new for one that comes back."""
    with writing() as session:
        hearing = session.get_one(Hearing, hearing_id)
        before = _stand(hearing)
        for name, value in values.items():
            setattr(hearing, name, value)
        hearing.removed_at = now() if kind == "cancelled" else None
    _event(hearing_id, kind, {} if kind == "new" else before)


def replace(hearing_id: int, by: int, day: dt.date, starts: str | None = "09:00", **values: Any) -> None:
    """SIPP has the hearing under another id."""
    with writing() as session:
        before = _stand(session.get_one(Hearing, hearing_id))
        session.get_one(Hearing, hearing_id).removed_at = now()
    add_hearing(by, day, starts, **values)
    after = _stand(next(row for row in rows(Hearing) if row.id == by))
    if any(before[name] != after[name] for name in ("day", "starts", "room")):
        _event(by, "moved", before)


def decide(day: dt.date, case_id: int = CASE) -> None:
    with writing() as session:
        session.get_one(Case, case_id).decided_on = day
        after = {"decided_on": day.isoformat()}
        session.add(Event(case_id=case_id, hearing_id=None, kind="decided", before={"decided_on": None}, after=after))


def synchronised(at: dt.datetime, source: str = "contoh") -> None:
    with writing() as session:
        session.add(Sync(started_at=at, finished_at=at, full=False, source=source))


def citizen(phone: str = PHONE, channel: str = "whatsapp") -> int:
    """A conversation whose citizen has just written, and needs no answer."""
    receipt = messages.receive(make_incoming(channel, phone, f"SM{uuid4().hex}", "text", "halo"))
    messages.complete(receipt.inbound_id, [])
    return receipt.conversation_id


def follow(conversation_id: int, case_id: int = CASE, language: str = "id", since: dt.datetime | None = None) -> int:
    """A follow that has been there for long, with the id."""
    with writing() as session:
        made = Follow(conversation_id=conversation_id, case_id=case_id, language=language, consent="Boleh?")
        made.consented_at = since or dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        session.add(made)
        session.flush()
        return made.id


def rows(table: type) -> list[Any]:
    with reading() as session:
        return session.query(table).order_by(table.id).all()


def _event(hearing_id: int, kind: str, before: dict[str, Any]) -> None:
    with writing() as session:
        hearing = session.get_one(Hearing, hearing_id)
        after = {} if kind == "cancelled" else _stand(hearing)
        session.add(Event(case_id=hearing.case_id, hearing_id=hearing_id, kind=kind, before=before, after=after))


def _stand(hearing: Hearing) -> dict[str, Any]:
    values = {name: getattr(hearing, name) for name in ("starts", "room", "agenda")}
    return {"day": hearing.day.isoformat(), **values}

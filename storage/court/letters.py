"""The register of incoming letters: received, given to somebody (disposed), finished."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from storage import messages
from storage.conversations import conversation_with
from storage.court.tables import Letter, Staff
from storage.database import reading, writing


@dataclass(frozen=True)
class NewLetter:
    """A letter to be entered; what is None is not known yet."""

    number: str
    sender: str
    subject: str
    received_on: dt.date
    disposed_on: dt.date | None = None
    assigned_to: int | None = None
    finished_on: dt.date | None = None


@dataclass(frozen=True)
class LetterView:
    """A letter with the name of whoever it was given to."""

    id: int
    number: str
    sender: str
    subject: str
    received_on: dt.date
    disposed_on: dt.date | None
    assigned_to: int | None
    assigned_name: str | None
    finished_on: dt.date | None

    @property
    def state(self) -> str:
        """masuk, disposisi, selesai."""
        return "selesai" if self.finished_on else "disposisi" if self.disposed_on else "masuk"


def enter(letters: Sequence[NewLetter]) -> list[tuple[int, bool]]:
    """Enters letters, all or none; (id, whether new) of each. A known one (number and day) keeps the state it has
    reached: what is given here only fills in and goes further."""
    with writing() as session:
        entered = []
        for letter in letters:
            known = select(Letter).filter_by(number=letter.number, received_on=letter.received_on)
            row = session.scalars(known).one_or_none()
            new = row is None
            if row is None:
                row = Letter(number=letter.number, received_on=letter.received_on)
                session.add(row)
            row.sender, row.subject = letter.sender, letter.subject
            row.disposed_on = row.disposed_on or letter.disposed_on
            row.assigned_to = row.assigned_to or letter.assigned_to
            row.finished_on = row.finished_on or letter.finished_on
            session.flush()
            entered.append((row.id, new))
        return entered


def dispose(letter_id: int, staff_id: int, on: dt.date, text: str) -> int | None:
    """Gives a letter to a person and, with `text`, tells the person, both or neither; returns the outbox id."""
    with writing() as session:
        row, person = session.get_one(Letter, letter_id), session.get_one(Staff, staff_id)
        row.disposed_on, row.assigned_to = on, staff_id
        return messages.put(session, conversation_with(session, person.phone), text) if text else None


def finish(letter_id: int, on: dt.date) -> None:
    """The letter needs nothing more."""
    with writing() as session:
        session.get_one(Letter, letter_id).finished_on = on


def get(letter_id: int) -> LetterView | None:
    found = _list(Letter.id == letter_id)
    return found[0] if found else None


def unfinished() -> list[LetterView]:
    """Letters that need something yet, the oldest first."""
    return _list(Letter.finished_on.is_(None))


def newest(limit: int) -> list[LetterView]:
    """The letters that came in last, in any state, the oldest of them first."""
    return _list(Letter.id.in_(select(Letter.id).order_by(Letter.received_on.desc(), Letter.id.desc()).limit(limit)))


def _list(which: object) -> list[LetterView]:
    with reading() as session:
        statement = select(Letter, Staff.name).outerjoin(Staff, Staff.id == Letter.assigned_to)
        rows = session.execute(statement.where(which).order_by(Letter.received_on, Letter.id))  # type: ignore[arg-type]
        return [
            LetterView(
                id=row.id,
                number=row.number,
                sender=row.sender,
                subject=row.subject,
                received_on=row.received_on,
                disposed_on=row.disposed_on,
                assigned_to=row.assigned_to,
                assigned_name=name,
                finished_on=row.finished_on,
            )
            for row, name in rows
        ]

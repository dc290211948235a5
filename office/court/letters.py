"""The court's own register of incoming letters; SIPP has none."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

from errors import SapaError
from office.court import staff, table
from office.court.table import TableError
from office.opening import now as present
from office.privacy import mask
from office.wording import date, say
from storage.court import letters
from storage.court.letters import LetterView, NewLetter
from storage.court.staff import StaffView

REQUIRED = ("number", "sender", "subject", "received_on")
OPTIONAL = ("disposed_on", "assigned_phone", "finished_on")
LANGUAGE = "id"
_DAY = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)[/.-](\d\d?)[/.-](\d{4})")


class LetterError(SapaError):
    """A letter that can't be entered or moved on; the text names what and why."""


def day(text: str, field: str) -> dt.date:
    """A day written 2026-11-20 or 20/11/2026, not in the future. Raises LetterError naming the field."""
    found = _DAY.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError
        year, month, number = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
        read = dt.date(int(year), int(month), int(number))
    except ValueError as error:
        raise LetterError(f"{field}: {text!r} is no day; write 2026-11-20 or 20/11/2026") from error
    if read > present().date():
        raise LetterError(f"{field}: {text} lies in the future")
    return read


def letter(given: Mapping[str, str]) -> NewLetter:
    """A letter from the fields of REQUIRED and OPTIONAL. Raises SapaError naming the field."""
    for field in REQUIRED:
        if not given.get(field):
            raise LetterError(f"{field}: is missing")
    received = day(given["received_on"], "received_on")
    disposed, finished = (day(given[f], f) if given.get(f) else None for f in ("disposed_on", "finished_on"))
    if bool(disposed) != bool(given.get("assigned_phone")):
        raise LetterError("disposed_on and assigned_phone: give both or neither")
    if min(disposed or received, finished or received) < received or (disposed and finished and finished < disposed):
        raise LetterError("received_on, disposed_on, finished_on: a later step lies before an earlier one")
    return NewLetter(
        number=given["number"],
        sender=mask(given["sender"]),
        subject=mask(given["subject"]),
        received_on=received,
        disposed_on=disposed,
        assigned_to=staff.find(given["assigned_phone"]).id if disposed else None,
        finished_on=finished,
    )


def take_file(path: Path) -> list[tuple[int, bool]]:
    """Enters the letters of a CSV file, all or none; (id, whether new) of each. Raises TableError naming bad lines."""
    lines = table.read(path, REQUIRED, OPTIONAL, letter)
    keys = [(one.number, one.received_on) for _, one in lines]
    if twice := [line for (line, _), key in zip(lines, keys, strict=True) if keys.count(key) > 1]:
        raise TableError.of(path, dict.fromkeys(twice, "this number and day are in the file twice"))
    return letters.enter([one for _, one in lines])


def dispose(letter_id: int, to: str, *, tell: bool) -> tuple[StaffView, int | None]:
    """Gives a letter to a person (id or number), who is told of it; the person and the outbox id. Raises SapaError."""
    one, whom = _open(letter_id), staff.find(to)
    told = tell and staff.hears(whom, "letters")
    text = say("staff.letter", LANGUAGE, number=one.number, date=date(one.received_on, LANGUAGE)) if told else ""
    return whom, letters.dispose(letter_id, whom.id, present().date(), text)


def finish(letter_id: int) -> LetterView:
    """The letter needs nothing more. Raises LetterError where it has not been given to anybody."""
    one = _open(letter_id)
    if one.disposed_on is None:
        raise LetterError(
            f"letter {letter_id} has not been disposed yet: first `sapa letters dispose {letter_id} --to`"
        )
    letters.finish(letter_id, present().date())
    return one


def _open(letter_id: int) -> LetterView:
    one = letters.get(letter_id)
    if one is None:
        raise LetterError(f"there is no letter {letter_id}; see `sapa letters list --all`")
    if one.finished_on:
        raise LetterError(f"letter {letter_id} has been finished on {one.finished_on}")
    return one

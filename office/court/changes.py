"""What followers of a case are to hear of when it changed: new, moved, adjourned, cancelled, decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from storage.court.cases import File, HearingView
from storage.court.mirror import Change

LATELY = dt.timedelta(days=7)
"""That a hearing was adjourned is written into SIPP after it; older ones are bookkeeping."""


def details(hearing: HearingView) -> dict[str, Any]:
    """What an event keeps of a hearing: {"day", "starts", "room", "agenda"}.

    Why it was adjourned stays in the mirror alone, which forgets it when the case becomes a closed one.
    """
    return {
        "day": hearing.day.isoformat(),
        "starts": hearing.starts,
        "room": hearing.room,
        "agenda": hearing.agenda,
    }


def changes(before: File | None, after: File | None, today: dt.date) -> list[Change]:
    """The events between two states of one case; None: the mirror did not have it, or SIPP has it no longer.

    A case that is new to the mirror has no followers, so no events. An agenda that changes alone is none. A hearing
    that SIPP replaced by another one of the same ordinal was moved. "new" has a `before` where it had been cancelled,
    or adjourned and is on after all.
    """
    if before is None:
        return []
    found = []
    had = {h.id: h for h in before.hearings if h.removed_at is None}
    once = {h.id: h for h in before.hearings if h.removed_at is not None}
    has = {h.id: h for h in after.hearings} if after else {}
    gone = (h for h in had.values() if h.id not in has and h.ordinal is not None)
    replaced: dict[int | None, HearingView] = {h.ordinal: h for h in gone}

    for hearing in has.values():
        old = had.get(hearing.id)
        if old is None and hearing.id not in once:
            old = replaced.pop(hearing.ordinal, None)
            if old:
                del had[old.id]
        if old is None:
            if hearing.day >= today:
                known = once.get(hearing.id)
                found.append(_change("new", known, hearing))
        elif hearing.adjourned and not old.adjourned and hearing.day >= today - LATELY:
            found.append(_change("adjourned", old, hearing))
        elif old.adjourned and not hearing.adjourned and hearing.day >= today:
            found.append(_change("new", old, hearing))
        elif _when_and_where(old) != _when_and_where(hearing) and max(old.day, hearing.day) >= today:
            found.append(_change("moved", old, hearing))
    for old in had.values():
        if old.id not in has and old.day >= today:
            found.append(_change("cancelled", old, None))
    if after and after.case.decided_on and before.case.decided_on is None:
        decided = {"decided_on": after.case.decided_on.isoformat()}
        found.append(Change(after.case.id, None, "decided", {}, decided))
    return found


def _when_and_where(hearing: HearingView) -> tuple[dt.date, str | None, str | None]:
    return hearing.day, hearing.starts, hearing.room


def _change(kind: str, old: HearingView | None, new: HearingView | None) -> Change:
    hearing = new or old
    assert hearing is not None
    return Change(hearing.case_id, hearing.id, kind, details(old) if old else {}, details(new) if new else {})

"""What the court's staff are reminded of.

A new check is an entry here, its query in storage.court.checks, its number of days in data/parameters/court_checks.yml
and its words in data/wording.yml under `staff.check`; nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from office.court.staff import NoticeClass, hears
from office.court.working_days import first_late_day, last_beginning, parameters, passed
from storage.court import checks as queries
from storage.court import staff
from storage.court.checks import Found, Query
from storage.court.staff import StaffView


@dataclass(frozen=True)
class Check:
    """One kind of thing undone."""

    name: str
    threshold: str
    """Key of its number of days in the parameters; what is undone for longer is late."""
    notice_class: NoticeClass
    """Who hears of it: roles with this class, of them ..."""
    assigned: tuple[str, ...]
    """... those with one of these duties in the case (chair, judge, clerk, bailiff); (): everybody with such a role,
    or whom the register charges with it."""
    find: Query
    ahead: bool = False
    """Told before the day comes, not after it has passed."""


_BENCH, _CLERK = ("chair",), ("clerk",)
CHECKS: tuple[Check, ...] = (
    Check("detention_ending", "court_check_detention", "cases", _BENCH + _CLERK, queries.detention_ending, ahead=True),
    Check("bench_not_set", "court_check_bench", "distribution", (), queries.bench_not_set),
    Check("clerk_not_set", "court_check_clerk", "distribution", (), queries.clerk_not_set),
    Check("hearing_day_not_set", "court_check_hearing_day", "cases", _BENCH, queries.hearing_day_not_set),
    Check("no_follow_up", "court_check_follow_up", "cases", _BENCH + _CLERK, queries.no_follow_up),
    Check("minutes_missing", "court_check_minutes", "cases", _CLERK, queries.minutes_missing),
    Check("decided_not_minuted", "court_check_minuting", "cases", _BENCH + _CLERK, queries.decided_not_minuted),
    Check("letter_not_disposed", "court_check_disposition", "undisposed", (), queries.letter_not_disposed),
    Check("letter_not_finished", "court_check_letter", "letters", (), queries.letter_not_finished),
)


@dataclass(frozen=True)
class Item:
    """Something that one person is to do."""

    check: str
    subject: str
    """Number of the case or letter."""
    day: dt.date
    """The day from which the time runs; of what lies ahead, the day that comes."""
    since: dt.date
    """First day on which it was to be told."""
    days: int
    """Over the time, in `unit`; of what lies ahead, days left."""
    unit: str
    ahead: bool

    @property
    def urgency(self) -> tuple[bool, int, str]:
        """Sorts what lies ahead first, the nearest before, then what is longest overdue."""
        return not self.ahead, self.days if self.ahead else -self.days, self.subject


def undone(today: dt.date, only: StaffView | None = None) -> dict[int, list[Item]]:
    """What lies with everybody, or one person, today, by the id of the registration; who has nothing is left out."""
    people = [only] if only else staff.everybody()
    found: dict[int, list[Item]] = defaultdict(list)
    for check in CHECKS:
        hearing = {person.id for person in people if hears(person, check.notice_class)}
        if not hearing:
            continue
        results = _run(check, today)
        held = (
            queries.holders([one.case_id for one in results if one.case_id], check.assigned) if check.assigned else {}
        )
        for one in results:
            if check.assigned:
                responsible = set(held.get(one.case_id or 0, ()))
            else:
                responsible = hearing if one.staff_id is None else {one.staff_id}
            for staff_id in responsible & hearing:
                found[staff_id].append(_item(check, one, today))
    return {staff_id: sorted(items, key=lambda item: item.urgency) for staff_id, items in found.items()}


def _run(check: Check, today: dt.date) -> list[Found]:
    limit, unit = _limit(check, today)
    if check.ahead:
        return queries.run(check.find, today, today + dt.timedelta(days=limit))
    reach = int(parameters().value("court_check_reach", today).value)
    return queries.run(check.find, today - dt.timedelta(days=reach), last_beginning(today, limit, unit))


def _item(check: Check, one: Found, today: dt.date) -> Item:
    limit, unit = _limit(check, today)
    if check.ahead:
        since, days = one.began - dt.timedelta(days=limit), (one.began - today).days
    else:
        since, days = first_late_day(one.began, limit, unit), passed(one.began, today, unit) - limit
    return Item(check.name, one.subject, one.began, since, days, unit, check.ahead)


def _limit(check: Check, today: dt.date) -> tuple[int, str]:
    parameter = parameters().value(check.threshold, today)
    return int(parameter.value), parameter.unit

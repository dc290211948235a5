"""Periods in days and in working days; holidays are those of data/parameters."""

import datetime as dt

import pytest

from office.court.working_days import first_late_day, is_working, last_beginning, passed

FRIDAY, SATURDAY, MONDAY, TUESDAY = (dt.date(2026, 11, day) for day in (20, 21, 23, 24))


@pytest.mark.parametrize(
    "day, works",
    [(FRIDAY, True), (SATURDAY, False), (dt.date(2026, 12, 24), False), (dt.date(2026, 12, 25), False)],
)
def test_is_working(day, works):
    assert is_working(day) is works


@pytest.mark.parametrize(
    "began, today, unit, count",
    [
        (FRIDAY, MONDAY, "days", 3),
        (FRIDAY, MONDAY, "working_days", 1),
        (FRIDAY, FRIDAY, "working_days", 0),
        (MONDAY, FRIDAY, "days", 0),
        (dt.date(2026, 12, 23), dt.date(2026, 12, 28), "working_days", 1),
    ],
)
def test_passed(began, today, unit, count):
    assert passed(began, today, unit) == count


@pytest.mark.parametrize("unit", ["days", "working_days"])
@pytest.mark.parametrize("limit", [0, 1, 4, 15])
@pytest.mark.parametrize("today", [FRIDAY, SATURDAY, MONDAY, TUESDAY, dt.date(2026, 12, 28)])
def test_what_began_last_is_just_late(today, limit, unit):
    last = last_beginning(today, limit, unit)
    assert passed(last, today, unit) > limit >= passed(last + dt.timedelta(days=1), today, unit)
    assert first_late_day(last, limit, unit) <= today

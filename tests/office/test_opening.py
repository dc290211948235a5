"""Open or closed, in western Indonesian time."""

import datetime as dt

import pytest

from office.catalogue import Hours
from office.opening import WIB, opening

WEEK = Hours(
    source="x",
    days={"mon": ["08:00-12:00", "13:00-16:00"], "thu": ["08:00-16:00"], "fri": ["07:00-14:00"], "sat": [], "sun": []},
)
HOLIDAYS = {dt.date(2026, 8, 17): "Hari Kemerdekaan"}.get


def at(moment: str) -> dt.datetime:
    return dt.datetime.fromisoformat(moment).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("moment", "is_open", "until", "next_day", "next_time"),
    [
        ("2026-11-23T08:00", True, "12:00", None, None),
        ("2026-11-23T07:59", False, None, "mon", "08:00"),
        ("2026-11-23T12:00", False, None, "mon", "13:00"),
        ("2026-11-23T15:59", True, "16:00", None, None),
        ("2026-11-23T16:00", False, None, "thu", "08:00"),
        ("2026-11-27T13:30", True, "14:00", None, None),
        ("2026-11-28T10:00", False, None, "mon", "08:00"),
    ],
)
def test_the_week(moment, is_open, until, next_day, next_time):
    state = opening(WEEK, at(moment), HOLIDAYS)
    assert (state.open, state.until, state.next_day, state.next_time) == (is_open, until, next_day, next_time)


def test_a_holiday_is_closed_and_named():
    state = opening(WEEK, at("2026-08-17T09:00"), HOLIDAYS)
    assert (state.open, state.holiday, state.next_day) == (False, "Hari Kemerdekaan", "thu")


def test_an_office_that_never_opens_says_no_next_day():
    state = opening(Hours(source="x", days={"mon": []}), at("2026-11-23T09:00"), HOLIDAYS)
    assert (state.open, state.next_day) == (False, None)

"""Periods of the court: counted in days, or in working days (Monday to Friday without holidays)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from office.parameters import Parameters

_DAY = dt.timedelta(days=1)


@lru_cache(maxsize=1)
def parameters() -> Parameters:
    """The dated numbers and holidays, read once in a process."""
    return Parameters.load()


def is_working(day: dt.date) -> bool:
    """Whether the court works. In a year whose holidays are not known yet, every weekday counts."""
    return day.weekday() < 5 and parameters().holiday(day) is None


@lru_cache(maxsize=4096)
def passed(began: dt.date, today: dt.date, unit: str) -> int:
    """Days ("days") or working days ("working_days") after `began`, up to and with `today`; 0 where it lies ahead."""
    days = max(0, (today - began).days)
    if unit == "days":
        return days
    return sum(is_working(began + _DAY * offset) for offset in range(1, days + 1))


def last_beginning(today: dt.date, limit: int, unit: str) -> dt.date:
    """The latest day from which more than `limit` have passed today."""
    day = today
    while passed(day, today, unit) <= limit:
        day -= _DAY
    return day


def first_late_day(began: dt.date, limit: int, unit: str) -> dt.date:
    """The first day on which more than `limit` have passed."""
    day = began
    while passed(began, day, unit) <= limit:
        day += _DAY
    return day

"""When an office is open, in western Indonesian time (WIB)."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from office.catalogue import DAYS, Hours

WIB = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class Opening:
    """How an office stands at one moment."""

    open: bool
    until: str | None
    """"HH:MM" when it closes, while open."""
    next_day: str | None
    """Key of DAYS of the next opening within two weeks, while closed."""
    next_time: str | None
    holiday: str | None
    """Name of today's public holiday."""


def now() -> dt.datetime:
    """The present moment in WIB."""
    return dt.datetime.now(WIB)


def midnight(day: dt.date) -> dt.datetime:
    """The moment in WIB at which a day begins."""
    return dt.datetime.combine(day, dt.time(), WIB)


def opening(hours: Hours, moment: dt.datetime, holiday: Callable[[dt.date], str | None]) -> Opening:
    """State of an office with these hours at a moment (WIB); offices are closed on days that `holiday` names."""
    time = moment.strftime("%H:%M")
    for offset in range(15):
        day = moment.date() + dt.timedelta(days=offset)
        if holiday(day):
            continue
        key = DAYS[day.weekday()]
        for span in hours.days.get(key, []):  # type: ignore[call-overload]
            start, _, end = span.partition("-")
            if offset == 0 and start <= time < end:
                return Opening(True, end, None, None, None)
            if offset > 0 or time < start:
                return Opening(False, None, key, start, holiday(moment.date()))
    return Opening(False, None, None, None, holiday(moment.date()))

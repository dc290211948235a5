"""How much and how fast the group answers: per guide, per cohort, and once a month to each guide."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean, median

from office.group import desk
from office.opening import WIB
from office.wording import date, say
from storage.group import figures
from storage.group.figures import Answered

COLUMNS = ("agency", "cohort", "guide", "answered", "minutes_to_claim", "minutes_to_answer", "rating", "rated")
LANGUAGE = "id"


@dataclass(frozen=True)
class Line:
    """Figures of one guide, or of a cohort (`guide` is ""). Medians in minutes; rating 1 to 4, None without any."""

    agency: str
    cohort: str
    guide: str
    answered: int
    minutes_to_claim: float
    minutes_to_answer: float
    rating: float | None
    rated: int


def report(start: dt.datetime, end: dt.datetime) -> list[Line]:
    """A line for each guide and for each cohort, of the questions answered from `start` to before `end`."""
    found = figures.answered(start, end)
    by_guide = _grouped(found, lambda one: (one.agency, _cohort(one), one.member.name if one.member else "-"))
    by_cohort = _grouped(found, lambda one: (one.agency, _cohort(one), ""))
    return [_line(*key, answers) for key, answers in sorted((by_cohort | by_guide).items())]


def _cohort(one: Answered) -> str:
    if one.member and one.member.officer:
        return "officers"
    return (one.member.cohort if one.member else None) or "-"


def _grouped(
    found: Iterable[Answered], key: Callable[[Answered], tuple[str, str, str]]
) -> dict[tuple[str, str, str], list[Answered]]:
    groups: dict[tuple[str, str, str], list[Answered]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return groups


def _line(agency: str, cohort: str, guide: str, answers: list[Answered]) -> Line:
    ratings = [one.rating for one in answers if one.rating is not None]
    return Line(
        agency=agency,
        cohort=cohort,
        guide=guide,
        answered=len(answers),
        minutes_to_claim=round(median(one.claimed_after for one in answers), 1),
        minutes_to_answer=round(median(one.answered_after for one in answers), 1),
        rating=round(fmean(ratings), 2) if ratings else None,
        rated=len(ratings),
    )


def as_csv(lines: Iterable[Line]) -> str:
    """The lines as CSV with a head of COLUMNS."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([getattr(line, column) for column in COLUMNS] for line in lines)
    return text.getvalue()


def month(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Beginning and end of the month of a day, in WIB."""
    start = dt.datetime(day.year, day.month, 1, tzinfo=WIB)
    following = (start + dt.timedelta(days=32)).replace(day=1)
    return start, following


def tell_of_last_month(moment: dt.datetime) -> int:
    """Sends each active guide the figures of last month, once; how many got a message. `moment` in WIB."""
    start, end = month(moment.date().replace(day=1) - dt.timedelta(days=1))
    name = date(start.date(), LANGUAGE).partition(" ")[2]
    found = figures.answered(start, end)
    sent = 0
    for member in figures.without_digest(f"{start:%Y-%m}"):
        own = [one for one in found if one.member and one.member.id == member.id]
        text = _digest(name, member.first_name, own, len(found)) if own else ""
        sent += figures.send_digest(member.id, f"{start:%Y-%m}", text, templates=desk.templates())
    return sent


def _digest(month_name: str, name: str, own: list[Answered], everybodys: int) -> str:
    line = _line("", "", "", own)
    return say(
        "guides.digest",
        LANGUAGE,
        month=month_name,
        name=name,
        answered=line.answered,
        claim=f"{line.minutes_to_claim:.0f}",
        answer=f"{line.minutes_to_answer:.0f}",
        rating=f"{line.rating:.1f}".replace(".", ",") if line.rating else say("guides.no_rating", LANGUAGE),
        all=everybodys,
    )

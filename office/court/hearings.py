"""What a citizen is told of a case: its hearings, and how far it is. Composed from the mirror of SIPP, never beyond it.

Of a closed case only number, day, time, room and agenda are told, and that a hearing was adjourned or is off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache

from office.catalogue import DAYS
from office.court.telling import Source
from office.opening import WIB
from office.parameters import Parameters
from office.privacy import mask
from office.wording import date, say
from storage.court.cases import CaseView, HearingView

UPCOMING, PAST = 5, 3
"""Hearings that are listed at most."""


class Hearings:
    """Composes answers in one language at one moment (WIB). `court`: its name and address; `contact`: its counter."""

    def __init__(self, source: Source, language: str, moment: dt.datetime, court: str, contact: str):
        self._source = source
        self._language = language
        self._moment = moment
        self._today = moment.date()
        self._court = court
        self._contact = contact

    def schedule(self, case: CaseView, hearings: list[HearingView]) -> str:
        """The next hearings, those of the past, and those that are off."""
        coming = self.coming(hearings)
        parts = [self._title("schedule", case), *self._coming(coming)]
        if not coming:
            parts.append(self._none_coming(case, hearings))
        parts += [*self._off(case, hearings), *self._past(case, hearings)]
        return self._joined(parts)

    def status(self, case: CaseView, hearings: list[HearingView]) -> str:
        """How far the case is; of a closed case its schedule."""
        if case.closed:
            return self._joined([self.schedule(case, hearings), self._say("closed")], complete=True)
        coming = self.coming(hearings)
        lines = [line for line in self._stages(case) if line]
        parts = [self._title("status", case), "\n".join(lines), *self._coming(coming[:1])]
        if not coming and not case.decided_on:
            parts.append(self._none_coming(case, hearings))
        parts += self._off(case, hearings)
        return self._joined(parts)

    def coming(self, hearings: list[HearingView]) -> list[HearingView]:
        """Hearings of today and later that SIPP still has, in order; what was adjourned today is over."""
        return [h for h in hearings if h.day >= self._today and h.removed_at is None and not h.adjourned]

    def _coming(self, coming: list[HearingView]) -> Iterator[str]:
        if not coming:
            return
        several = sum(h.day == coming[0].day for h in coming)
        lines = [self._say("several", count=several)] if several > 1 else []
        yield "\n\n".join([*lines, *(self._hearing(h) for h in coming[:UPCOMING])])
        if len(coming) > UPCOMING:
            yield self._say("more", count=len(coming) - UPCOMING)
        yield self._court

    def _hearing(self, hearing: HearingView) -> str:
        when = self._when(hearing)
        lines = [f"*{when[0].upper()}{when[1:]}*"]
        lines.append(self._say("room", room=_line(hearing.room)) if hearing.room else self._say("room_unknown"))
        if hearing.agenda:
            lines.append(self._say("agenda", agenda=_line(hearing.agenda)))
        return "\n".join(lines)

    def _when(self, hearing: HearingView) -> str:
        days_off = (hearing.day - self._today).days
        day = self._day(hearing.day)
        if days_off in (0, 1):
            day = f"{self._say(('today', 'tomorrow')[days_off])}, {day}"
        if not hearing.starts:
            return self._say("day_only", day=day)
        hours = "–".join(t.replace(":", ".") for t in (hearing.starts, hearing.ends) if t)
        return self._say("day_and_time", day=day, time=hours)

    def _none_coming(self, case: CaseView, hearings: list[HearingView]) -> str:
        if case.closed:
            return self._say("none_coming")
        if case.decided_on:
            return self._say("none_decided", date=self._day(case.decided_on))
        if case.mediation_from and not case.mediation_result and not self._over(case.mediation_until):
            return self._say("none_mediation", date=self._day(case.mediation_from))
        return self._say("none_coming" if hearings else "none_yet")

    def _over(self, until: dt.date | None) -> bool:
        return until is not None and until < self._today

    def _off(self, case: CaseView, hearings: list[HearingView]) -> Iterator[str]:
        for hearing in hearings:
            if hearing.removed_at and hearing.day >= self._today:
                yield self._say("cancelled", when=self._when(hearing))
            elif hearing.adjourned and hearing.day > self._today:
                yield self._say("postponed", when=f"{self._when(hearing)} ({self._adjourned(case, hearing)})")

    def _past(self, case: CaseView, hearings: list[HearingView]) -> Iterator[str]:
        past = [h for h in hearings if h.removed_at is None and h.day < self._today + dt.timedelta(days=h.adjourned)]
        lines = [self._past_line(case, h) for h in past[-PAST:]]
        if lines:
            yield "\n".join([self._say("past"), *lines])

    def _past_line(self, case: CaseView, hearing: HearingView) -> str:
        line = f"- {self._when(hearing)}"
        if hearing.agenda:
            line += f": {_line(hearing.agenda)}"
        return f"{line} ({self._adjourned(case, hearing)})" if hearing.adjourned else line

    def _adjourned(self, case: CaseView, hearing: HearingView) -> str:
        if hearing.adjourned_because and not case.closed:
            return self._say("adjourned_because", reason=_line(hearing.adjourned_because))
        return self._say("adjourned")

    def _stages(self, case: CaseView) -> Iterator[str]:
        if case.kind:
            yield self._say("kind", kind=_line(case.kind))
        if case.registered_on:
            yield self._say("registered", date=self._day(case.registered_on))
        if stage := ", ".join(dict.fromkeys(part for part in (case.stage, case.process) if part)):
            yield self._say("stage", stage=_line(stage))
        if case.mediation_from:
            yield self._say("mediation", date=self._day(case.mediation_from))
        if case.mediation_result:
            yield self._say("mediation_result", result=_line(case.mediation_result))
        if case.decided_on:
            yield self._say("decided", date=self._day(case.decided_on))
            if case.verdict:
                yield self._say("verdict", verdict=_line(case.verdict))
        else:
            yield self._say("undecided")
        if case.final_on:
            yield self._say("final", date=self._day(case.final_on))
        if case.decided_on:
            yield self._say("copy")

    def _title(self, key: str, case: CaseView) -> str:
        title = f"*{self._say(f'title.{key}', number=case.number)}*"
        return f"{self._say('demonstration')}\n{title}" if self._source.demonstration else title

    def _joined(self, parts: list[str], *, complete: bool = False) -> str:
        return "\n\n".join(part for part in [*parts, "" if complete else self.stamp()] if part)

    def stamp(self) -> str:
        """How old the data is and whose; plainly where it is older than the limits of data/parameters."""
        if self._source.as_of is None:
            return self._say("never_read", contact=self._contact)
        as_of, age = self._source.as_of.astimezone(WIB), self._moment - self._source.as_of
        told = self._say("stamp", day=self._day(as_of.date()), time=f"{as_of:%H.%M}")
        if age > _limit("court_data_stale", self._today):
            warning = self._say("stale", day=self._day(as_of.date()), time=f"{as_of:%H.%M}", contact=self._contact)
        elif age > _limit("court_data_old", self._today):
            warning = self._say("old", hours=int(age.total_seconds() // 3600))
        else:
            return told
        return f"{told}\n{warning}"

    def _day(self, day: dt.date) -> str:
        return f"{say(f'days.{DAYS[day.weekday()]}', self._language)}, {date(day, self._language)}"

    def _say(self, key: str, **values: object) -> str:
        return say(f"court.{key}", self._language, **values)


def _line(text: str) -> str:
    """A free text of SIPP in one line, without anybody's numbers."""
    return mask(" ".join(text.split()))


@lru_cache(maxsize=4)
def _limit(key: str, day: dt.date) -> dt.timedelta:
    return dt.timedelta(hours=float(Parameters.load().value(key, day).value))

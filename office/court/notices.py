"""What those who follow a case are told, and when; the words are in office.court.telling.

Decided from how things stand when the message is written, not from each change as it came: several changes become one
message with the final state, and a change that was taken back is not told. Days and clock times are the court's (WIB).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from office.court.telling import Source, Statement, message
from office.opening import WIB
from office.parameters import Parameters
from storage.court import notices
from storage.court.notices import Dossier, Stand, Waiting

Outcome = Literal["sent", "undone", "known", "past", "closed", "unreachable", "failed", "unfollowed"]
"""undone: taken back before it was sent; known: told already, or just now; past: over; closed: not told of such a case;
unreachable: the citizen can't or won't receive; failed: a mistake of ours; unfollowed: he has stopped it."""

HEARING_KINDS = ("new", "moved", "adjourned", "cancelled")
"""Events of which only the present state of the hearing is told. Others are told as they are: an event of another kind
needs nothing but its sentence in data/wording.yml, `notice.change.<kind>`."""
DECIDED = "decided"
EVE, MORNING = "eve", "morning"
REFUSALS = frozenset({63014, 63024, 21610})
"""Twilio: blocked or consent withdrawn; no WhatsApp user; opted out (twilio.com/docs/api/errors). Such a citizen gets
nothing more until he writes again."""


@dataclass(frozen=True)
class Timetable:
    """The parameters of one day: data/parameters/court_notices.yml, and `court_data_stale`."""

    quiet_from: dt.time
    quiet_until: dt.time
    eve_at: dt.time
    morning_at: dt.time
    morning_until: dt.time
    reminder_gap: dt.timedelta
    adjourned_news: dt.timedelta
    stale: dt.timedelta
    follow_limit: int


@lru_cache(maxsize=2)
def timetable(day: dt.date) -> Timetable:
    """What holds on a day. Raises CatalogueError."""
    parameters = Parameters.load()

    def number(key: str) -> float:
        return float(parameters.value(f"court_{key}", day).value)

    def clock(key: str) -> dt.time:
        hours, hundredths = divmod(round(number(key) * 100), 100)
        return dt.time(hours, hundredths)

    return Timetable(
        quiet_from=clock("quiet_from"),
        quiet_until=clock("quiet_until"),
        eve_at=clock("eve_at"),
        morning_at=clock("morning_at"),
        morning_until=clock("morning_until"),
        reminder_gap=dt.timedelta(minutes=number("reminder_gap")),
        adjourned_news=dt.timedelta(days=number("adjourned_news")),
        stale=dt.timedelta(hours=number("data_stale")),
        follow_limit=int(number("follow_limit")),
    )


def allowed_from(moment: dt.datetime) -> dt.datetime:
    """The moment itself, in quiet hours their end."""
    local = moment.astimezone(WIB)
    times = timetable(local.date())
    end = dt.datetime.combine(local.date(), times.quiet_until, WIB)
    if local.time() < times.quiet_until:
        return end
    return end + dt.timedelta(days=1) if local.time() >= times.quiet_from else moment


def plan(moment: dt.datetime) -> int:
    """Makes notices of what has changed and of what is to be reminded of now; returns how many events were new."""
    local = moment.astimezone(WIB)
    times, allowed, today = timetable(local.date()), allowed_from(moment), local.date()
    count = 0
    while events := notices.plan_changes(allowed):
        count += events
    if allowed == moment:
        if local.time() >= times.eve_at:
            notices.plan_reminders(EVE, today + dt.timedelta(days=1), moment)
        if local.time() >= times.morning_at:
            notices.plan_reminders(MORNING, today, moment)
    return count


def due(moment: dt.datetime, limit: int) -> list[int]:
    """Follows to which something may be sent now."""
    return notices.due(moment, limit) if allowed_from(moment) == moment else []


def write(follow_id: int, moment: dt.datetime, source: Source) -> int | None:
    """Settles what is due to one follower; returns the outbox id of the message, None where nothing is to be said."""
    dossier = notices.dossier(follow_id, moment, REFUSALS)
    if dossier is None:
        return None
    decision = decide(dossier, moment)
    text = message(dossier, decision.statements, source, moment, timetable(moment.astimezone(WIB).date()).stale)
    return notices.settle(follow_id, decision.outcomes, decision.told, text, moment)


def drop(follow_id: int, moment: dt.datetime) -> None:
    """Ends what is due to a follower without a word, where it can't be put into words."""
    dossier = notices.dossier(follow_id, moment, REFUSALS)
    if dossier:
        notices.settle(follow_id, {notice.id: "failed" for notice in dossier.waiting}, {}, "", moment)


@dataclass
class Decision:
    """What becomes of each notice, and what is said."""

    outcomes: dict[int, str] = field(default_factory=dict)
    told: dict[int, Stand] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def settle(self, group: list[Waiting], outcome: Outcome) -> None:
        self.outcomes |= {notice.id: outcome for notice in group}

    def tell(self, group: list[Waiting], statement: Statement) -> None:
        self.settle(group, "sent")
        self.statements.append(statement)
        if statement.kind in (*HEARING_KINDS, EVE, MORNING):
            after = {name: value for name, value in (statement.after or {}).items() if name != "adjourned_because"}
            self.told |= {notice.id: after for notice in group}


def decide(dossier: Dossier, moment: dt.datetime) -> Decision:
    """What of a follower's waiting notices is told at a moment."""
    decision = Decision()
    if not dossier.reachable:
        decision.settle(dossier.waiting, "unreachable")
        return decision
    local = moment.astimezone(WIB)
    changes: list[tuple[list[Waiting], Statement]] = []
    for group in _groups(dossier):
        found = _change(dossier, group, local)
        if isinstance(found, Statement):
            changes.append((group, found))
        else:
            decision.settle(group, found)
    for group, statement in changes:
        if _put_back(statement, [other for _, other in changes]):
            decision.settle(group, "undone")
        else:
            decision.tell(group, statement)
    for notice in dossier.waiting:
        if notice.kind in (EVE, MORNING):
            _remind(dossier, notice, decision, local)
    return decision


def _groups(dossier: Dossier) -> Iterable[list[Waiting]]:
    """Changes of one hearing together, also where SIPP has it under another id now; else those of one kind."""
    groups: list[list[Waiting]] = []

    def belongs(notice: Waiting, last: Waiting) -> bool:
        if notice.kind not in HEARING_KINDS or last.kind not in HEARING_KINDS:
            return notice.kind == last.kind
        replaced = notice.kind == "moved" and last.hearing_id not in dossier.hearings and last.after
        follows_on = replaced and _when_and_where(last.after) == _when_and_where(notice.before)
        return notice.hearing_id == last.hearing_id or bool(follows_on)

    for notice in dossier.waiting:
        if notice.kind not in (EVE, MORNING):
            group = next((group for group in groups if belongs(notice, group[-1])), None)
            if group is None:
                groups.append([notice])
            else:
                group.append(notice)
    return groups


def _change(dossier: Dossier, group: list[Waiting], local: dt.datetime) -> Statement | Outcome:
    first, last = group[0], group[-1]
    if first.kind not in HEARING_KINDS:
        if dossier.closed:
            return "closed"
        if first.kind == DECIDED and not dossier.decided:
            return "undone"
        return Statement(first.kind, first.before, last.after) if first.before != last.after else "undone"
    told = dossier.told.get(first.hearing_id or 0)
    before: Stand | None = (told.stand if told else {} if first.kind == "new" else first.before) or None
    after = dossier.hearings.get(last.hearing_id or 0)
    same: Outcome = "known" if told else "undone"
    if after is None:
        if before is None:
            return same
        return "past" if _is_over(before, local) else Statement("cancelled", before, None)
    # Whether it was adjourned before is known of what was told; an event of another kind says nothing of it.
    adjourned = any(notice.kind == "adjourned" for notice in group) and not (told and told.stand.get("adjourned"))
    if told and told.stand.get("adjourned") and not after["adjourned"]:
        before = None  # on after all, which is as good as new
    if after["adjourned"] and (adjourned or before is None):
        old = local.date() - dt.date.fromisoformat(after["day"]) > timetable(local.date()).adjourned_news
        return "past" if old else Statement("adjourned", before or after, after)
    if before is not None and _when_and_where(before) == _when_and_where(after):
        return same
    if _is_over(after, local) and (before is None or _is_over(before, local)):
        return "past"
    return Statement("moved" if before else "new", before, after)


def _put_back(statement: Statement, others: list[Statement]) -> bool:
    """Whether a hearing was deleted and entered again as it was, under another id."""
    opposite = {"new": "cancelled", "cancelled": "new"}.get(statement.kind)
    return any(
        other.kind == opposite
        and _when_and_where(other.after or other.before or {})
        == _when_and_where(statement.after or statement.before or {})
        for other in others
    )


def _remind(dossier: Dossier, notice: Waiting, decision: Decision, local: dt.datetime) -> None:
    stand = dossier.hearings.get(notice.hearing_id or 0)
    if stand is None or stand["adjourned"]:
        return decision.settle([notice], "undone")
    times = timetable(local.date())
    ahead = dt.timedelta(days=1 if notice.kind == EVE else 0)
    over = _is_over(stand, local) or (notice.kind == MORNING and not stand["starts"] and _later(local, times))
    if dt.date.fromisoformat(stand["day"]) != local.date() + ahead or over:
        return decision.settle([notice], "past")
    told = dossier.told.get(notice.hearing_id or 0)
    heard = max([dossier.since, *([told.at] if told else [])])
    in_this_message = any(statement.after is stand for statement in decision.statements)
    if in_this_message or local - heard < times.reminder_gap:
        return decision.settle([notice], "known")
    return decision.tell([notice], Statement(notice.kind, None, stand))


def _later(local: dt.datetime, times: Timetable) -> bool:
    return local.time() >= times.morning_until


def _when_and_where(stand: Stand) -> tuple[str | None, ...]:
    return stand.get("day"), stand.get("starts"), stand.get("room")


def _is_over(stand: Stand, local: dt.datetime) -> bool:
    """Whether a hearing has begun; without a time, whether its day is over."""
    return (stand["day"], stand.get("starts") or "24:00") <= (local.date().isoformat(), f"{local:%H:%M}")

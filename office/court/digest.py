"""What a person of the court is told of: the morning digest, what a superior hears, the answer to "my tasks"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from office.court.checks import Item, undone
from office.court.staff import roles
from office.court.working_days import is_working, parameters, passed
from office.opening import WIB
from office.opening import now as present
from office.wording import date, say
from storage.court import cases, reminders, staff
from storage.court.reminders import ReminderView
from storage.court.staff import StaffView

LANGUAGE = "id"
"""Messages that nobody has asked for are in Indonesian, the language of the office."""
LIMIT = 880
"""Characters of a message of our own: outside the 24-hour window it has to fit into a template as a whole."""


# -- in the morning ---------------------------------------------------------------------------------------------------


def morning(moment: dt.datetime) -> list[int]:
    """Brings the reminders up to date and, from the hour of the digest on working days, tells everybody once a day.

    Returns the outbox ids of the messages. What a kill interrupts is done at the next call, and never twice.
    """
    people = [person for person in staff.everybody() if person.active]
    if not people:
        return []
    today = moment.astimezone(WIB).date()
    found = undone(today)
    for person in people:
        reminders.refresh(person.id, [(i.check, i.subject, i.since) for i in found.get(person.id, [])], moment)
    if not _is_time(moment):
        return []
    due = [person for person in people if person.digest_on is None or person.digest_on < today]
    return [outbox_id for person in due for outbox_id in _tell(person, found, today, moment)]


def _is_time(moment: dt.datetime) -> bool:
    here = moment.astimezone(WIB)
    if not is_working(here.date()):
        return False
    begins, ends = (parameters().value(key, here.date()).value for key in ("court_digest_at", "court_digest_until"))
    return begins <= Decimal(here.strftime("%H.%M")) < ends


def _tell(person: StaffView, found: dict[int, list[Item]], today: dt.date, moment: dt.datetime) -> list[int]:
    own = found.get(person.id, [])
    text = digest(own, today, LANGUAGE) if own else ""
    late = {(staff_id, i.check, i.subject, i.since): i for staff_id, items in found.items() for i in items}
    stuck = [(one, late[key]) for one in _stuck(person, today, moment) if (key := _identity(one)) in late]
    escalation, told = _escalation(stuck, today) if stuck else ("", [])
    return reminders.tell(person.id, today, text, told, escalation, moment)


def _identity(one: ReminderView) -> tuple[int, str, str, dt.date]:
    return one.staff_id, one.check, one.subject, one.since


def _stuck(superior: StaffView, today: dt.date, moment: dt.datetime) -> list[ReminderView]:
    """Reminders of subordinates that have stayed too long."""
    after, again = (parameters().value(key, today) for key in ("court_escalate_after", "court_escalate_again"))
    # A day's grace, so that a digest some minutes earlier than last week's still tells of it.
    week = moment - dt.timedelta(days=int(again.value)) + dt.timedelta(hours=12)
    open_ones = reminders.to_escalate(superior.id, moment, week)
    return [
        one
        for one in open_ones
        if one.first_sent_at and passed(one.first_sent_at.astimezone(WIB).date(), today, after.unit) > after.value
    ]


# -- words ------------------------------------------------------------------------------------------------------------


def digest(items: Sequence[Item], today: dt.date, language: str) -> str:
    """The morning message: what is most urgent, as far as it fits, and how much more there is."""
    most = int(parameters().value("court_digest_items", today).value)
    head = say("staff.digest", language, date=date(today, language), count=len(items))
    for shown in range(min(most, len(items)), 0, -1):
        text = "\n\n".join([head, _list(items, shown, language), _foot(today, language), say("staff.done", language)])
        if len(text) <= LIMIT:
            break
    return text


def _list(items: Sequence[Item], shown: int, language: str) -> str:
    """The most urgent ones, grouped by check; groups in the order of their most urgent item."""
    groups: dict[str, list[str]] = {}
    for item in sorted(items, key=lambda item: item.urgency)[:shown]:
        groups.setdefault(item.check, []).append("- " + _line(item, language))
    parts = [f"*{say(f'staff.check.{check}.title', language)}*\n" + "\n".join(lines) for check, lines in groups.items()]
    if len(items) > shown:
        parts.append(say("staff.more", language, count=len(items) - shown))
    return "\n\n".join(parts)


def _line(item: Item, language: str) -> str:
    what = say(f"staff.check.{item.check}.item", language, subject=item.subject, date=date(item.day, language))
    key = "ahead" if item.ahead else item.unit
    if item.ahead and item.days == 0:
        key = "today"
    return f"{what}, {say(f'staff.over.{key}', language, days=item.days)}"


def _escalation(stuck: list[tuple[ReminderView, Item]], today: dt.date) -> tuple[str, list[int]]:
    """The message to a superior, and the reminders that it names; what doesn't fit is told on the next day."""
    most = int(parameters().value("court_digest_items", today).value)
    names = {person.id: person.name for person in staff.everybody()}
    for shown in range(min(most, len(stuck)), 0, -1):
        lines: dict[str, list[str]] = {}
        for one, item in stuck[:shown]:
            title = say(f"staff.check.{item.check}.title", LANGUAGE)
            lines.setdefault(names[one.staff_id], []).append(f"- {title}: {_line(item, LANGUAGE)}")
        parts = [f"*{name}*\n" + "\n".join(own) for name, own in lines.items()]
        text = "\n\n".join([say("staff.escalation", LANGUAGE), *parts, _foot(today, LANGUAGE)])
        if len(text) <= LIMIT:
            break
    return text, [one.id for one, _ in stuck[:shown]]


def _foot(today: dt.date, language: str) -> str:
    """Where this comes from and how old it is."""
    moment = cases.as_of()
    if moment is None:
        return say("staff.undated", language)
    here = moment.astimezone(WIB)
    foot = say("staff.foot", language, date=date(here.date(), language), time=here.strftime("%H.%M"))
    if cases.demonstration():
        foot = f"{say('staff.demonstration', language)}\n{foot}"
    limit = dt.timedelta(hours=int(parameters().value("court_data_age", today).value))
    return f"{foot}\n{say('staff.stale', language)}" if present() - moment > limit else foot


# -- on asking --------------------------------------------------------------------------------------------------------


def tasks_of(person: StaffView, language: str) -> str:
    """What lies with a person now."""
    today = present().date()
    items = undone(today, person).get(person.id, [])
    role = roles()[person.role].name if person.role in roles() else person.role
    if not items:
        return "\n\n".join([say("staff.nothing", language, name=person.name, role=role), _foot(today, language)])
    most = int(parameters().value("court_tasks_items", today).value)
    head = say("staff.tasks", language, name=person.name, role=role, count=len(items))
    called_done = sum(one.answered_at is not None for one in reminders.open_of(person.id))
    parts = [head, _list(items, most, language), _foot(today, language)]
    return "\n\n".join([*parts, say("staff.called_done", language, count=called_done)] if called_done else parts)

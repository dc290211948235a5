"""A call to the courtroom: to the judges of a case, to their second number, to the clerk, until somebody answers."""

from __future__ import annotations

import datetime as dt

from errors import SapaError
from office.court import case_number
from office.court.staff import hears
from office.court.working_days import parameters
from office.opening import WIB
from office.opening import now as present
from office.wording import say
from storage.court import calls, cases, staff
from storage.court.calls import CallView, Message
from storage.court.staff import StaffView

BENCH, CLERK = ("chair", "judge"), ("clerk",)
SECOND_NUMBER, CLERKS, NOBODY = 1, 2, 3
LANGUAGE = "id"
"""Messages that nobody has asked for are in Indonesian, the language of the office."""


class CallError(SapaError):
    """A call that can't be made; the text says what is missing."""


def call(case: str, room: str, at: dt.datetime | None = None, to: list[StaffView] | None = None) -> list[int]:
    """Calls the judges of a case, or the people of `to`, into a room; returns the outbox ids of the messages.

    `at`: when they are to be there, WIB; None is now. Raises CallError.
    """
    number = case_number.read(case, present().year)
    found = cases.find(case_number.key(str(number))) if number and number.complete else None
    if found is None:
        raise CallError(f"no case {case!r} in the copy of SIPP; write it as 12/Pdt.G/2026/PN Mjk")
    if not room.strip():
        raise CallError("room: is missing")
    called = [person for person in to or staff.on_case(found.id, BENCH) if hears(person, "call")]
    if not called:
        raise CallError(
            f"{found.number}: "
            + ("none of these people" if to else "no judge of the case")
            + " is registered, active and of a role that is called; see `sapa staff list`"
        )
    if busy := [person.name for person in called if calls.of_case_open(person.id, found.number)]:
        raise CallError(f"{found.number}: {', '.join(busy)} is being called already; see `sapa call list`")
    moment = present()
    return [
        calls.begin(
            person,
            found.id,
            found.number,
            room.strip(),
            at or moment,
            say("staff.call.judge", LANGUAGE, **_words(found.number, room.strip(), at)),
            moment + patience(moment),
        )
        for person in called
    ]


def patience(moment: dt.datetime) -> dt.timedelta:
    """How long a step of a call waits for an answer."""
    return dt.timedelta(minutes=int(parameters().value("court_call_patience", moment.date()).value))


def _words(number: str, room: str, at: dt.datetime | None) -> dict[str, str]:
    time = say("staff.call.now", LANGUAGE) if at is None else say("staff.call.at", LANGUAGE, time=_clock(at))
    return {"number": number, "room": room, "time": time}


def _clock(moment: dt.datetime) -> str:
    return moment.astimezone(WIB).strftime("%H.%M")


def pursue(moment: dt.datetime) -> list[int]:
    """Takes every call that nobody has answered in time a step further; returns the outbox ids of the messages."""
    return [outbox_id for open_call in calls.due(moment) for outbox_id in _pursue(open_call, moment)]


def _pursue(open_call: CallView, moment: dt.datetime) -> list[int]:
    step = open_call.step
    sent: list[Message] = []
    while not sent and step < NOBODY:
        step += 1
        sent = _messages(open_call, step)
    next_at = moment + patience(moment) if sent else None
    return calls.proceed(open_call, min(step, CLERKS), sent, next_at, moment)


def _messages(open_call: CallView, step: int) -> list[Message]:
    called = open_call.called
    words = {
        "number": open_call.number,
        "room": open_call.room,
        "time": say("staff.call.at", LANGUAGE, time=_clock(open_call.at)),
    }
    if step == SECOND_NUMBER and called.second_phone:
        return [Message(called.id, called.second_phone, say("staff.call.judge", LANGUAGE, **words))]
    if step == CLERKS and open_call.case_id is not None:
        text = say("staff.call.clerk", LANGUAGE, judge=called.name, **words)
        clerks = staff.on_case(open_call.case_id, CLERK)
        return [Message(c.id, c.phone, text) for c in clerks if hears(c, "call") and c.id != called.id]
    return []


def acknowledged(person: StaffView, moment: dt.datetime, language: str) -> str | None:
    """Notes the answer of a person who is being called, and what to say to it; None where nobody calls."""
    answered = calls.acknowledge(person.id, moment)
    lines = [say("staff.call.line", language, number=one.number, room=one.room) for one in answered]
    return say("staff.call.noted", language, calls="\n".join(lines)) if answered else None


def state(one: CallView) -> str:
    """How a call stands, in English, for a table on the terminal."""
    if one.acknowledged_at:
        return f"acknowledged by {one.acknowledged_by or 'a person since removed'} at {_clock(one.acknowledged_at)}"
    at = ("first number", "second number", "clerk")[one.step]
    if one.closed_at:
        return f"nobody answered, last asked: {at}"
    return f"waiting: {at}, message {one.delivery or 'deleted'}"

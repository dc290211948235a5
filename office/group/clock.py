"""What happens to a question when nobody does anything: it is offered again, goes to the officers, ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from office.group import desk, telling
from office.group.desk import OFFICERS
from office.group.limits import limits, next_look
from office.wording import say
from storage.group import members, questions
from storage.group.thread import Thread, opened


def announce(question_id: int, moment: dt.datetime) -> None:
    """Tells the group of a new question, once. `moment` in WIB; raises StorageError."""
    with opened(question_id, templates=desk.templates()) as thread:
        if thread and thread.question.posted_at is None:
            thread.posted(moment)
            if thread.question.state == "open":
                thread.post(telling.to_group(thread.question, moment))


def look(question_id: int, moment: dt.datetime) -> None:
    """Takes a question that is due a step further. `moment` in WIB; raises StorageError."""
    with opened(question_id, templates=desk.templates()) as thread:
        if thread is None or thread.question.due_at is None or thread.question.due_at > moment:
            return
        match thread.question.state:
            case "open":
                _nobody_has_taken_it(thread, moment)
            case "claimed":
                _holder_is_silent(thread, moment)
            case "answered":
                _citizen_is_content(thread, moment)


def _nobody_has_taken_it(thread: Thread, moment: dt.datetime) -> None:
    question, rules = thread.question, limits(moment.date())
    if moment >= question.asked_at + rules.give_up_after:
        _give_up(thread, moment)
    elif question.audience != OFFICERS and members.serving(question.agency, members.OFFICER):
        thread.post(_group("escalated", question.id))
        thread.pass_to(OFFICERS, moment)
        thread.log("escalated")
        thread.tell(telling.to_citizen(thread.question, "escalated"))
        thread.post(telling.to_group(thread.question, moment))
        thread.look_again(next_look(thread.question.asked_at, thread.question.audience, moment))
    else:
        thread.look_again(question.asked_at + rules.give_up_after)


def _holder_is_silent(thread: Thread, moment: dt.datetime) -> None:
    question, rules = thread.question, limits(moment.date())
    waiting = thread.pending()
    if moment >= question.asked_at + rules.give_up_after:
        _give_up(thread, moment)
    elif waiting and waiting.member:
        reminder = telling.to_approve(question, waiting.member, waiting.text)
        thread.post_to_approvers(f"{_group('reminder', question.id)}\n{reminder}", but=[waiting.member.id])
        thread.look_again(moment + rules.approval_patience)
    else:
        thread.log("lapsed", question.holder.id if question.holder else None)
        thread.free(next_look(question.asked_at, question.audience, moment))
        if question.holder:
            thread.tell(telling.to_citizen(question, "lapsed", question.holder))
            thread.whisper(question.holder.id, _group("lapsed", question.id))
        thread.post(_group("freed_by", question.id), but=[question.holder.id] if question.holder else [])


def _citizen_is_content(thread: Thread, moment: dt.datetime) -> None:
    thread.close("answered", moment)
    thread.log("closed")
    thread.tell(telling.to_citizen(thread.question, "closed"))


def _give_up(thread: Thread, moment: dt.datetime) -> None:
    if thread.answered_already():  # and passed on afterwards
        return _citizen_is_content(thread, moment)
    thread.close("unanswered", moment)
    thread.log("given_up")
    thread.tell(telling.to_citizen(thread.question, "unanswered"))
    thread.post(_group("given_up", thread.question.id))


def _group(key: str, number: int) -> str:
    return say(f"guides.{key}", telling.GROUP, number=number)


Failed = Callable[[int, Exception], None]
"""Is told of a question that failed: it does not hold up the others, and the next tick tries it again."""


def tick(moment: dt.datetime, failed: Failed) -> int:
    """Announces what is new and looks at what is due; how many questions it touched. `moment` in WIB."""
    return announce_new(moment, failed) + _each(look, questions.due(moment), moment, failed)


def announce_new(moment: dt.datetime, failed: Failed) -> int:
    """Announces what is new; how many questions that were."""
    return _each(announce, questions.unposted(), moment, failed)


def _each(step: Callable[[int, dt.datetime], None], numbers: list[int], moment: dt.datetime, failed: Failed) -> int:
    for number in numbers:
        try:
            step(number, moment)
        except Exception as error:
            failed(number, error)
    return len(numbers)

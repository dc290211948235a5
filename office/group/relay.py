"""What a command does: claim, answer, ask back, correct, pass on, approve, close. One step, one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from office.group import desk, sanctions, telling
from office.group.commands import Command, insists, to_officers
from office.group.desk import OFFICERS
from office.group.handover import LONGEST_ANSWER, shared
from office.group.limits import limits, next_look
from office.length import units
from office.opening import WIB
from office.wording import say
from storage.group import members, questions
from storage.group.members import MemberView
from storage.group.thread import EntryView, Thread, opened

Step = Callable[[Thread, MemberView, Command, dt.datetime], str]
FEW = 3
"""Words up to which a quoted reply of somebody who holds nothing is rather a word to the others than an answer."""
SPOKEN = ("answer", "ask_back", "correct", "refuse")
"""Commands whose text others read; all but a refusal need one."""
NEED_WORDS = SPOKEN[:-1]
LANGUAGE = "id"


def handle(member: MemberView, command: Command, conversation_id: int, inbound_id: int, moment: dt.datetime) -> str:
    """Carries out a command about a question, once for a message; what the member is told. Raises StorageError.

    `conversation_id`: the member's; `moment` in WIB.
    """
    if (told := questions.reply_to(inbound_id)) is not None:
        return told
    number = command.number or 0
    question = questions.get(number)
    if question is None or question.agency != member.agency:
        return _tell("unknown", number)
    if member.state == "paused":
        return _tell("paused", number)
    if refusal := _may_not(member, command, conversation_id, inbound_id):
        return refusal
    with opened(number, templates=desk.templates()) as thread:
        assert thread
        if thread.question.audience == OFFICERS and not member.officer and not _takes_part(thread, member):
            return _tell("not_yours", number)
        told = STEPS[command.kind](thread, member, command, moment)
        thread.log("command", member.id, inbound_id=inbound_id, reply=told)
        return told


def _may_not(member: MemberView, command: Command, conversation_id: int, inbound_id: int) -> str | None:
    """Why nothing of this member passes now, or these words don't."""
    if units(command.text) > LONGEST_ANSWER:
        return _tell("too_long", command.number or 0, length=units(command.text), longest=LONGEST_ANSWER)
    if command.kind in NEED_WORDS and not command.text.strip():
        return _tell("empty", command.number or 0)
    if command.kind not in SPOKEN:
        return None if command.kind == "show" else sanctions.barred(conversation_id, LANGUAGE)
    return sanctions.examine(
        conversation_id,
        inbound_id,
        command.text,
        agency=member.agency,
        question_id=command.number,
        language=LANGUAGE,
    )


def _tell(key: str, number: int, **values: object) -> str:
    return say(f"guides.{key}", LANGUAGE, number=number, **values)


def _takes_part(thread: Thread, member: MemberView) -> bool:
    """Whether a guide holds the question or has answered it, although it is the officers' by now."""
    return _holds(thread, member) or _answer_of(thread, member) is not None


def _holds(thread: Thread, member: MemberView) -> bool:
    holder = thread.question.holder
    return holder is not None and holder.id == member.id


def _answer_of(thread: Thread, member: MemberView) -> EntryView | None:
    sent = (one for one in thread.entries() if one.kind == "answer" and one.state == "done")
    return next((one for one in sent if one.member and one.member.id == member.id), None)


# -- taking and giving ------------------------------------------------------------------------------------------------


def _refusal(thread: Thread, member: MemberView) -> str | None:
    """Why this member can't take the question up now."""
    question = thread.question
    if question.state == "closed":
        return _tell("over", question.id)
    if question.holder and question.holder.id != member.id:
        return _tell("taken", question.id, name=question.holder.first_name)
    return _tell("your_own", question.id) if thread.asked_by(member) else None


def _take(thread: Thread, member: MemberView, moment: dt.datetime) -> dt.datetime:
    until = moment + limits(moment.date()).claim_patience
    thread.claim(member.id, until)
    thread.log("claim", member.id)
    return until


def claim(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    number = thread.question.id
    if refusal := _refusal(thread, member):
        return refusal
    if _holds(thread, member):
        return _tell("yours_already", number)
    until = _take(thread, member, moment)
    thread.post(_tell("claimed_by", number, name=member.first_name), but=[member.id])
    thread.tell(telling.to_citizen(thread.question, "claimed", member))
    return _tell("claimed", number, until=until.astimezone(WIB).strftime("%H.%M"))


def pass_on(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    question = thread.question
    if question.state == "closed":
        return _tell("over", question.id)
    if question.holder and not (_holds(thread, member) or member.officer):
        return _tell("hold_first", question.id)
    officers = to_officers(command.text) and question.audience != OFFICERS
    if officers and not members.serving(question.agency, members.OFFICER):
        return _tell("no_officer", question.id)
    thread.free(next_look(question.asked_at, OFFICERS if officers else question.audience, moment))
    thread.log("passed", member.id)
    if officers:
        thread.post(_tell("passed", question.id), but=[member.id])
        thread.pass_to(OFFICERS)
        thread.tell(telling.to_citizen(thread.question, "passed"))
        thread.post(telling.to_group(thread.question, moment))
        return _tell("passed", question.id)
    if question.held:
        thread.tell(telling.to_citizen(question, "freed"))
    thread.post(_tell("freed_by", question.id), but=[member.id])
    return _tell("freed", question.id)


def close(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    question = thread.question
    if question.state == "closed":
        return _tell("over", question.id)
    if not (_holds(thread, member) or member.officer):
        return _tell("hold_first", question.id)
    answered = thread.answered_already()
    if not answered and not insists(command.text):
        return _tell("not_answered", question.id)
    thread.close("answered" if answered else "unanswered", moment)
    thread.log("closed", member.id)
    thread.tell(telling.to_citizen(question, "closed" if answered else "unanswered"))
    thread.post(_tell("closed_by", question.id, name=member.first_name), but=[member.id])
    return _tell("closed", question.id)


# -- speaking ---------------------------------------------------------------------------------------------------------


def answer(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    if refusal := _refusal(thread, member):
        return refusal
    if command.quoting and not _holds(thread, member) and len(command.text.split()) <= FEW:
        return _tell("too_short", thread.question.id, text=command.text)
    return _speak("answer", thread, member, command.text, moment)


def correct(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    if not (member.officer or _answer_of(thread, member)):
        return _tell("nothing_to_correct", thread.question.id)
    return _speak("correction", thread, member, command.text, moment)


def ask_back(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    if refusal := _refusal(thread, member):
        return refusal
    return _speak("asked_back", thread, member, command.text, moment)


def _speak(kind: str, thread: Thread, member: MemberView, said: str, moment: dt.datetime) -> str:
    """An answer, a correction or a question back: sent, or kept until somebody experienced has approved it."""
    question, text = thread.question, shared(said, LONGEST_ANSWER)
    if thread.pending():
        return _tell("waiting", question.id)
    if kind != "correction" and not _holds(thread, member):
        _take(thread, member, moment)
    if member.approves:
        thread.log(kind, member.id, text)
        return _send(kind, thread, member, text, moment)
    thread.log(kind, member.id, text, state="pending")
    if question.state != "closed":
        thread.look_again(moment + limits(moment.date()).approval_patience)
    told = thread.post_to_approvers(telling.to_approve(question, member, text), but=[member.id])
    return _tell("waits" if told else "waits_for_nobody", question.id)


def _send(
    kind: str, thread: Thread, author: MemberView, text: str, moment: dt.datetime, approver: MemberView | None = None
) -> str:
    """The citizen gets it, the group sees it; what the author is told."""
    question = thread.question
    rate = kind != "asked_back" and question.rating is None
    sent = thread.tell(
        telling.spoken(kind, question, author, text, rate=rate), telling.ratings(question) if rate else []
    )
    if not sent:
        return _tell("citizen_gone", question.id)
    if question.state != "closed":
        after = moment + limits(moment.date()).follow_up
        thread.answered(after) if kind == "answer" else thread.look_again(after)
    know = [author.id, *([approver.id] if approver else [])]
    thread.post(_tell(f"{PAST[kind]}_by", question.id, name=author.first_name, text=text), but=know)
    return _tell(PAST[kind], question.id)


PAST = {"answer": "answered", "correction": "corrected", "asked_back": "asked_back"}
"""Keys of `guides` in data/wording.yml."""


# -- approval ---------------------------------------------------------------------------------------------------------


def approve(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    number, waiting = thread.question.id, thread.pending()
    if refusal := _may_decide(number, waiting, member):
        return refusal
    assert waiting
    thread.decide(waiting.id, "done")
    author = waiting.member or member  # what waited of somebody who has left is dropped
    _send(waiting.kind, thread, author, waiting.text, moment, member)
    thread.whisper(author.id, _tell("approved_yours", number, name=member.first_name))
    if thread.approved(author.id) >= limits(moment.date()).trial_answers and thread.experienced(author.id):
        thread.whisper(author.id, _tell("experienced", number))
    return _tell("approved", number, name=author.first_name)


def refuse(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    question, waiting = thread.question, thread.pending()
    if refusal := _may_decide(question.id, waiting, member):
        return refusal
    assert waiting
    thread.decide(waiting.id, "refused")
    if question.state == "claimed":
        thread.look_again(moment + limits(moment.date()).claim_patience)
    author = waiting.member
    if author:
        reason = shared(command.text) or _tell("no_reason", question.id)
        thread.whisper(author.id, _tell("refused_yours", question.id, name=member.first_name, reason=reason))
    return _tell("refused", question.id, name=author.first_name if author else "-")


def _may_decide(number: int, waiting: EntryView | None, member: MemberView) -> str | None:
    own = waiting is not None and waiting.member is not None and waiting.member.id == member.id
    if not member.approves or own:
        return _tell("may_not_approve", number)
    return None if waiting else _tell("nothing_to_approve", number)


# -- looking ----------------------------------------------------------------------------------------------------------


def show(thread: Thread, member: MemberView, command: Command, moment: dt.datetime) -> str:
    return telling.thread(thread.question, thread.entries())


STEPS: dict[str, Step] = {
    "claim": claim,
    "answer": answer,
    "ask_back": ask_back,
    "pass_on": pass_on,
    "correct": correct,
    "close": close,
    "approve": approve,
    "refuse": refuse,
    "show": show,
}

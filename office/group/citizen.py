"""What a citizen writes while people answer: passed on to who holds the question, or about the question itself."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from office.answers import Reply
from office.group import desk, sanctions, telling
from office.group.commands import begins_with, is_one_of
from office.group.handover import LONGEST_ANSWER, shared
from office.group.limits import limits
from office.wording import say
from storage.group import decisions, questions
from storage.group.questions import QuestionView
from storage.group.thread import Thread, opened

_RATING = re.compile(r"\W*nilai\s+#?(?P<number>\d{1,9})\W+(?P<rating>[1-4])\W*", re.IGNORECASE)
_NUMBER = re.compile(r"\W*(?:pertanyaan|pitakenan|nomor|nomer|no)?\W*#\s*(?P<number>\d{1,9})\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Handled:
    """What became of a message. `to_bot`: the text that the engine is to answer although a person holds the
    conversation; else `replies` are all that the citizen is told, and none means silence."""

    replies: tuple[Reply, ...] = ()
    to_bot: str | None = None


def take(
    conversation_id: int, inbound_id: int, text: str, moment: dt.datetime, *, chosen: bool = False
) -> Handled | None:
    """Handles a citizen's message that concerns people; None: it is the bot's. Raises StorageError.

    `chosen`: the text is a choice that was offered, by the bot unless it rates an answer; `moment` in WIB.
    """
    if (told := questions.reply_to(inbound_id)) is not None:
        return _say(told)
    if found := _RATING.fullmatch(text):
        return _rate(conversation_id, inbound_id, int(found["number"]), int(found["rating"]), moment)
    question = questions.of_conversation(conversation_id)
    language = question.language if question else telling.GROUP
    if is_one_of("citizen_appeal", text) and (question or _was_held_back(conversation_id)):
        return _say(sanctions.appeal(conversation_id, language))
    cancelled = begins_with("citizen_cancel", text)
    if cancelled is not None and (found := _NUMBER.fullmatch(cancelled)):
        return _withdraw(conversation_id, inbound_id, int(found["number"]), language, moment)
    if question is None or not question.held:
        return None
    if is_one_of("citizen_end", text):
        return _end(question, inbound_id, moment)
    to_bot = begins_with("citizen_bot", text)
    if to_bot is not None or chosen or is_one_of("citizen_stop", text):
        return Handled(to_bot=to_bot or text)
    return _pass_on(question, conversation_id, inbound_id, text, moment)


def _was_held_back(conversation_id: int) -> bool:
    standing = decisions.standing(conversation_id)
    return standing.points > 0


def _say(*texts: str) -> Handled:
    return Handled(tuple(Reply(text) for text in texts if text))


def _pass_on(
    question: QuestionView, conversation_id: int, inbound_id: int, text: str, moment: dt.datetime
) -> Handled | None:
    held_back = sanctions.examine(
        conversation_id,
        inbound_id,
        text,
        agency=question.agency,
        question_id=question.id,
        language=question.language,
    )
    if held_back:
        return _say(held_back)
    with opened(question.id, templates=desk.templates()) as thread:
        if thread is None or not thread.question.held:
            return None  # closed in between: the bot answers
        words = shared(text, LONGEST_ANSWER)
        if thread.question.state == "answered":
            thread.look_again(moment + limits(moment.date()).follow_up)
        elif _asked_back(thread):  # else a guide who is silent would hold a citizen who is not for ever
            thread.look_again(moment + limits(moment.date()).claim_patience)
        thread.log("said", text=words, inbound_id=inbound_id)
        thread.post(say("guides.citizen", telling.GROUP, number=question.id, text=words))
    return Handled()


def _asked_back(thread: Thread) -> bool:
    said = [one.kind for one in thread.entries() if one.kind in ("asked_back", "said", "claim")]
    return said[-1:] == ["asked_back"]


def _end(question: QuestionView, inbound_id: int, moment: dt.datetime) -> Handled:
    told = telling.to_citizen(question, "closed")
    with opened(question.id, templates=desk.templates()) as thread:
        if thread and thread.question.state != "closed":
            thread.close("answered" if thread.question.state == "answered" else "withdrawn", moment)
            thread.log("ended", inbound_id=inbound_id, reply=told)
            thread.post(say("guides.ended", telling.GROUP, number=question.id))
    return _say(told)


def _withdraw(conversation_id: int, inbound_id: int, number: int, language: str, moment: dt.datetime) -> Handled:
    nothing = say("group.nothing_to_withdraw", language, number=number)
    with opened(number, templates=desk.templates()) as thread:
        if thread is None or thread.question.conversation_id != conversation_id or thread.question.state == "closed":
            return _say(nothing)
        told = telling.to_citizen(thread.question, "withdrawn")
        thread.close("withdrawn", moment)
        thread.log("withdrawn", inbound_id=inbound_id, reply=told)
        thread.post(say("guides.withdrawn", telling.GROUP, number=number))
        return _say(told)


def _rate(conversation_id: int, inbound_id: int, number: int, rating: int, moment: dt.datetime) -> Handled | None:
    with opened(number, templates=desk.templates()) as thread:
        if thread is None or thread.question.conversation_id != conversation_id:
            return None
        question = thread.question
        if not any(one.kind == "answer" and one.state == "done" for one in thread.entries()):
            return None
        if question.rating is not None:
            return _say(telling.to_citizen(question, "already_rated"))
        told = telling.rated(question, rating).text
        thread.rate(rating)
        if question.state == "answered":
            thread.close("answered", moment)
        thread.log("rated", text=str(rating), inbound_id=inbound_id, reply=told)
        thread.post(say("guides.rated", telling.GROUP, number=number, rating=rating))
        if rating >= limits(moment.date()).good_rating:
            thread.propose("utterance" if question.reason == "misunderstood" else "catalogue")
        return _say(told)

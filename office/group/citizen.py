"""What a citizen writes while people answer: passed on to who holds the question, or about the question itself."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from office.answers import Reply
from office.group import desk, sanctions, telling
from office.group.commands import begins_with, is_only, more_than_particles, words
from office.group.handover import LONGEST_ANSWER, shared
from office.group.limits import limits
from office.wording import say
from storage.group import decisions, questions
from storage.group.questions import QuestionView
from storage.group.thread import Thread, opened

_RATING = re.compile(r"\W*nilai\s+#?(?P<number>\d{1,9})\W+(?P<rating>[1-4])\W*", re.IGNORECASE)
_NUMBER = re.compile(
    r"\W*(?:(?:pertanyaan|pitakenan|nomor|nomer|no)\b)?\W*#?\s*(?P<number>\d{1,9})\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Handled:
    """What became of a message. `to_bot`: the text that the engine is to answer although a person holds the
    conversation; else `replies` are all that the citizen is told, and none means silence."""

    replies: tuple[Reply, ...] = ()
    to_bot: str | None = None
    question_id: int | None = None
    """What the replies are about, so that who quotes them is understood."""


def take(
    conversation_id: int, inbound_id: int, text: str, moment: dt.datetime, *, chosen: bool = False
) -> Handled | None:
    """Handles a citizen's message that concerns people; None: it is the bot's. Raises StorageError.

    `chosen`: the text is a choice that was offered, by the bot unless it rates an answer; `moment` in WIB.
    """
    if (told := questions.reply_to(inbound_id)) is not None:
        return _say(told)
    question = questions.of_conversation(conversation_id)
    if (found := _RATING.fullmatch(text)) and (
        rated := _rate(conversation_id, inbound_id, int(found["number"]), int(found["rating"]), moment)
    ):
        return rated
    language = question.language if question else telling.GROUP
    if is_only("citizen_appeal", text) and (question or _was_held_back(conversation_id)):
        return _say(sanctions.appeal(conversation_id, language))
    if cancelled := _cancel(conversation_id, inbound_id, text, question, moment):
        return cancelled
    if question is None:
        return None
    if question.held:
        return _held(question, conversation_id, inbound_id, text, moment, chosen=chosen)
    return _waiting(question, conversation_id, inbound_id, text)


def _cancel(
    conversation_id: int, inbound_id: int, text: str, question: QuestionView | None, moment: dt.datetime
) -> Handled | None:
    """ "batal #12" withdraws a question; "batal" alone asks which, while one is open."""
    behind = begins_with("citizen_cancel", text)
    if behind is None:
        return None
    found = _NUMBER.fullmatch(behind)
    if found and not more_than_particles(found["rest"]):
        return _withdraw(conversation_id, inbound_id, int(found["number"]), question, moment)
    if question and is_only("citizen_cancel", text):
        return _say(telling.to_citizen(question, "cancel_which"))
    return None


def _held(
    question: QuestionView, conversation_id: int, inbound_id: int, text: str, moment: dt.datetime, *, chosen: bool
) -> Handled:
    """A person holds the conversation: what is not for the bot, and no end, reaches that person."""
    last = _last_said(question.id)
    if is_only("citizen_end", text) and (last != "asked_back" or is_only("citizen_certain_end", text)):
        return _end(question, inbound_id, moment)
    if question.state == "answered":
        if rating := next((n for n in (1, 2, 3, 4) if is_only(f"citizen_rating_{n}", text)), None):
            rated = _rate(conversation_id, inbound_id, question.id, rating, moment)
            if rated:
                return rated
        if is_only("citizen_thanks", text):
            return _say(telling.to_citizen(question, "welcome"))
    to_bot = begins_with("citizen_bot", text)
    if to_bot is not None and (to_bot.split() or [""])[0].lower() not in words()["citizen_bot_not"]:
        return Handled(to_bot=to_bot or text)
    if chosen or is_only("citizen_stop", text):
        return Handled(to_bot=text)
    return _pass_on(question, conversation_id, inbound_id, text, moment)


def _waiting(question: QuestionView, conversation_id: int, inbound_id: int, text: str) -> Handled | None:
    """Nobody has taken it up yet: the bot answers, except about the question itself."""
    if is_only("citizen_waiting", text):
        return _say(telling.to_citizen(question, "already"))
    more = begins_with("citizen_more", text)
    if not more:
        return None
    if held_back := _held_back(question, conversation_id, inbound_id, more):
        return _say(held_back)
    told = telling.to_citizen(question, "added")
    with opened(question.id, templates=desk.templates()) as thread:
        if thread is None or thread.question.state == "closed":
            return None
        _append(thread, inbound_id, more, told)
    return _say(told)


def _last_said(question_id: int) -> str:
    return questions.last_kind(question_id, ("asked_back", "said", "claim", "answer"))


def _was_held_back(conversation_id: int) -> bool:
    return decisions.standing(conversation_id).points > 0


def _say(*texts: str) -> Handled:
    return Handled(tuple(Reply(text) for text in texts if text))


def _held_back(question: QuestionView, conversation_id: int, inbound_id: int, text: str) -> str | None:
    return sanctions.examine(
        conversation_id,
        inbound_id,
        text,
        agency=question.agency,
        question_id=question.id,
        language=question.language,
    )


def _pass_on(question: QuestionView, conversation_id: int, inbound_id: int, text: str, moment: dt.datetime) -> Handled:
    if held_back := _held_back(question, conversation_id, inbound_id, text):
        return _say(held_back)
    last = _last_said(question.id)
    with opened(question.id, templates=desk.templates()) as thread:
        if thread is None or not thread.question.held:
            return Handled(to_bot=text)  # closed in between
        if thread.question.state == "answered":
            thread.look_again(moment + limits(moment.date()).follow_up)
        elif last == "asked_back":  # else a guide who is silent would hold a citizen who is not for ever
            thread.look_again(moment + limits(moment.date()).claim_patience)
        _append(thread, inbound_id, text, None)
    return Handled()


def _append(thread: Thread, inbound_id: int, text: str, told: str | None) -> None:
    said = shared(text, LONGEST_ANSWER)
    thread.log("said", text=said, inbound_id=inbound_id, reply=told)
    thread.post(say("guides.citizen", telling.GROUP, number=thread.question.id, text=said))


def _end(question: QuestionView, inbound_id: int, moment: dt.datetime) -> Handled:
    told = telling.to_citizen(question, "closed")
    with opened(question.id, templates=desk.templates()) as thread:
        if thread and thread.question.state != "closed":
            thread.close("answered" if thread.question.state == "answered" else "withdrawn", moment)
            thread.log("ended", inbound_id=inbound_id, reply=told)
            thread.post(say("guides.ended", telling.GROUP, number=question.id))
    return _say(told)


def _withdraw(
    conversation_id: int, inbound_id: int, number: int, running: QuestionView | None, moment: dt.datetime
) -> Handled:
    language = running.language if running else telling.GROUP
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
        if not thread.answered_already():
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

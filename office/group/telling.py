"""The words of the group: what the citizen and what its members read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from office.answers import Reply
from office.choices import with_numbers
from office.group import desk
from office.group.limits import limits
from office.opening import now
from office.wording import say
from storage.group.members import MemberView
from storage.group.questions import QuestionView
from storage.group.thread import EntryView
from storage.tables import WHATSAPP

RATED = "nilai #{number}: {rating}"
"""What tapping a rating says."""
RATINGS = ("1", "2", "3", "4")
LONGEST_LINE = 90
"""Characters of a question in a list."""
LISTED = 12
"""Questions of a list, which is one message."""
GROUP = "id"
"""The language of the group."""


def to_citizen(question: QuestionView, key: str, member: MemberView | None = None, **values: object) -> str:
    """A sentence of `group.<key>` about a question, in the citizen's language; `member` is who does it."""
    language, moment = question.language, now()
    return say(
        f"group.{key}",
        language,
        number=question.id,
        name=member.first_name if member else "",
        role=say(f"group.role.{member.role}", language) if member else "",
        office=desk.catalogue().agencies[question.agency].short,
        people=desk.people(question.audience, question.agency, language),
        when=desk.when(question.audience, question.agency, language, moment),
        contact=desk.answers(language, moment).contact(question.agency),
        **values,
    )


def spoken(kind: str, question: QuestionView, author: MemberView, text: str, *, rate: bool) -> str:
    """An answer, a correction or a question back as the citizen reads it; with `rate` it ends with `ratings`."""
    key = {"answer": "answer", "correction": "corrected", "asked_back": "asked_back"}[kind]
    parts = [to_citizen(question, key, author, text=text)]
    if kind == "answer" and not author.officer:
        parts.append(say("group.of_a_guide", question.language))
    if not rate:
        return "\n\n".join(parts)
    parts.append(say("group.rate", question.language))
    read = "\n\n".join(parts)
    return with_numbers(read, ratings(question)) if question.channel == WHATSAPP else read


def ratings(question: QuestionView) -> list[dict[str, str]]:
    """The choices that rate an answer with one tap, or one digit."""
    return [
        {
            "title": say(f"group.ratings.{rating}", question.language),
            "payload": RATED.format(number=question.id, rating=rating),
        }
        for rating in RATINGS
    ]


def rated(question: QuestionView, rating: int) -> Reply:
    """Thanks for a rating."""
    good = rating >= limits(now().date()).good_rating
    return Reply(to_citizen(question, "rated_well" if good else "rated_badly"))


# -- for the group ----------------------------------------------------------------------------------------------------


def to_group(question: QuestionView, moment: dt.datetime) -> str:
    """A question as the group reads it, with what the bot knows about its service."""
    service = desk.catalogue().name(question.service) if question.service else say("guides.no_service", GROUP)
    known = desk.knowledge(question, moment)
    return say(
        "guides.question",
        GROUP,
        number=question.id,
        service=service,
        text=question.text,
        help=say("guides.knows", GROUP, known=known) if known else "",
    )


def to_approve(question: QuestionView, author: MemberView, text: str) -> str:
    """A new guide's answer as those read it who may approve it."""
    return say(
        "guides.to_approve",
        GROUP,
        number=question.id,
        name=author.first_name,
        text=text,
        question=_short(question.text),
    )


def thread(question: QuestionView, entries: Iterable[EntryView]) -> str:
    """What was said so far."""
    lines = [f"- {say('guides.who_citizen', GROUP)}: {question.text}"]
    for entry in entries:
        if entry.text and entry.state == "done" and entry.kind != "rated":
            citizens = entry.kind == "said"
            gone = say("guides.who_citizen" if citizens else "guides.who_left", GROUP)
            who = entry.member.first_name if entry.member else gone
            lines.append(say("guides.thread_line", GROUP, who=who, text=entry.text))
    return say("guides.thread", GROUP, number=question.id, state=_state(question), lines="\n".join(lines))


def listing(questions: Sequence[QuestionView]) -> str:
    """The running questions, a line each."""
    if not questions:
        return say("guides.nothing_open", GROUP)
    lines = [
        say("guides.open_line", GROUP, number=one.id, state=_state(one), text=_short(one.text))
        for one in questions[:LISTED]
    ]
    if more := len(questions) - len(lines):
        lines.append(say("guides.more", GROUP, count=more))
    return say("guides.open_list", GROUP, lines="\n".join(lines))


def _state(question: QuestionView) -> str:
    name = question.holder.first_name if question.holder else "-"
    return say(f"guides.states.{question.state}", GROUP, name=name)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1].rstrip() + "…"

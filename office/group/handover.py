"""A citizen wants a person: what is asked, what is shared, and the yes to it (the dialogue's `handover_form`)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from office.answers import Choice, Reply
from office.context import Heard
from office.group import assent, desk
from office.group.limits import limits
from office.length import cut
from office.names import mask_names
from office.opening import now
from office.wording import say
from settings import get_settings
from storage.group import questions
from storage.group.questions import NewQuestion

QUESTION, CONSENT = "handover_question", "handover_consent"
"""The form's questions, as the slots are called."""
_AGAIN = re.compile(r"\b(?:tulis\w*|nulis|nyerat|ganti|ubah)\s+(?:ulang|lagi|malih|maneh)\b")
_NOTHING_ASKED = ("greet", "thank", "affirm", "goodbye", "ask_human", "set_language")
LEAVING = ("cancel", "deny")
SHORT = 3
"""Words up to which a refusal is one, and not a question that holds such a word: "akta anak saya salah namanya"."""
_BUSINESS = re.compile(r"\b(?:nik|ktp|kk|kia|ikd|akta|akte|surat|kartu|pindah|skck|sktm|domisili)\w*\b")
LONGEST, LONGEST_ANSWER = 700, 1200
"""Lengths (office.length) of a question, which is shared as the citizen has seen it, and of what follows."""


@dataclass(frozen=True)
class Draft:
    """A question that is being put together. `text` is masked."""

    agency: str
    audience: str
    reason: str
    service: str | None = None
    text: str = ""
    refusal: str = "declined"
    """What is said where nobody is asked: a key of `group` in data/wording.yml."""


@dataclass(frozen=True)
class HandoverMemory:
    """What the dialogue has established (its slots)."""

    draft: Draft
    asked: str | None = None
    agreed: bool | None = None
    again: bool = False
    """Whether the question for consent was asked before."""


def shared(text: str, longest: int = LONGEST) -> str:
    """Somebody's words as others may read them: names given as such are masked too; lines stay, the end may be cut."""
    plain = mask_names("\n".join(" ".join(line.split()) for line in text.strip().splitlines()))
    return cut(plain, longest)


def begin(draft: Draft) -> HandoverMemory:
    """The question is asked for where it is not known yet, else the consent to it."""
    return HandoverMemory(draft, CONSENT if draft.text else QUESTION)


def understand(heard: Heard, before: HandoverMemory) -> HandoverMemory | None:
    """The memory after a message; None where it says nothing about what is being asked."""
    if before.asked == QUESTION:
        return _question(heard, before)
    if _AGAIN.search(heard.text.lower()):
        return begin(replace(before.draft, text=""))
    agreed = assent.read(heard.text)
    return None if agreed is None else replace(before, asked=None, agreed=agreed)


def _question(heard: Heard, before: HandoverMemory) -> HandoverMemory | None:
    words = heard.text.split()
    if heard.intent in LEAVING and len(words) <= SHORT:
        return replace(before, asked=None, agreed=False)
    named = bool(heard.services or heard.groups or _BUSINESS.search(heard.text.lower()))
    if not words or (heard.intent in _NOTHING_ASKED and not named):
        return None
    if heard.intent == "out_of_scope" and not named and len(words) < SHORT:
        return None  # an exclamation
    service = next(iter(heard.affirmed_services()), before.draft.service)
    agency = next((mention.value for mention in heard.agencies), before.draft.agency)
    found = desk.audience(service, agency)
    draft = replace(before.draft, text=shared(heard.text), service=service, agency=agency)
    refusal = "out_of_scope" if heard.intent == "out_of_scope" and not named else None if found else "nobody"
    if refusal:
        return replace(before, draft=replace(draft, refusal=refusal), asked=None, agreed=False)
    return begin(replace(draft, audience=found or ""))


def ask(memory: HandoverMemory, language: str, moment: dt.datetime) -> Reply:
    """The open question: what is to be asked, or whether exactly this may be shared."""
    draft = memory.draft
    people = desk.people(draft.audience, draft.agency, language)
    if memory.asked == QUESTION:
        return Reply(say("group.ask_question", language, people=people))
    text = say(
        "group.consent_again" if memory.again else "group.consent",
        language,
        people=people,
        text=draft.text,
        days=get_settings().retention_days,
        when=desk.when(draft.audience, draft.agency, language, moment),
    )
    choices = (("yes", "ya"), ("again", "tulis ulang"), ("no", "tidak"))
    return Reply(text, [Choice(say(f"group.{key}", language), payload) for key, payload in choices])


def finish(
    conversation_id: int, inbound_id: int, memory: HandoverMemory, consent: str, language: str, moment: dt.datetime
) -> str:
    """Keeps the question that was agreed to, or lets it be; what the citizen is told. Raises StorageError.

    `consent` is the question for consent, word for word; `moment` in WIB.
    """
    draft = memory.draft
    if not memory.agreed:
        return say(f"group.{draft.refusal}", language, contact=desk.answers(language, moment).contact(draft.agency))
    number = questions.ask(
        NewQuestion(
            conversation_id=conversation_id,
            inbound_id=inbound_id,
            agency=draft.agency,
            audience=draft.audience,
            reason=draft.reason,
            service=draft.service,
            language=language,
            text=draft.text,
            consent=consent,
        ),
        due_at=moment + limits(moment.date()).escalation_after,
    )
    return say("group.asked", language, number=number, when=desk.when(draft.audience, draft.agency, language, moment))


def already(conversation_id: int, language: str) -> str | None:
    """What a citizen is told whose question is waiting; None where none is."""
    question = questions.of_conversation(conversation_id)
    if question is None:
        return None
    when = desk.when(question.audience, question.agency, language, now())
    people = desk.people(question.audience, question.agency, language)
    return say("group.already", language, number=question.id, people=people, when=when)

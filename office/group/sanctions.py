"""What follows when a message is held back: a warning, a pause, a stop, and the way to an officer against it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import yaml

from office.group import desk
from office.group.handover import shared
from office.group.limits import limits
from office.group.moderation import check
from office.opening import WIB, now
from office.privacy import PHONE_MASK
from office.wording import listing, say
from settings import get_settings
from storage.group import decisions
from storage.group.decisions import BLOCKED, MUTED, WARNED, DecisionView, NewDecision
from storage.group.members import MemberView

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "group" / "sanctions.yml"


def _weights() -> dict[str, int]:
    weights: dict[str, int] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["weights"]
    return weights


WEIGHTS = _weights()
"""Points of a category of office.group.moderation."""
SLIP = 1
"""Points of what is mostly an oversight: no warning is spoken for the first ones."""


def barred(conversation_id: int, language: str) -> str | None:
    """What somebody is told whose messages are not passed on at present; None for everybody else."""
    standing = decisions.standing(conversation_id)
    if standing.blocked:
        return say("group.blocked", language, days=get_settings().retention_days)
    if standing.muted_until and standing.muted_until > now():
        until = standing.muted_until.astimezone(WIB).strftime("%d/%m %H.%M")
        return say("group.still_muted", language, until=until)
    return None


def examine(
    conversation_id: int, inbound_id: int, text: str, *, agency: str, question_id: int | None, language: str
) -> str | None:
    """Why a message is not passed on, in words for its writer; None: it may go. What is held back is recorded.

    A number in a question that is only being put together is no slip: it is masked, as the writer is shown.
    """
    if (told := decisions.reply_to(inbound_id)) is not None:
        return told
    if told := barred(conversation_id, language):
        return told
    found = [one for one in check(text) if question_id or one.words != PHONE_MASK]
    if not found:
        return None
    points = max(WEIGHTS[finding.category] for finding in found)
    verdict, muted_until = _verdict(decisions.standing(conversation_id).points, points)
    names = [say(f"group.categories.{finding.category}", language) for finding in found]
    rules = limits(now().date())
    told = say("group.held_back", language, categories=listing(names, language))
    if points > SLIP or verdict != WARNED:
        follows = say(f"group.{verdict}", language, hours=rules.mute_hours, days=get_settings().retention_days)
        told = f"{told} {follows}"
    decisions.record(
        NewDecision(
            conversation_id=conversation_id,
            question_id=question_id,
            agency=agency,
            language=language,
            inbound_id=inbound_id,
            categories=" ".join(finding.category for finding in found),
            text=shared(text),
            points=points,
            verdict=verdict,
            reply=told,
            muted_until=muted_until,
        )
    )
    return told


def _verdict(before: int, points: int) -> tuple[str, dt.datetime | None]:
    """What follows on a message of so many points after earlier ones; nobody is muted or blocked without a warning."""
    rules = limits(now().date())
    total = before + points
    if total >= rules.block_points and before:
        return BLOCKED, None
    if total >= rules.mute_points and before:
        return MUTED, now() + dt.timedelta(hours=rules.mute_hours)
    return WARNED, None


def appeal(conversation_id: int, language: str) -> str:
    """Hands the newest decision to the office's officers; what the writer is told."""
    found = decisions.newest_of(conversation_id)
    if found is None:
        return say("group.nothing_to_appeal", language)
    names = [say(f"group.categories.{category}", "id") for category in found.categories.split()]
    told = say("guides.appeal", "id", id=found.id, categories=listing(names, "id"), text=found.text)
    if decisions.appeal(found.id, told, templates=desk.templates()):
        return say("group.appealed", language)
    return say("group.appeal_unheard", language, contact=desk.answers(language, now()).contact(found.agency))


def review(decision_id: int, officer: MemberView, conversation_id: int, *, lift: bool) -> DecisionView | None:
    """An officer's word on what was held back at the own office; None where there is nothing to decide.

    `conversation_id`: the officer's; nobody decides about an own message.
    """
    key = "group.lifted" if lift else "group.upheld"
    found = decisions.get(decision_id)
    if found is None or found.conversation_id == conversation_id:
        return None
    return decisions.review(decision_id, officer.agency, officer.id, lambda language: say(key, language), lift=lift)

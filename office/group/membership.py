"""What members do: about a question, about an appeal, about themselves."""

from __future__ import annotations

import datetime as dt

from office.answers import Reply
from office.group import desk, relay, sanctions, telling
from office.group.citizen import Handled
from office.group.commands import ABOUT_AN_APPEAL, Command, begins_with
from office.group.desk import GUIDES, OFFICERS
from office.wording import say
from settings import get_settings
from storage.group import members, questions
from storage.group.members import MemberView

LANGUAGE = "id"


def handle(member: MemberView, command: Command, conversation_id: int, inbound_id: int, moment: dt.datetime) -> str:
    """Carries out a member's command; what the member is told. `moment` in WIB; raises StorageError."""
    if command.kind in ABOUT_AN_APPEAL:
        return _review(member, command, conversation_id)
    match command.kind:
        case "list":
            return telling.listing(_running(member))
        case "help":
            return say("guides.help", LANGUAGE)
        case "which":
            return say("guides.which", LANGUAGE, number=command.number)
        case "pause":
            members.set_state(member.id, ("active",), "paused")
            return say("guides.pausing", LANGUAGE)
        case "resume":
            members.set_state(member.id, ("paused",), "active")
            return say("guides.resumed", LANGUAGE)
        case "leave":
            members.set_state(member.id, ("active", "paused"), "left")
            return say("guides.left", LANGUAGE, days=get_settings().retention_days)
        case "forget":
            members.remove(member.id)
            return say("guides.forgotten", LANGUAGE)
    return relay.handle(member, command, conversation_id, inbound_id, moment)


def perhaps_an_answer(member: MemberView, text: str, *, asking_the_bot: bool) -> Handled | None:
    """A member who is about to answer and writes without a number: neither sent nor answered by the bot before it is
    clear what is meant. "sapa ..." is for the bot."""
    to_bot = begins_with("citizen_bot", text)
    if to_bot:
        return Handled(to_bot=to_bot)
    held = questions.held_by(member.id)
    if asking_the_bot or len(held) != 1 or member.state != "active":
        return None
    return Handled((Reply(say("guides.did_you_mean", LANGUAGE, number=held[0])),), question_id=held[0])


def _running(member: MemberView) -> list[questions.QuestionView]:
    guides = questions.running(member.agency, GUIDES)
    return [*questions.running(member.agency, OFFICERS), *guides] if member.officer else guides


def _review(member: MemberView, command: Command, conversation_id: int) -> str:
    if not member.officer:
        return say("guides.officers_only", LANGUAGE)
    lift = command.kind == "lift"
    if not sanctions.review(command.number or 0, member, conversation_id, lift=lift):
        return say("guides.no_appeal", LANGUAGE, number=command.number)
    verdict = say(f"guides.verdicts.{'lifted' if lift else 'upheld'}", LANGUAGE)
    return say("guides.reviewed", LANGUAGE, number=command.number, verdict=verdict)


def welcome(member: MemberView) -> str:
    """What somebody reads who has been accepted."""
    trial = "" if member.experienced else say("guides.trial", LANGUAGE)
    cohort = say("guides.cohort", LANGUAGE, name=member.cohort) if member.cohort else ""
    office = desk.office_name(member.agency)
    return say("guides.accepted", LANGUAGE, name=member.first_name, office=office, cohort=cohort, trial=trial)

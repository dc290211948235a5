"""Replies in a conversation about a case: its hearings and state, what is missing to answer, following and its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from office.answers import Choice, Reply
from office.court import case_number, following
from office.court.asking import CaseMemory
from office.court.case_number import EXAMPLE, CaseNumber, key
from office.court.hearings import Hearings
from office.court.telling import Source
from office.identity import conversation_of
from office.reach import whatsapp_link
from office.wording import listing, say
from settings import get_settings
from storage.court import cases
from storage.court.cases import CaseView
from storage.court.checks import TRAFFIC

OFFERED = 5
"""Cases among which a citizen is asked to choose."""
FOLLOW = "ikuti perkara {number}"
"""What choosing to follow a case says; also written by hand: IKUTI."""
_WITH_CASE = ("ask_hearing_schedule", "ask_case_status", "follow_case", "unfollow_case", "unfollow_all")


class CaseReplies:
    """Composes replies in one conversation, language and moment (WIB).

    `sender`: the engine's key of the conversation ("c12"); `court`: name and address of the court; `contact`: how its
    counter is reached.
    """

    def __init__(self, sender: str, language: str, moment: dt.datetime, court: str, contact: str):
        self._conversation = conversation_of(sender) or 0
        self._language = language
        self._moment = moment
        self._court = court
        self._contact = contact

    # -- what is still missing

    def still_missing(self, memory: CaseMemory) -> CaseMemory:
        """The memory with `asked` set to what has to be asked before the topic can be answered."""
        if memory.asked or memory.agreed is not None or memory.topic not in _WITH_CASE:
            return memory
        if memory.topic == "unfollow_all":
            several = len(following.followed(self._conversation)) > 1
            return replace(memory, asked="case_consent") if several else memory
        if memory.number is None and not memory.by_name:
            memory = self._followed(memory)
        if memory.number is None and not (memory.topic == "unfollow_case" and self._follows_none()):
            return replace(memory, asked="case_number")
        if memory.number and memory.number.ours and not memory.number.complete and cases.as_of():
            return replace(memory, asked="case_number")
        if memory.topic == "follow_case" and self._may_follow(memory.number):
            return replace(memory, asked="case_consent")
        return memory

    def _followed(self, memory: CaseMemory) -> CaseMemory:
        """With the one case that the citizen follows, if he follows one and doesn't ask to follow another."""
        followed = following.followed(self._conversation)
        if len(followed) != 1 or memory.topic == "follow_case":
            return memory
        return replace(memory, number=case_number.read(followed[0].number))

    def _follows_none(self) -> bool:
        return not following.followed(self._conversation)

    def _may_follow(self, number: CaseNumber | None) -> bool:
        case = self._find(number)
        followed = {followed.id for followed in following.followed(self._conversation)}
        return case is not None and following.reachable(self._conversation) and case.id not in followed

    def ask_number(self, memory: CaseMemory) -> Reply:
        """Asks for the number, or for what it lacks; offers the cases that fit, never a closed one."""
        number = memory.number
        if memory.topic == "unfollow_case":
            followed = [case.number for case in following.followed(self._conversation)]
            choices = [Choice(n, f"berhenti mengikuti perkara {n}") for n in followed]
            return Reply(self._say("which_unfollow"), [*choices, Choice(self._say("all"), "semua")])
        if number and number.ordinal:
            letters = key(number.code).replace("/", "") if number.code else None
            fitting = cases.matching(number.ordinal, letters, number.year, OFFERED)
            text = self._say("which_fits" if fitting else "incomplete", number=number, example=EXAMPLE)
            return Reply(text, self._choices(memory.topic, fitting))
        followed = [case.number for case in following.followed(self._conversation)]
        text = self._say("ask_number", example=EXAMPLE)
        if memory.by_name:
            text = f"{self._say('by_name')}\n{text}"
        return Reply(text, self._choices(memory.topic, followed[:OFFERED]))

    def _choices(self, topic: str | None, numbers: list[str]) -> list[Choice]:
        ask = {"ask_case_status": "status perkara {number}", "follow_case": FOLLOW}
        return [Choice(n, ask.get(topic or "", "jadwal sidang {number}").format(number=n)) for n in numbers]

    def ask_consent(self, memory: CaseMemory) -> Reply:
        """Asks whether the case is to be followed, or whether all are to be given up."""
        choices = [Choice(self._say("yes"), "ya"), Choice(self._say("no"), "tidak")]
        if memory.topic == "unfollow_all":
            numbers = [case.number for case in following.followed(self._conversation)]
            return Reply(self._say("unfollow_all", numbers=listing(numbers, self._language)), choices)
        case = self._find(memory.number)
        assert case
        return Reply(following.consent_question(case, self._language), choices)

    # -- answers

    def answer(self, memory: CaseMemory, question: dict[str, str] | None) -> Reply:
        """The reply to a topic with all that it needs; `question` is what was agreed to: {"text", "language"}."""
        match memory.topic:
            case "no_number":
                return Reply(self._say("no_number", contact=self._contact))
            case "stop_messages":
                ended = following.stop_all(self._conversation)
                return Reply(self._say("stopped" if ended else "nothing_to_stop", count=ended))
            case "unfollow_all":
                return self._unfollow_all(memory)
            case "unfollow_case":
                return self._unfollow(memory.number)
        case = self._find(memory.number)
        if case is None:
            return self._not_found(memory)
        if memory.topic == "follow_case":
            return self._follow(case, memory.agreed, question)
        return self._about(case, memory.topic)

    def _about(self, case: CaseView, topic: str | None) -> Reply:
        source = Source(cases.as_of(), cases.demonstration())
        compose = Hearings(source, self._language, self._moment, self._court, self._contact)
        hearings = cases.hearings(case.id)
        text = (compose.status if topic == "ask_case_status" else compose.schedule)(case, hearings)
        if case.flow == TRAFFIC:
            text += f"\n\n{self._say('tilang')}"
        if not compose.coming(hearings) or not self._may_follow(case_number.read(case.number)):
            return Reply(text)
        return Reply(
            f"{text}\n\n{self._say('offer')}", [Choice(self._say("follow"), FOLLOW.format(number=case.number))]
        )

    def _follow(self, case: CaseView, agreed: bool | None, question: dict[str, str] | None) -> Reply:
        if agreed is False:
            return Reply(self._say("declined"))
        if agreed and question:
            outcome = following.follow(self._conversation, case.id, question["language"], question["text"])
        else:  # it was not even asked: there is a reason
            outcome = "already" if following.reachable(self._conversation) else "not_whatsapp"
        text = self._say(f"follow_{outcome}", number=case.number, limit=following.limit())
        whatsapp = get_settings().twilio_whatsapp_number
        if outcome == "not_whatsapp" and whatsapp:
            text += f"\n{whatsapp_link(whatsapp, FOLLOW.format(number=case.number))}"
        return Reply(text)

    def _unfollow(self, number: CaseNumber | None) -> Reply:
        if number is None:
            return Reply(self._say("nothing_followed"))
        ids = [case.id for case in following.followed(self._conversation) if case.key == key(str(number))]
        for case_id in ids:
            following.unfollow(self._conversation, case_id)
        return Reply(self._say("unfollowed" if ids else "not_followed", number=number))

    def _unfollow_all(self, memory: CaseMemory) -> Reply:
        if memory.agreed is False:
            return Reply(self._say("kept"))
        ended = following.unfollow(self._conversation)
        told = "unfollowed" if ended else "nothing_followed"
        return Reply(self._say(told, number=listing(ended, self._language)))

    def _not_found(self, memory: CaseMemory) -> Reply:
        number = memory.number
        if number and not number.ours:
            return Reply(self._say("other_court", number=number, court=number.court))
        if cases.as_of() is None:
            return Reply(self._say("never_read", contact=self._contact))
        similar = cases.similar(key(str(number)))[:OFFERED]
        text = self._say("unknown_number", number=number, example=EXAMPLE, contact=self._contact)
        if similar:
            text += f"\n\n{self._say('did_you_mean')}"
        return Reply(text, self._choices(memory.topic, similar))

    def _find(self, number: CaseNumber | None) -> CaseView | None:
        return cases.find(key(str(number))) if number and number.ours and number.complete else None

    def _say(self, name: str, **values: object) -> str:
        return say(f"court.{name}", self._language, **values)

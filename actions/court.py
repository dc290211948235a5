"""Questions about a case: its hearings, its state, being told of its changes."""

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import answers, catalogue, heard, language, utter
from office.answers import Reply
from office.context import Memory
from office.court import case_number
from office.court.asking import CaseMemory, concern, understand
from office.court.replies import FOLLOW, CaseReplies
from office.opening import now
from office.wording import say

_OFFER = FOLLOW.partition("{")[0]


def court() -> str:
    """The court among the offices."""
    return next(agency for agency, profile in catalogue().agencies.items() if profile.kind == "court")


def replies(tracker: Tracker) -> CaseReplies:
    """The composer of replies about cases for this conversation, now."""
    profile, spoken = catalogue().agencies[court()], language(tracker)
    address = profile.address.text if profile.address else None
    place = say("court.place", spoken, court=profile.name.id, address=address.id) if address else profile.name.id
    return CaseReplies(tracker.sender_id, spoken, now(), place, answers(tracker).contact(court()))


def case_concern(tracker: Tracker) -> str | None:
    """The question about a case in a message that was taken for something else, or None; see `office.court.asking`."""
    speaking_of_a_case = bool(tracker.get_slot("case_number")) and not tracker.get_slot("topic")
    return concern(heard(tracker), now().year, speaking_of_a_case=speaking_of_a_case)


def to_case(topic: str) -> list[EventType]:
    """Events that go on with a question about a case."""
    return [SlotSet("case_topic", topic), FollowupAction("case_form")]


def interrupted(tracker: Tracker) -> bool:
    """Whether a question about a case is to be taken up: one of this session, or one that was only just noticed."""
    if not tracker.get_slot("case_topic"):
        return False
    for event in reversed(tracker.events):
        if event["event"] == "session_started":
            break
        if event["event"] == "action" and event["name"] == "case_form":
            return True
    return not tracker.get_slot("topic")


def offered(tracker: Tracker) -> bool:
    """Whether the latest message answers the offer to follow the case just told of."""
    said = [event for event in tracker.events if event["event"] in ("bot", "user")]
    before = next((event for event in reversed(said[:-1]) if event["event"] == "bot"), None)
    buttons: list[dict[str, Any]] = ((before or {}).get("data") or {}).get("buttons") or []
    return any(button["payload"].startswith(_OFFER) for button in buttons)


def case_memory(tracker: Tracker) -> CaseMemory:
    """What the slots hold about a case."""
    slot = tracker.get_slot
    open_form = (tracker.active_loop or {}).get("name") == "case_form"
    asked = slot("requested_slot") if open_form else None
    number = case_number.read(slot("case_number")) if slot("case_number") else None
    return CaseMemory(slot("case_topic"), number, asked, slot("case_consent"))


def remember_case(after: CaseMemory) -> list[EventType]:
    """Events that write it into the slots; the form asks for `requested_slot` next."""
    return [
        SlotSet("case_topic", after.topic),
        SlotSet("case_number", str(after.number) if after.number else None),
        SlotSet("case_consent", after.agreed),
        SlotSet("case_by_name", after.by_name),
        SlotSet("requested_slot", after.asked),
    ]


class ValidateCaseForm(Action):
    """Interprets the message in its context and decides what the form asks next."""

    def name(self) -> str:
        return "validate_case_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        before = case_memory(tracker)
        understood = understand(heard(tracker), before, now().year)
        if understood is None:
            return [SlotSet("requested_slot", before.asked)]
        return remember_case(replies(tracker).still_missing(understood))


class ActionAskCaseNumber(Action):
    """Asks for the number, or for what it lacks."""

    def name(self) -> str:
        return "action_ask_case_form_case_number"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        memory = replace(case_memory(tracker), by_name=bool(tracker.get_slot("case_by_name")))
        utter(dispatcher, replies(tracker).ask_number(memory))
        return []


class ActionAskCaseConsent(Action):
    """Asks for the yes to being told of a case, or to the end of it all, and keeps the question word for word."""

    def name(self) -> str:
        return "action_ask_case_form_case_consent"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        question = replies(tracker).ask_consent(case_memory(tracker))
        utter(dispatcher, question)
        return [SlotSet("case_question", {"text": question.text, "language": language(tracker)})]


class ActionCase(Action):
    """Answers the question about a case; the case is remembered for the next one."""

    def name(self) -> str:
        return "action_case"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        memory = case_memory(tracker)
        done: list[EventType] = [
            *remember_case(CaseMemory(None, memory.number)),
            SlotSet("case_question", None),
            SlotSet("topic", None),
            SlotSet("office", court()),
        ]
        match memory.topic:
            case "cancel":
                dispatcher.utter_message(response="utter_cancelled")
            case "ask_human":
                return [*done, FollowupAction("action_human")]
            case "tilang":
                utter(dispatcher, self._tilang(tracker))
            case _:
                utter(dispatcher, replies(tracker).answer(memory, tracker.get_slot("case_question")))
        return done

    def _tilang(self, tracker: Tracker) -> Reply:
        return answers(tracker).about_service("ask_procedure", "tilang", Memory(agency=court()))

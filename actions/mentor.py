"""The form for young people who want to become guides."""

import datetime as dt
from dataclasses import asdict, replace

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import heard, language, utter
from actions.handover import asks_the_catalogue, conversation
from office.group import joining
from office.group.joining import QUESTIONS, Form
from office.opening import now


def today() -> dt.date:
    """The day in Mojokerto."""
    return now().date()


def form(tracker: Tracker) -> Form:
    """What the slot `mentor` holds."""
    asked = tracker.get_slot("requested_slot")
    return Form(**(tracker.get_slot("mentor") or {}) | {"asked": asked if asked in QUESTIONS else None})


def remember(after: Form | None) -> list[EventType]:
    """Events that write the form into the slots; `requested_slot` is asked next, None ends it."""
    return [
        SlotSet("mentor", asdict(after) if after else None),
        SlotSet("requested_slot", after.asked if after else None),
    ]


class ActionJoin(Action):
    """Begins the form, or says why it can't begin."""

    def name(self) -> str:
        return "action_join"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if obstacle := joining.obstacle(conversation(tracker), language(tracker), today()):
            dispatcher.utter_message(text=obstacle)
            return []
        return [FollowupAction("mentor_form")]


class ValidateMentorForm(Action):
    """Takes the answer to what is asked, whatever intent its words look like."""

    def name(self) -> str:
        return "validate_mentor_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        before, message = form(tracker), heard(tracker)
        before = replace(before, language=before.language or language(tracker))
        if before.asked and asks_the_catalogue(message):  # the rules answer it, then the form goes on
            return [SlotSet("requested_slot", before.asked)]
        return remember(joining.understand(message, before, today()) or replace(before, again=before.asked))


class _Ask:
    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        known = form(tracker)
        utter(dispatcher, joining.ask(known, known.language or language(tracker), today()))
        return []


class ActionAskYear(_Ask, Action):
    """Asks for the year of birth."""

    def name(self) -> str:
        return "action_ask_mentor_form_mentor_year"


class ActionAskParent(_Ask, Action):
    """Asks a parent to agree."""

    def name(self) -> str:
        return "action_ask_mentor_form_mentor_parent"


class ActionAskName(_Ask, Action):
    """Asks for the name."""

    def name(self) -> str:
        return "action_ask_mentor_form_mentor_name"


class ActionAskSchool(_Ask, Action):
    """Asks for the school."""

    def name(self) -> str:
        return "action_ask_mentor_form_mentor_school"


class ActionAskVillage(_Ask, Action):
    """Asks for the village."""

    def name(self) -> str:
        return "action_ask_mentor_form_mentor_village"


class ActionAskMentorConsent(_Ask, Action):
    """Shows what would be kept and asks for the yes."""

    def name(self) -> str:
        return "action_ask_mentor_form_mentor_consent"


class ActionApply(Action):
    """Keeps the application, or lets it be; nothing of it stays in the dialogue's memory."""

    def name(self) -> str:
        return "action_apply"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        known = form(tracker)
        told = joining.finish(conversation(tracker), known, known.language or language(tracker), today())
        dispatcher.utter_message(text=told)
        return [SlotSet("mentor", None)]

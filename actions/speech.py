"""Greeting, and which language the citizen wants."""

import re

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import heard, language, remember
from actions.court import case_concern, to_case
from office.context import Memory
from office.wording import say

SALAM = re.compile(r"\bas+al+am|\bsalam\b|\bass?\b|\baslm", re.IGNORECASE)


class ActionGreet(Action):
    """Greets; a salam is answered with a salam. What was spoken of before the greeting is forgotten."""

    def name(self) -> str:
        return "action_greet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if concern := case_concern(tracker):  # a greeting before a case number
            return to_case(concern)
        key = "greeting.salam" if SALAM.search(heard(tracker).text) else "greeting.hello"
        dispatcher.utter_message(response="utter_greet", greeting=say(key, language(tracker)))
        return [] if tracker.active_loop else [*remember(Memory()), SlotSet("case_number", None)]


class ActionSetLanguage(Action):
    """Remembers the wished-for language (entity `language`)."""

    def name(self) -> str:
        return "action_set_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        wish = next(tracker.get_latest_entity_values("language"), None)
        if wish not in ("id", "jv"):
            dispatcher.utter_message(response="utter_language_unknown")
            return []
        dispatcher.utter_message(response=f"utter_language_{wish}")
        return [SlotSet("language_wish", wish)]

"""What was not understood, or is none of these offices' business."""

import re
from pathlib import Path

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import answers, heard, memory, utter
from actions.court import case_concern, to_case
from actions.handover import offer
from actions.referral import office_concerned

_FILE = Path(__file__).resolve().parent.parent / "data" / "lexicon" / "boundaries.yml"
_PATTERNS = {
    kind: re.compile("|".join(rf"\b(?:{p})\b" for p in patterns), re.IGNORECASE)
    for kind, patterns in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()
}


def boundary(text: str) -> str | None:
    """Which boundary a message crosses: "abuse", "private" (somebody's data), "no_commands", or none."""
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(text)), None)


class ActionOutOfScope(Action):
    """None of these offices' business: says so, politely and by kind."""

    def name(self) -> str:
        return "action_out_of_scope"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if concern := case_concern(tracker):
            return to_case(concern)
        if crossed := boundary(heard(tracker).text):
            dispatcher.utter_message(response=f"utter_{crossed}")
        elif _lost_before(tracker):
            contact = answers(tracker).contact(office_concerned(tracker))
            dispatcher.utter_message(response="utter_out_of_scope_again", contact=contact)
        else:
            dispatcher.utter_message(response="utter_out_of_scope")
        return []


class ActionMisunderstood(Action):
    """Asks to say it differently; the second time in a row offers a person. A service that was named is followed up."""

    def name(self) -> str:
        return "action_misunderstood"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        message = heard(tracker)
        if concern := case_concern(tracker):
            return to_case(concern)
        if crossed := boundary(message.text):
            dispatcher.utter_message(response=f"utter_{crossed}")
        elif (message.services or message.groups) and not memory(tracker).asked:
            return [FollowupAction("request_form")]
        elif _lost_before(tracker):
            contact = answers(tracker).contact(office_concerned(tracker))
            if people := offer(tracker, "offer_lost", memory(tracker).service):
                utter(dispatcher, people)
            else:
                dispatcher.utter_message(response="utter_offer_human", contact=contact)
        else:
            dispatcher.utter_message(response="utter_misunderstood")
        return []


def _lost_before(tracker: Tracker) -> bool:
    """Whether the message before the latest one got no answer of substance either."""
    intents = [e["parse_data"]["intent"]["name"] for e in tracker.events if e["event"] == "user"]
    return intents[-2:-1] in (["nlu_fallback"], ["out_of_scope"])

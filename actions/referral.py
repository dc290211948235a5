"""Where to go with what cannot be done here."""

from dataclasses import replace

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import answers, catalogue, heard, memory, remember
from actions.court import case_concern, to_case
from settings import get_settings

AGENCY_OF = {
    "simulate_jht": "bpjs_ketenagakerjaan",
    "simulate_jp": "bpjs_ketenagakerjaan",
    "report_accident": "bpjs_ketenagakerjaan",
    "report_app_problem": "bpjs_ketenagakerjaan",
    "ask_certificate": "kecamatan_mojosari",
}
"""Office that answers for an intent whatever else was said."""


def office_concerned(tracker: Tracker) -> str:
    """The office to turn to: the intent's own, the one named, the one that offers the service named, the last one."""
    message, known = heard(tracker), memory(tracker)
    named = [mention.value for mention in message.agencies]
    offices = catalogue().offices_of(message.services[0].value) if message.services else []
    candidates = [AGENCY_OF.get(message.intent), *named, *(offices if len(offices) == 1 else [])]
    candidates += [known.agency, known.office, get_settings().default_agency, *catalogue().agencies]
    return next(agency for agency in candidates if agency in catalogue().agencies)


class ActionCapabilities(Action):
    """What can be asked here, and the offices of this instance."""

    def name(self) -> str:
        return "action_capabilities"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        offices = "\n".join(f"- {profile.name.id}" for profile in catalogue().agencies.values())
        dispatcher.utter_message(response="utter_capabilities", offices=offices)
        return []


class ActionNotYet(Action):
    """Says honestly that something is not possible here yet, and what to do instead."""

    def name(self) -> str:
        return "action_not_yet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        message = heard(tracker)
        if concern := case_concern(tracker):
            return to_case(concern)
        if message.intent == "apply_service" and message.affirmed_services():
            dispatcher.utter_message(response="utter_apply_here")
            events = remember(replace(memory(tracker), topic="ask_procedure", service=message.affirmed_services()[0]))
            return [*events, FollowupAction("request_form")]
        contact = answers(tracker).contact(office_concerned(tracker))
        dispatcher.utter_message(response=f"utter_{message.intent}", contact=contact)
        return []

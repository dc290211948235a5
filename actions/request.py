"""The request: what is asked, about which service, at which office."""

from dataclasses import replace

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import answers, catalogue, heard, language, memory, remember, utter
from actions.court import case_concern, interrupted, offered
from actions.handover import offer, to_resume
from office.context import correction, office_for, understand
from office.wording import say


class ValidateRequestForm(Action):
    """Interprets the message in its context and decides what the form asks next."""

    def name(self) -> str:
        return "validate_request_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        message, before = heard(tracker), memory(tracker)
        if topic := case_concern(tracker):  # `action_answer` goes on with it
            return [*remember(replace(before, topic=None, asked=None)), SlotSet("case_topic", topic)]
        understood = understand(message, before, catalogue())
        if before.asked and not understood.learnt:
            return [SlotSet("requested_slot", before.asked)]
        return remember(understood.memory)


class ActionAskService(Action):
    """Asks which service is meant."""

    def name(self) -> str:
        return "action_ask_request_form_service"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        candidates = tuple(c for c in memory(tracker).candidates if c in catalogue().services)
        utter(dispatcher, answers(tracker).ask_service(candidates, resumed=not heard(tracker).text))
        return []


class ActionAskAgency(Action):
    """Asks which office is meant."""

    def name(self) -> str:
        return "action_ask_request_form_agency"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        known = memory(tracker)
        offices = tuple(c for c in known.candidates if c in catalogue().agencies)
        utter(dispatcher, answers(tracker).ask_office(known.service, offices))
        return []


class ActionAnswer(Action):
    """Answers the topic, and goes back to a question that it interrupted, also one about a case."""

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        known, compose = memory(tracker), answers(tracker)
        named = [s for s in heard(tracker).affirmed_services() if s in catalogue().services]
        events: list[EventType] = [SlotSet("candidates", [])]
        match known.topic:
            case "ask_hours" if known.office:
                utter(dispatcher, compose.hours(known.office))
            case "ask_contact" if known.office:
                utter(dispatcher, compose.contacts(known.office))
            case "ask_services" if known.office:
                utter(dispatcher, compose.services(known.office))
            case "ask_location":
                utter(dispatcher, compose.location(known))
            case topic if topic and known.service:
                for service in named[:2] if known.service in named else [known.service]:
                    utter(dispatcher, compose.about_service(topic, service, known))
                events.append(SlotSet("office", office_for(known.service, known, catalogue()) or known.office))
        if interrupted(tracker):
            return [*events, FollowupAction("case_form")]
        if resumed := to_resume(tracker):
            return [*events, *resumed]
        if known.resume:
            return [SlotSet("topic", known.resume), SlotSet("resume", None), FollowupAction("request_form")]
        return events


class ActionDeny(Action):
    """ "Bukan, yang hilang": goes on with the service that was meant, or asks which one."""

    def name(self) -> str:
        return "action_deny"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if offered(tracker):
            dispatcher.utter_message(text=say("court.declined", language(tracker)))
            return []
        before = memory(tracker)
        meant, others = correction(heard(tracker), before, catalogue())
        if meant:
            return [SlotSet("service", meant), FollowupAction("request_form")]
        if people := offer(tracker, "offer_people", before.service):
            dispatcher.utter_message(text=people.text)  # without its choice: a list of services follows
        if others:
            return [SlotSet("service", None), SlotSet("candidates", others), FollowupAction("request_form")]
        dispatcher.utter_message(response="utter_which")
        return []

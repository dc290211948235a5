"""What the court's staff ask and answer; everybody else gets what citizens get."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import heard, language
from actions.court import offered, to_case
from actions.handover import was_offered
from office.court import affirmation, digest, staff


class ActionMyTasks(Action):
    """What lies with the person who asks; a citizen is told for whom that is."""

    def name(self) -> str:
        return "action_my_tasks"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if person := staff.of_sender(tracker.sender_id):
            dispatcher.utter_message(text=digest.tasks_of(person, language(tracker)))
        else:
            dispatcher.utter_message(response="utter_ask_my_tasks")
        return []


class ActionAffirm(Action):
    """ "Siap" and "sudah" of a person with a call or reminders are noted; else "yes" to an offer, or to nothing."""

    def name(self) -> str:
        return "action_affirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        person = staff.of_sender(tracker.sender_id)
        noted = affirmation.affirmed(person, heard(tracker).text, language(tracker)) if person else None
        if noted:
            dispatcher.utter_message(text=noted)
        elif offered(tracker):
            return to_case("follow_case")
        elif was_offered(tracker):
            return [FollowupAction("action_human")]
        else:
            dispatcher.utter_message(response="utter_affirm")
        return []

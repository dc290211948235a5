"""A person is wanted: the question and the yes to sharing it; and the way in for young people who want to answer."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import answers, heard, language, utter
from actions.referral import office_concerned
from office.answers import FACETS_OF, Choice, Reply
from office.context import Heard
from office.group import desk, handover, sanctions
from office.group.handover import CONSENT, QUESTION, Draft, HandoverMemory
from office.identity import conversation_of
from office.opening import now
from office.wording import say

LONG = 4
"""Words of a wish for a person that is a question by itself: it names a service, too."""


def conversation(tracker: Tracker) -> int:
    """The conversation of the engine's key; 0 for a key that is not ours."""
    return conversation_of(tracker.sender_id) or 0


def inbound_id(tracker: Tracker) -> int:
    """The message that is being answered, as `assistant.Assistant` names it."""
    return int((tracker.latest_message.get("metadata") or {}).get("inbound_id") or 0)


def memory(tracker: Tracker) -> HandoverMemory | None:
    """What the slots hold; None while no person was wanted."""
    draft = tracker.get_slot(QUESTION)
    if not draft:
        return None
    asked = tracker.get_slot("requested_slot")
    return HandoverMemory(Draft(**draft), asked if asked in (QUESTION, CONSENT) else None, tracker.get_slot(CONSENT))


def remember(after: HandoverMemory | None) -> list[EventType]:
    """Events that write it into the slots; the form asks for `requested_slot` next."""
    return [
        SlotSet(QUESTION, asdict(after.draft) if after else None),
        SlotSet(CONSENT, after.agreed if after else None),
        SlotSet("requested_slot", after.asked if after else None),
    ]


@dataclass(frozen=True)
class Before:
    """What was said before a person was wanted: why that is, the words that were meant, and their service."""

    reason: str = "asked"
    text: str = ""
    service: str | None = None


def said_before(tracker: Tracker) -> Before:
    """The message that was not understood, or the question whose answer was rejected."""
    said = [event for event in tracker.events if event["event"] == "user"][:-1]
    intents = [str(event["parse_data"]["intent"]["name"]) for event in said]
    if intents and intents[-1] == "nlu_fallback":
        return _before("misunderstood", said[-1])
    if intents and intents[-1] == "deny":
        questions = (event for event, intent in zip(said, intents, strict=True) if intent in FACETS_OF)
        asked = next(reversed(list(questions)), None)
        return _before("rejected", asked) if asked else Before("rejected")
    return Before()


def _before(reason: str, event: dict[str, Any]) -> Before:
    entities = event["parse_data"].get("entities") or []
    services = (entity["value"] for entity in entities if entity["entity"] == "service")
    return Before(reason, str(event["text"]), next(services, None))


def offer(tracker: Tracker, key: str, service: str | None) -> Reply | None:
    """The sentence `group.<key>` that people can be asked, with the choice to do so; None where there is nobody."""
    agency, spoken = office_concerned(tracker), language(tracker)
    audience = desk.audience(service, agency)
    if audience is None:
        return None
    choice = Choice(say("group.offer", spoken), say("group.offer_payload", spoken))
    return Reply(say(f"group.{key}", spoken, people=desk.people(audience, agency, spoken)), [choice])


def was_offered(tracker: Tracker) -> bool:
    """Whether the bot's last message offered people, so that a yes means them."""
    last: dict[str, Any] = next((event for event in reversed(tracker.events) if event["event"] == "bot"), {})
    buttons = (last.get("data") or {}).get("buttons") or []
    payloads = {say("group.offer_payload", spoken) for spoken in ("id", "jv")}
    return any(button["payload"] in payloads for button in buttons)


def asks_the_catalogue(message: Heard) -> bool:
    """Whether a message within a form is rather a question about a service or an office that it names."""
    return message.intent.startswith("ask_") and bool(message.services or message.agencies)


def to_resume(tracker: Tracker) -> list[EventType]:
    """The form that a question of another kind has interrupted: it goes on where it was."""
    if memory(tracker):
        return [FollowupAction("handover_form")]
    return [FollowupAction("mentor_form")] if tracker.get_slot("mentor") else []


def forget_forms() -> list[EventType]:
    """Nothing half-filled is taken up again later."""
    return [*remember(None), SlotSet("handover_asked", None), SlotSet("mentor", None)]


class ActionHuman(Action):
    """A person is wanted: asks for the question and the consent where somebody can answer, else gives the contact."""

    def name(self) -> str:
        return "action_human"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        agency, spoken = office_concerned(tracker), language(tracker)
        message, before = heard(tracker), said_before(tracker)
        service = next(iter(message.affirmed_services()), before.service)
        audience = desk.audience(service, agency)
        contact = answers(tracker).contact(agency)
        if audience is None:
            dispatcher.utter_message(response="utter_human", contact=contact)
            return []
        refusal = handover.already(conversation(tracker), spoken) or sanctions.barred(conversation(tracker), spoken)
        if refusal:
            dispatcher.utter_message(text=refusal)
            return []
        if message.affirmed_services() and len(message.text.split()) >= LONG:
            before = Before("asked", message.text, service)
        draft = Draft(agency, audience, before.reason, service, handover.shared(before.text) if before.text else "")
        return [*remember(HandoverMemory(draft)), FollowupAction("handover_form")]


class ValidateHandoverForm(Action):
    """Interprets the message in its context and decides what the form asks next."""

    def name(self) -> str:
        return "validate_handover_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        before = memory(tracker)
        if before is None:
            return []
        if before.asked is None:
            return self._checked(dispatcher, tracker, handover.begin(before.draft))
        message = heard(tracker)
        after = handover.understand(message, before)
        if after is None and asks_the_catalogue(message):  # the rules answer it, then the form goes on
            return [SlotSet("requested_slot", before.asked)]
        if after is None:
            return remember(before)  # asked once more
        return self._checked(dispatcher, tracker, after)

    def _checked(self, dispatcher: CollectingDispatcher, tracker: Tracker, after: HandoverMemory) -> list[EventType]:
        """A question that may not pass is not even shown for consent: it is asked for anew, or that was all."""
        refusal = self._held_back(tracker, after) if after.asked == CONSENT else None
        if refusal is None:
            return remember(after)
        dispatcher.utter_message(text=refusal)
        if sanctions.barred(conversation(tracker), language(tracker)):
            return remember(replace(after, asked=None, agreed=False))
        return remember(handover.begin(replace(after.draft, text="")))

    def _held_back(self, tracker: Tracker, after: HandoverMemory) -> str | None:
        return sanctions.examine(
            conversation(tracker),
            inbound_id(tracker),
            after.draft.text,
            agency=after.draft.agency,
            question_id=None,
            language=language(tracker),
        )


class _Ask:
    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        known = memory(tracker)
        if known is None:
            return []
        asked_before = tracker.get_slot("handover_asked")
        again = known.asked == CONSENT and bool(asked_before) and known.draft.text in asked_before
        question = handover.ask(replace(known, again=again), language(tracker), now())
        utter(dispatcher, question)
        return [] if again else [SlotSet("handover_asked", question.text)]


class ActionAskHandoverQuestion(_Ask, Action):
    """Asks what is to be asked."""

    def name(self) -> str:
        return "action_ask_handover_form_handover_question"


class ActionAskHandoverConsent(_Ask, Action):
    """Asks whether exactly this may be shared, and keeps the question word for word."""

    def name(self) -> str:
        return "action_ask_handover_form_handover_consent"


class ActionCancel(Action):
    """What is being asked for is dropped, and so is a form that it had interrupted."""

    def name(self) -> str:
        return "action_cancel"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        dispatcher.utter_message(response="utter_cancelled")
        return forget_forms()


class ActionHandover(Action):
    """Keeps the question that was agreed to, or lets it be."""

    def name(self) -> str:
        return "action_handover"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        known = memory(tracker)
        done: list[EventType] = [*remember(None), SlotSet("handover_asked", None)]
        if known is None:
            return done
        if known.agreed is False and _spoken(tracker):  # held back: that was told already
            return done
        told = handover.finish(
            conversation(tracker),
            inbound_id(tracker),
            known,
            str(tracker.get_slot("handover_asked") or ""),
            language(tracker),
            now(),
        )
        dispatcher.utter_message(text=told)
        return done


def _spoken(tracker: Tracker) -> bool:
    """Whether the bot has already said something to the latest message."""
    last: dict[str, Any] = next((e for e in reversed(tracker.events) if e["event"] in ("bot", "user")), {})
    return last.get("event") == "bot"

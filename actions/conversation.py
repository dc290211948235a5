"""What actions read from the tracker and write back: the message as heard, the memory, the language."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from office.answers import Answers, Reply
from office.catalogue import Catalogue, CatalogueStore
from office.context import Heard, Memory, Mention
from office.opening import now
from office.parameters import Parameters

STORE = CatalogueStore()
PARAMETERS = Parameters.load()


def catalogue() -> Catalogue:
    """The catalogue as it stands on disk now, or the last good one."""
    return STORE.get()


def heard(tracker: Tracker) -> Heard:
    """The latest message; an empty one if the bot has already said something to it."""
    for event in reversed(tracker.events):
        if event["event"] == "bot":
            return Heard()
        if event["event"] == "user":
            break
    message = tracker.latest_message
    return Heard(
        text=message.get("text") or "",
        intent=(message.get("intent") or {}).get("name") or "",
        services=_mentions(message, "service"),
        groups=_mentions(message, "service_group"),
        agencies=_mentions(message, "agency"),
        case_numbers=_mentions(message, "case_number"),
    )


def _mentions(message: dict[str, Any], entity: str) -> tuple[Mention, ...]:
    found = [e for e in message.get("entities", []) if e["entity"] == entity]
    return tuple(Mention(e["value"], e.get("start") or 0, e.get("end") or 0) for e in found)


def memory(tracker: Tracker) -> Memory:
    """What the slots hold, as far as the catalogue still knows it."""
    slot, known = tracker.get_slot, catalogue()
    return Memory(
        topic=slot("topic"),
        service=slot("service") if slot("service") in known.services else None,
        agency=slot("agency") if slot("agency") in known.agencies else None,
        office=slot("office") if slot("office") in known.agencies else None,
        asked=slot("requested_slot") if slot("requested_slot") in ("service", "agency") else None,
        candidates=tuple(slot("candidates") or ()),
        resume=slot("resume"),
    )


def remember(after: Memory) -> list[EventType]:
    """Events that write a memory into the slots; the form asks for `requested_slot` next."""
    return [
        SlotSet("topic", after.topic),
        SlotSet("service", after.service),
        SlotSet("agency", after.agency),
        SlotSet("office", after.office),
        SlotSet("candidates", list(after.candidates)),
        SlotSet("resume", after.resume),
        SlotSet("requested_slot", after.asked),
    ]


def language(tracker: Tracker) -> str:
    """Language to answer in: the wished-for one, else that of the message."""
    wish = tracker.get_slot("language_wish")
    if wish in ("id", "jv"):
        return str(wish)
    return "jv" if tracker.get_slot("language") == "jv" else "id"


def answers(tracker: Tracker) -> Answers:
    """The composer of answers for this conversation, now."""
    return Answers(catalogue(), PARAMETERS, language(tracker), now())


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Say a reply, its choices as buttons."""
    buttons = [{"title": choice.title, "payload": choice.payload} for choice in reply.choices]
    dispatcher.utter_message(text=reply.text, buttons=buttons or None)

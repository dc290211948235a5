"""MOX-20: staff answers are for registered numbers on WhatsApp; nobody else reaches them, whatever words or channel."""

import asyncio
import inspect

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import staff as staff_actions
from actions.staff import ActionAffirm, ActionMyTasks
from connectors.incoming import make_incoming
from office.court import affirmation, calls, digest
from storage import messages
from storage.court.staff import set_active
from storage.court.tables import Call, Reminder
from tests.fakes import staff
from tests.fakes.court import rows
from tests.fakes.staff import MONDAY, at

NUMBER = "12/Pdt.G/2026/PN Mjk"
WORDS = ("tugas saya apa", "siap", "sudah", "saya hakim, tugas saya apa", "sudah dan siap", "tugas +62000000011")


@pytest.fixture
def chair(sqlite_database, monkeypatch):
    """A judge with something undone, reminded of it, and called."""
    for module, name in ((calls, "present"), (affirmation, "now"), (digest, "present")):
        monkeypatch.setattr(module, name, lambda: at("09:00"))
    person = staff.chair(second_phone="+62000000911")
    staff.case(7, NUMBER, decided_on=MONDAY.replace(day=10))
    digest.morning(at("07:00"))
    calls.call(NUMBER, "Cakra")
    return person


def run(action: Action, address: str, text: str, channel: str = "whatsapp") -> tuple[str | None, str | None]:
    """What an action says to a message: (its own text, the name of a fixed reply)."""
    incoming = make_incoming(channel, address, f"{channel}-{address}-{text}", "text", text)
    sender = f"c{messages.receive(incoming).conversation_id}"
    message = {"text": text, "intent": {"name": "affirm"}, "entities": []}
    event = {"event": "user", "text": text, "parse_data": message}
    tracker = Tracker(sender, {}, message, [event], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    asyncio.run(action.run(dispatcher, tracker, {}))
    [said] = dispatcher.messages
    return said.get("text"), said.get("response") or said.get("template")


def every_staff_action() -> list[type[Action]]:
    found = [
        cls
        for _, cls in inspect.getmembers(staff_actions, inspect.isclass)
        if issubclass(cls, Action) and cls != Action
    ]
    assert set(found) >= {ActionMyTasks, ActionAffirm}
    return found


def test_a_judge_is_answered_from_either_number(chair):
    for number in (chair.phone, chair.second_phone):
        said, _ = run(ActionMyTasks(), number, "tugas saya apa")
        assert "1 hal menunggu* Hakim Contoh A (Hakim)" in said and NUMBER in said
    said, _ = run(ActionAffirm(), chair.phone, "siap, sudah")
    assert "panggilan ini tercatat" in said and "1 pengingat" in said
    assert run(ActionAffirm(), chair.phone, "siap") == (None, "utter_affirm"), "nothing is left to say yes to"


@pytest.mark.parametrize("action", every_staff_action(), ids=lambda action: action.__name__)
@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize(
    "address, channel, disabled",
    [
        ("+62000000999", "whatsapp", False),
        ("+62000000011", "rest", False),
        ("+62000000011", "web", False),
        ("whatsapp:+62000000011", "whatsapp", False),
        ("+62000000011", "whatsapp", True),
        ("+62000000911", "whatsapp", True),
    ],
    ids=["citizen", "rest", "web", "another spelling", "disabled", "disabled second number"],
)
def test_nobody_else_reaches_a_staff_answer(chair, action, text, address, channel, disabled):
    if disabled:
        set_active(chair.id, False)
    said, response = run(action(), address, text, channel)
    assert said is None and response in ("utter_ask_my_tasks", "utter_affirm")
    assert rows(Call)[0].acknowledged_at is None and rows(Reminder)[0].answered_at is None, "and changes nothing"

"""What the actions about cases make of slots and messages, and the ways into and out of their form."""

import asyncio

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import (
    ActionAffirm,
    ActionAnswer,
    ActionCase,
    ActionDeny,
    ActionGreet,
    ActionMisunderstood,
    ActionNotYet,
    ActionOutOfScope,
    ValidateCaseForm,
    ValidateRequestForm,
)
from tests.fakes import court

NUMBER = "12/Pdt.G/2026/PN Mjk"
OFFER = {"event": "bot", "text": "...", "data": {"buttons": [{"title": "Ikuti", "payload": f"ikuti perkara {NUMBER}"}]}}
TO_CASE = "case_form"


@pytest.fixture(autouse=True)
def _mirror(sqlite_database):
    court.add_case(7, NUMBER)


def run(action: Action, text: str, intent: str, slots=None, earlier=(), entities=(), loop=None):
    """(slots set, next action, texts, names of fixed replies)."""
    message = {"text": text, "intent": {"name": intent}, "entities": list(entities)}
    events = [*earlier, {"event": "user", "text": text, "parse_data": message}]
    tracker = Tracker("c1", slots or {}, message, events, False, None, {"name": loop} if loop else {}, "action_listen")
    dispatcher = CollectingDispatcher()
    done = asyncio.run(action.run(dispatcher, tracker, {}))
    then = next((event["name"] for event in done if event["event"] == "followup"), None)
    said = [message.get("text") for message in dispatcher.messages]
    fixed = [message.get("response") or message.get("template") for message in dispatcher.messages]
    return {event["name"]: event["value"] for event in done if event["event"] == "slot"}, then, said, fixed


def test_the_form_writes_what_it_understood_into_the_slots():
    slots, *_ = run(ValidateCaseForm(), "status perkara 12 pdt g 2026", "ask_case_status")
    assert (slots["case_topic"], slots["case_number"], slots["requested_slot"]) == ("ask_case_status", NUMBER, None)
    slots, *_ = run(ValidateCaseForm(), "kapan sidang saya", "ask_hearing_schedule")
    assert (slots["case_number"], slots["requested_slot"]) == (None, "case_number")


def test_what_the_form_does_not_understand_changes_nothing():
    before = {"requested_slot": "case_number", "case_topic": "ask_case_status"}
    slots, *_ = run(ValidateCaseForm(), "terima kasih", "thank", before, loop="case_form")
    assert slots == {"requested_slot": "case_number"}


def test_the_case_answered_is_the_one_spoken_of():
    court.synchronised(court.now())
    before = {"case_topic": "ask_case_status", "case_number": NUMBER, "topic": "ask_cost"}
    slots, then, said, _ = run(ActionCase(), "", "", before)
    assert NUMBER in said[0] and then is None
    assert (slots["case_number"], slots["case_topic"], slots["topic"]) == (NUMBER, None, None)
    assert slots["office"] == "pn_mojokerto", "so that its hours and address can be asked for next"


def test_leaving_the_form():
    *_, fixed = run(ActionCase(), "batal", "cancel", {"case_topic": "cancel"})
    assert fixed == ["utter_cancelled"]
    slots, then, *_ = run(ActionCase(), "petugas", "ask_human", {"case_topic": "ask_human"})
    assert then == "action_human" and slots["office"] == "pn_mojokerto"


def test_yes_and_no_to_the_offer():
    assert run(ActionAffirm(), "ya", "affirm", earlier=[OFFER])[:2] == ({"case_topic": "follow_case"}, TO_CASE)
    _, then, said, _ = run(ActionDeny(), "tidak", "deny", earlier=[OFFER])
    assert then is None and "tidak akan dikabari" in said[0]


def test_yes_to_anything_else_is_no_yes_to_the_offer():
    later = [OFFER, {"event": "user", "text": "jam buka"}, {"event": "bot", "text": "08.00", "data": {}}]
    assert run(ActionAffirm(), "ya", "affirm", earlier=later)[3] == ["utter_affirm"]
    assert run(ActionAffirm(), "ya", "affirm")[3] == ["utter_affirm"]


@pytest.mark.parametrize("action", [ActionOutOfScope, ActionMisunderstood, ActionNotYet, ActionGreet])
def test_a_number_that_was_taken_for_something_else_is_answered(action):
    """MOX-13."""
    slots, then, said, _ = run(action(), "12/Pdt.G/2026/PN Sby", "out_of_scope")
    assert (slots, then, said) == ({"case_topic": "ask_hearing_schedule"}, TO_CASE, [])


def test_a_number_in_the_middle_of_a_request_is_about_the_case():
    court_named = {"entity": "agency", "value": "pn_mojokerto", "start": 16, "end": 22}
    open_request = {"requested_slot": "service", "topic": "ask_requirements"}
    slots, *_ = run(ValidateRequestForm(), NUMBER, "ask_location", open_request, entities=[court_named])
    assert (slots["requested_slot"], slots["topic"], slots["case_topic"]) == (None, None, "ask_hearing_schedule")
    assert run(ActionAnswer(), NUMBER, "ask_location", slots)[1] == TO_CASE


def test_an_interrupted_question_about_a_case_is_taken_up_again():
    slots = {"topic": "ask_hours", "office": "kecamatan_mojosari", "case_topic": "ask_case_status"}
    asked, session = {"event": "action", "name": "case_form"}, {"event": "session_started"}
    _, then, said, _ = run(ActionAnswer(), "jam buka kecamatan mojosari", "ask_hours", slots, [session, asked])
    assert said and then == TO_CASE
    _, then, said, _ = run(ActionAnswer(), "jam buka kecamatan mojosari", "ask_hours", slots, [asked, session])
    assert said and then is None, "not a question of yesterday's"


def test_a_greeting_forgets_the_case():
    assert run(ActionGreet(), "assalamualaikum", "greet", {"case_number": NUMBER})[0]["case_number"] is None

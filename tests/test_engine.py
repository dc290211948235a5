"""Rasa without TensorFlow, and without what it computes anew for every message. Each in a process of its own."""

import subprocess
import sys

import pytest

from engine import without_tensorflow
from settings import ROOT

PREPARED = """
import engine
engine.without_tensorflow()
engine.find_event_types_once()
engine.check_action_replies_with_one_validator()
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PREPARED + code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rasa_is_imported_whole_and_tensorflow_is_not():
    code = """
import rasa.server, rasa.core.run, rasa.core.policies.ted_policy, sys
print([m for m in sys.modules if m.startswith("tensorflow") and getattr(sys.modules[m], "__file__", None)])
"""
    assert run(code) == "[]"


def test_replies_of_the_action_server_are_still_checked():
    code = """
import jsonschema
from rasa.core.actions.action import RemoteAction
action = RemoteAction("action_x", None)
good = {"events": [{"event": "slot", "name": "topic", "value": "ask_cost", "timestamp": None}], "responses": []}
print(action._validate_action_result(good))
try:
    action._validate_action_result({"events": "none", "responses": []})
except jsonschema.ValidationError:
    print("refused")
"""
    assert run(code) == "True\nrefused"


def test_events_are_still_found_by_their_name():
    code = """
from rasa.shared.core.events import Event, SlotSet
print(Event.resolve_by_type("slot") is SlotSet)
try:
    Event.resolve_by_type("nonsense")
except ValueError as error:
    print(error)
"""
    assert run(code) == "True\nUnknown event name 'nonsense'."


def test_it_has_to_come_before_rasa():
    import rasa  # noqa: F401

    with pytest.raises(RuntimeError, match="too late"):
        without_tensorflow()

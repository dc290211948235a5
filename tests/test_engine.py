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


LOADING = """
import asyncio, threading
from rasa import server
begun, go_on = threading.Event(), threading.Event()
async def load(**options):
    begun.set()
    assert go_on.wait(30)  # as Rasa does: without ever giving the thread back
    if options["model_path"] == "damaged":
        raise server.ErrorResponse(400, "BadRequest", "could not be loaded")
    return options["model_path"]
server._load_agent = load
engine.change_models_while_answering()
async def put(path):
    begun.clear(), go_on.clear()
    asked = asyncio.create_task(server._load_agent(model_path=path))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    return asked
"""


def test_the_present_model_answers_while_another_is_loaded_and_two_loads_at_once_are_refused():
    code = """
async def main():
    first = await put("a")
    try:
        await server._load_agent(model_path="b")
    except server.ErrorResponse as error:
        print(int(error.status))
    go_on.set()  # reached only because the loading does not hold this thread
    print(await first)
    damaged = await put("damaged")
    go_on.set()
    print([str(e.status) for e in await asyncio.gather(damaged, return_exceptions=True)])
    third = await put("c")
    third.cancel()  # whoever asked has gone; the loading still goes on
    await asyncio.gather(third, return_exceptions=True)
    print([int(e.status) for e in await asyncio.gather(server._load_agent(model_path="d"), return_exceptions=True)])
    go_on.set()
    while True:
        try:
            print(await server._load_agent(model_path="e"))
            break
        except server.ErrorResponse:
            await asyncio.sleep(0.01)
asyncio.run(main())
"""
    assert run(LOADING + code).splitlines() == ["409", "a", "['400']", "[409]", "e"]


def test_a_model_that_is_loaded_sees_the_lexicon_of_the_moment():
    code = """
from nlu.lexicon import lexicon
before = lexicon()
go_on.set()
async def main():
    asked = await put("a")
    go_on.set()
    await asked
asyncio.run(main())
print(lexicon() is before)
"""
    assert run(LOADING + code) == "False"


def test_a_model_behind_a_link_is_reported_by_its_own_name(tmp_path):
    (tmp_path / "371bb539d266.tar.gz").touch()
    (tmp_path / "active.tar.gz").symlink_to("371bb539d266.tar.gz")
    code = f"""
from rasa.core.processor import MessageProcessor
MessageProcessor._load_model = staticmethod(lambda path: path)
engine.load_models_by_their_own_name()
print(MessageProcessor._load_model({str(tmp_path / "active.tar.gz")!r}))
import gc
frozen = gc.get_freeze_count()
MessageProcessor._load_model("b")
print(frozen > 100_000, gc.get_freeze_count() <= frozen)  # modules alone: the first model must not stay for ever
"""
    assert run(code).splitlines() == [str(tmp_path / "371bb539d266.tar.gz"), "True True"]


def test_it_has_to_come_before_rasa():
    import rasa  # noqa: F401

    with pytest.raises(RuntimeError, match="too late"):
        without_tensorflow()

"""Runs Rasa's own command line without TensorFlow.

Rasa imports TensorFlow at start-up for DIET, TED and UnexpecTED, which this project's configuration does not use; that
import is more than half of the engine's start-up time and memory. Here the imports meet placeholders instead. Whoever
puts one of those components into `config.yml` runs `rasa` itself.
"""

import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

ABSENT = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "keras")


class _AnyAttribute(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder


class _Placeholder(metaclass=_AnyAttribute):
    """Stands for a class to inherit from, a decorator or a type in an annotation."""

    def __init__(self, *args: Any, **kwargs: Any):
        pass

    def __call__(self, decorated: Any = None, *args: Any, **kwargs: Any) -> Any:
        return decorated

    def __class_getitem__(cls, key: Any) -> Any:
        return cls


class _PlaceholderModule(types.ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "is_tensor":  # who asks whether a value is a tensor, is told no
            raise AttributeError(name)
        return _Placeholder


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None) -> Any:
        if name.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _PlaceholderModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def without_tensorflow() -> None:
    """Make this process see placeholders for TensorFlow. Call it before anything of Rasa is imported."""
    if "rasa" in sys.modules:
        raise RuntimeError("without_tensorflow() comes too late: rasa is imported already")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    sys.meta_path.insert(0, _Finder())


def check_action_replies_with_one_validator() -> None:
    """Rasa 3.6.21 checks its own fixed schema anew for every reply of the action server, which is a third of the
    time that a message takes. The replies are still checked, by a validator that is made once."""
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]


def find_event_types_once() -> None:
    """Rasa walks through all subclasses of Event for every event it reads from the tracker store."""
    from functools import cache

    from rasa.shared.core.events import Event

    Event.resolve_by_type = staticmethod(cache(Event.resolve_by_type))  # type: ignore[method-assign]


def load_models_by_their_own_name() -> None:
    """A model that is loaded over a link is reported by the name of the file behind it.

    What is there when the first one is loaded are modules, which stay for ever: the collector of garbage, which looks
    through everything when a later one is loaded, would take a second for them in which nobody is answered.
    """
    import gc

    from rasa.core.processor import MessageProcessor

    load = MessageProcessor._load_model

    def load_file(model_path: str | os.PathLike[str]) -> Any:
        if not gc.get_freeze_count():
            gc.freeze()
        return load(os.path.realpath(model_path))

    MessageProcessor._load_model = staticmethod(load_file)  # type: ignore[method-assign]


def change_models_while_answering() -> None:
    """Rasa loads the model of `PUT /model` on the thread that answers: for seconds nobody would be. Here another thread
    loads it while the present model goes on; what it is answering then it answers to the end. Two at once: 409."""
    import asyncio
    import threading
    from http import HTTPStatus

    from rasa import server

    from nlu.lexicon import lexicon

    load, loading = server._load_agent, threading.Lock()

    def loaded(options: dict[str, Any]) -> Any:
        try:
            lexicon.cache_clear()  # the new model was trained with the words of today
            return asyncio.run(load(**options))
        finally:
            loading.release()  # here: whoever asked may be gone before the loading has ended

    async def load_aside(**options: Any) -> Any:
        if not loading.acquire(blocking=False):
            raise server.ErrorResponse(HTTPStatus.CONFLICT, "Conflict", "Another model is being loaded.")
        return await asyncio.to_thread(loaded, options)

    server._load_agent = load_aside


def fingerprint_no_components() -> None:
    """Where Rasa's cache of trained components is off, as in `sapa train`, what each of them took and gave need not be
    fingerprinted for it: a tenth of the time that training takes."""
    if os.environ.get("RASA_MAX_CACHE_SIZE") != "0":
        return
    from rasa.engine.training.hooks import TrainingHook

    TrainingHook.on_before_node = lambda self, **inputs: {}  # type: ignore[method-assign]
    TrainingHook.on_after_node = lambda self, **output: None  # type: ignore[method-assign]


def main() -> None:
    without_tensorflow()
    fingerprint_no_components()
    find_event_types_once()
    check_action_replies_with_one_validator()
    if sys.argv[1:2] == ["run"]:
        load_models_by_their_own_name()
        change_models_while_answering()
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()

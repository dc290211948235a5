"""The client of the dialogue engine: Rasa's REST channel, its tracker and its model endpoints on loopback."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from errors import EngineError

LOADING = 90.0
"""Seconds that the engine may take to load a model while it answers."""
# One connection a call: a kept one that the engine closes at the wrong moment would look like a failed message.
_HEADERS = {"Connection": "close"}


class Assistant:
    """Asks the engine at `base_url`; safe to share between threads."""

    def __init__(self, base_url: str, timeout: float = 20.0):
        self._base = base_url.rstrip("/")
        self._timeout = timeout

    def reply(self, sender: str, text: str, inbound_id: int, *, retry: bool) -> list[dict[str, Any]]:
        """The engine's replies to a text: [{"text": str, "buttons": [{"title", "payload"}]}].

        `sender` is an opaque key, never a phone number. With `retry` the conversation's tracker is looked into first:
        where the engine has already answered message `inbound_id`, that answer is taken and nothing is asked again.
        An empty list: the engine has taken note and says nothing, e.g. because its action server was away.
        Raises EngineError.
        """
        if retry and (earlier := self._earlier_answer(sender, inbound_id)):
            return earlier
        body = {"sender": sender, "message": text, "metadata": {"inbound_id": inbound_id}}
        answer = self._call("POST", "/webhooks/rest/webhook", json=body)
        if not isinstance(answer, list) or not all(isinstance(part, dict) for part in answer):
            raise EngineError("The engine did not answer with a list of messages.")
        if not answer and not self._was_handled(sender, inbound_id):
            # Rasa answers 200 and nothing when its own handling failed.
            raise EngineError("The engine answered nothing and has not kept the message.")
        return _join(answer)

    def model(self) -> str | None:
        """The name of the model that the engine answers with; None while it runs without any. Raises EngineError."""
        try:
            status = self._call("GET", "/status")
        except EngineError as error:
            if error.status == HTTPStatus.CONFLICT:
                return None
            raise
        if not isinstance(status, dict) or not isinstance(status.get("model_file"), str):
            raise EngineError("The engine does not say which model it has.")
        return str(status["model_file"]).removesuffix(".tar.gz")

    def load_model(self, file: Path) -> None:
        """Has the engine change to a model; returns when it answers with it.

        Raises EngineError; its status is 409 while the engine loads another one.
        """
        self._call("PUT", "/model", json={"model_file": str(file)}, timeout=LOADING)

    def parse(self, text: str) -> dict[str, Any]:
        """What the engine's model understands: {"text", "intent": {"name"}, "entities": [{"entity", "value"}], ...}.

        Raises EngineError.
        """
        parsed = self._call("POST", "/model/parse", json={"text": text})
        if not isinstance(parsed, dict):
            raise EngineError("The engine did not say what it understood.")
        return parsed

    def _was_handled(self, sender: str, inbound_id: int) -> bool:
        return self._earlier_answer(sender, inbound_id) is not None

    def _earlier_answer(self, sender: str, inbound_id: int) -> list[dict[str, Any]] | None:
        path = f"/conversations/{quote(sender, safe='')}/tracker?include_events=ALL"
        tracker = self._call("GET", path)
        events = tracker.get("events") if isinstance(tracker, dict) else None
        if not isinstance(events, list):
            raise EngineError("The engine's tracker has no list of events.")
        return _answer_in(events, inbound_id)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            options.setdefault("timeout", self._timeout)
            response = requests.request(method, self._base + path, headers=_HEADERS, **options)
        except requests.RequestException as error:
            raise EngineError(f"The engine did not answer: {type(error).__name__}") from error
        if response.status_code == HTTPStatus.NO_CONTENT:
            return None
        if response.status_code != HTTPStatus.OK:
            raise EngineError(f"The engine answered with status {response.status_code}.", status=response.status_code)
        try:
            return response.json()
        except ValueError as error:
            raise EngineError("The engine's answer is not JSON.") from error


def _answer_in(events: Iterable[dict[str, Any]], inbound_id: int) -> list[dict[str, Any]] | None:
    said: list[dict[str, Any]] | None = None
    this = False
    for event in events:
        if event.get("event") == "user":
            this = (event.get("metadata") or {}).get("inbound_id") == inbound_id
            said = [] if this else said  # asked twice, because nothing was said the first time: the newer counts
        elif event.get("event") == "bot" and this and said is not None:
            said.append({"text": event.get("text"), **(event.get("data") or {})})
    return None if said is None else _join(said)


def _join(parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    # Rasa's REST channel parts a text at every blank line; its tracker does not. Joined again, both say the same, and
    # a citizen gets one message instead of five. A message with buttons closes the one before it.
    joined: list[dict[str, Any]] = []
    for part in parts:
        text = (part.get("text") or "").strip()
        buttons = [
            {"title": str(button.get("title", "")), "payload": str(button.get("payload") or button.get("title", ""))}
            for button in part.get("buttons") or []
        ]
        if joined and not joined[-1]["buttons"] and not buttons and text:
            joined[-1]["text"] += f"\n\n{text}"
        elif text or buttons:
            joined.append({"text": text, "buttons": buttons})
    return joined

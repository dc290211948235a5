"""Our widget's own protocol: send a message, ask for news. The session id is the only key to a conversation.

POST /chat/send  {"session", "id", "text", "title"?, "source"?}  -> {"accepted": true}
POST /chat/poll  {"session", "after", "wait"}                    -> {"messages": [...], "after": "...", "waiting": bool}

Bodies are JSON whatever their content type says: as text/plain they cost a widget on another site no preflight.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.incoming import ID_LIMIT, Incoming, IncomingError, make_incoming
from connectors.limits import Gate
from connectors.slots import Slots
from connectors.watcher import Watcher
from office.privacy import mask
from office.reach import PARAMETER, source_code
from storage import conversations, web
from storage.messages import Receipt
from storage.web import SILENCE, Line, Pulse

CHANNEL = "web"
SESSION = re.compile(r"[0-9a-f]{40}")  # 160 random bits: nobody guesses his way into a conversation
LONGEST_WAIT = 25
TITLE = 200


class BadRequest(Exception):
    """The body is not what the protocol asks for; the text says why."""


@dataclass(frozen=True)
class Desk:
    """What every web connector needs."""

    accept: Callable[[Incoming], Receipt]
    """Stores a message and hands it to the worker."""
    watcher: Watcher
    gate: Gate
    waiting: Slots


def body() -> dict[str, Any]:
    """The request's JSON object. Raises BadRequest."""
    try:
        found = json.loads(request.get_data())
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    except RecursionError as error:
        raise BadRequest("The body is not JSON: it is nested too deeply") from error
    if not isinstance(found, dict):
        raise BadRequest("The body must be a JSON object")
    return found


def usable_id(value: object) -> bool:
    """Whether a client's word for itself or for a message can be stored: a text, neither empty nor too long."""
    if not isinstance(value, str) or not 0 < len(value) <= ID_LIMIT or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)  # half a surrogate pair


def problem(status: int, code: str, message: str, retry_after: int = 0) -> Response:
    """An error as JSON: `error` for programs, `message` for people."""
    response = jsonify(error=code, message=message)
    response.status_code = status
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def too_many(seconds: int) -> Response:
    return problem(429, "too_many", f"Terlalu banyak pesan. Silakan coba lagi dalam {seconds} detik.", seconds)


def sender_address() -> str:
    """The network address of the request; only counted, never stored or logged."""
    return request.remote_addr or "unknown"


def blueprint(desk: Desk) -> Blueprint:
    """The routes of the widget's protocol."""
    routes = Blueprint("webchat", __name__)
    routes.register_error_handler(BadRequest, lambda error: problem(400, "bad_request", str(error)))
    routes.register_error_handler(IncomingError, lambda error: problem(400, "bad_request", str(error)))

    @routes.post("/chat/send")
    def send() -> Response:
        message = _incoming(body())
        if seconds := desk.gate.message(message.address, sender_address()):
            return too_many(seconds)
        desk.accept(message)
        return jsonify(accepted=True)

    @routes.post("/chat/poll")
    def poll() -> Response:
        asked = body()
        session, (after_inbound, after_outbox) = _session(asked), _cursor(asked)
        if seconds := desk.gate.poll(sender_address()):
            return too_many(seconds)
        conversation_id = conversations.find(CHANNEL, session)
        if conversation_id is None:
            return jsonify(messages=[], after="0.0", waiting=False)
        pulse = web.pulses([conversation_id]).get(conversation_id, SILENCE)
        if _worth_waiting(pulse, after_outbox) and desk.waiting.take():
            try:
                desk.watcher.wait(conversation_id, lambda p: not _worth_waiting(p, after_outbox), _seconds(asked))
            finally:
                desk.waiting.give_back()
        return jsonify(_news(conversation_id, after_inbound, after_outbox))

    return routes


def _worth_waiting(pulse: Pulse, after_outbox: int) -> bool:
    return pulse.oldest_unhandled is not None and pulse.newest_reply <= after_outbox


def _news(conversation_id: int, after_inbound: int, after_outbox: int) -> dict[str, Any]:
    # First the pulse, then the lines: a reply stored in between is shown now, and "waiting" ends at the next poll.
    waiting = web.pulses([conversation_id])[conversation_id].oldest_unhandled is not None
    lines = web.lines(conversation_id, after_inbound, after_outbox)
    newest_inbound = max([after_inbound, *(line.id for line in lines if line.mine)])
    newest_outbox = max([after_outbox, *(line.id for line in lines if not line.mine)])
    return {
        "messages": [_line(line) for line in lines],
        "after": f"{newest_inbound}.{newest_outbox}",
        "waiting": waiting,
    }


def _line(line: Line) -> dict[str, Any]:
    shown = {"id": line.client_id if line.mine else f"s{line.id}", "text": line.text, "at": line.at.isoformat()}
    return shown | {"from": "citizen" if line.mine else "sapa", "buttons": line.buttons}


def _session(asked: dict[str, Any]) -> str:
    session = asked.get("session")
    if not isinstance(session, str) or not SESSION.fullmatch(session):
        raise BadRequest("session: 40 hexadecimal digits are needed")
    return session


def _incoming(asked: dict[str, Any]) -> Incoming:
    session, message_id, text, title = _session(asked), asked.get("id"), asked.get("text"), asked.get("title")
    if not isinstance(message_id, str) or not SESSION.fullmatch(message_id):
        raise BadRequest("id: 40 hexadecimal digits are needed, new for each message")
    if not isinstance(text, str) or not text.strip():
        raise BadRequest("text: a text that is not empty is needed")
    source = source_code(asked.get(PARAMETER))
    details = {"source": source} if source else {}
    if not isinstance(title, str) or not title.strip():
        return make_incoming(CHANNEL, session, message_id, "text", text, details)
    shown = mask(title.replace("\0", "").encode("utf-8", "replace").decode("utf-8"))  # as make_incoming does with text
    return make_incoming(CHANNEL, session, message_id, "choice", text, details | {"title": shown[:TITLE]})


def _cursor(asked: dict[str, Any]) -> tuple[int, int]:
    after = asked.get("after") or "0.0"
    found = re.fullmatch(r"(\d{1,18})\.(\d{1,18})", after) if isinstance(after, str) else None
    if not found:
        raise BadRequest("after: send back what the last answer gave as `after`, or nothing")
    return int(found[1]), int(found[2])


def _seconds(asked: dict[str, Any]) -> float:
    wait = asked.get("wait")
    # Python's JSON knows NaN, and whole numbers that are too large for a float.
    return float(min(wait, LONGEST_WAIT)) if isinstance(wait, int | float) and wait > 0 else 0.0

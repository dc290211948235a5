"""Rasa's REST channel: POST /webhooks/rest/webhook.

{"sender", "message", "metadata"?} -> [{"recipient_id", "text", "buttons"?}]

The call waits for the worker's reply. When none has come in time the message stays stored and will be answered;
the caller is told so with 504.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from connectors.incoming import ID_LIMIT, Incoming, IncomingError, make_incoming
from connectors.webchat import BadRequest, Desk, body, problem, sender_address, too_many, usable_id
from storage import replies
from storage.replies import StoredReply

CHANNEL = "rest"
PATIENCE = 25.0
"""Seconds a call waits for its reply."""


def blueprint(desk: Desk, failing: Callable[[], list[str]], patience: float = PATIENCE) -> Blueprint:
    """The routes of the channel; `failing` names the parts that are down, for a caller who waited in vain."""
    routes = Blueprint("rest", __name__, url_prefix="/webhooks/rest")
    routes.register_error_handler(BadRequest, lambda error: problem(400, "bad_request", str(error)))
    routes.register_error_handler(IncomingError, lambda error: problem(400, "bad_request", str(error)))

    @routes.get("/")
    def health() -> Response:
        return jsonify(status="ok")

    @routes.post("/webhook")
    def webhook() -> Response:
        message = _incoming(body())
        if seconds := desk.gate.message(message.address, sender_address()):
            return too_many(seconds)
        if not desk.waiting.take():
            return problem(503, "busy", "Terlalu banyak percakapan sekaligus. Silakan coba lagi sebentar.", 2)
        try:
            receipt = desk.accept(message)
            done = desk.watcher.wait(receipt.conversation_id, lambda p: p.answered(receipt.inbound_id), patience)
        finally:
            desk.waiting.give_back()
        if not done:
            return problem(504, "no_reply_yet", _late(failing(), patience))
        # What people have answered since comes along: this channel has no other way to its caller.
        answers = replies.take_unasked(receipt.conversation_id)
        answers += replies.answers_to([receipt.inbound_id]).get(receipt.inbound_id, [])
        return jsonify([_reply(message.address, reply) for reply in answers])

    return routes


def _incoming(asked: dict[str, Any]) -> Incoming:
    sender, text, metadata = asked.get("sender"), asked.get("message"), asked.get("metadata")
    if sender is None:
        sender = uuid.uuid4().hex
    if isinstance(sender, int):
        sender = str(sender)
    if not isinstance(sender, str) or not usable_id(sender):
        raise BadRequest(f"sender: a text of 1 to {ID_LIMIT} characters is needed")
    if not isinstance(text, str):
        raise BadRequest("message: a text is needed")
    return make_incoming(CHANNEL, sender, _provider_id(sender, metadata), "text", text)


def _provider_id(sender: str, metadata: object) -> str:
    """A caller who repeats a call names the message in metadata.message_id, and it is answered once."""
    named = metadata.get("message_id") if isinstance(metadata, dict) else None
    if not isinstance(named, str) or not named:
        return uuid.uuid4().hex
    if not usable_id(named):
        raise BadRequest(f"metadata.message_id: a text of 1 to {ID_LIMIT} characters is needed")
    return hashlib.sha256(f"{sender}\0{named}".encode()).hexdigest()


def _reply(recipient: str, reply: StoredReply) -> dict[str, Any]:
    shown: dict[str, Any] = {"recipient_id": recipient, "text": reply.text}
    return shown | {"buttons": reply.buttons} if reply.buttons else shown


def _late(failing: list[str], patience: float) -> str:
    reason = f" (tidak berjalan: {', '.join(failing)})" if failing else ""
    return (
        f"Jawaban belum siap setelah {patience:.0f} detik{reason}. "
        "Pesan Anda sudah tersimpan dan tetap akan diproses; silakan tanyakan lagi sebentar lagi."
    )

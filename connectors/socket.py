"""Rasa's Socket.IO channel at /socket.io, so that existing Rasa clients work unchanged.

In: session_request {session_id}, user_uttered {message, session_id?, customData?/metadata?}.
Out: session_confirm <session id>, bot_uttered {text, quick_replies?}. A room is a session id.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import OrderedDict
from typing import Any

import structlog
from flask import request
from flask_socketio import SocketIO, emit, join_room

from connectors import door
from connectors.incoming import IncomingError, make_incoming
from connectors.limits import BODY
from connectors.webchat import CHANNEL, Desk, sender_address, usable_id
from storage import conversations, replies
from storage.database import StorageError

SESSIONS = 5
"""Sessions one connection may speak for."""
REMEMBERED = 10_000
"""Sessions without a connection of which it is still known what they have seen."""

log = structlog.get_logger()


def socketio(desk: Desk) -> SocketIO:
    """The Socket.IO server; `init_app` attaches it to the Flask app."""
    server = SocketIO(
        async_mode="threading",
        cors_allowed_origins="*",
        max_http_buffer_size=BODY,
        ping_interval=25,
        ping_timeout=20,
        logger=logging.getLogger("socketio"),  # their own loggers would print tracebacks with citizens' words
        json=Json,
        engineio_logger=logging.getLogger("engineio"),
        always_connect=False,
    )
    sessions = Sessions(server, desk)
    server.on_error_default(_failed)
    server.on_event("connect", sessions.connect)
    server.on_event("disconnect", sessions.disconnect)
    server.on_event("session_request", sessions.request)
    server.on_event("user_uttered", sessions.utter)
    return server


class Json:
    """Python's, but for wrong input it has one kind of error."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str, **options: Any) -> Any:
        try:
            return json.loads(text, **options)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class Sessions:
    """Which connection speaks for which session, and what each session has seen."""

    def __init__(self, server: SocketIO, desk: Desk):
        self._server = server
        self._desk = desk
        self._lock = threading.Lock()
        self._followed: dict[str, dict[str, int | None]] = {}
        """Connection -> session -> conversation, once its replies are followed."""
        self._seen: OrderedDict[int, int] = OrderedDict()
        """Conversation -> last reply sent to a connection that has gone since."""

    def connect(self, _auth: object = None) -> None:
        door.greeted(request.environ)
        with self._lock:
            self._followed[_connection()] = {}

    def disconnect(self, *_reason: object) -> None:
        with self._lock:
            gone = self._followed.pop(_connection(), None)
            if gone is None:
                return
            for conversation_id in gone.values():
                if conversation_id is None:
                    continue
                self._seen[conversation_id] = self._desk.watcher.unfollow(conversation_id)
                self._seen.move_to_end(conversation_id)
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)

    def request(self, data: object = None) -> None:
        """A client begins or resumes; without an id it is given one."""
        session = _session(data) or uuid.uuid4().hex
        if self._desk.gate.poll(sender_address()) or not self._joined(session):
            self._say(_connection(), "Terlalu banyak percakapan sekaligus. Silakan coba lagi sebentar.")
            return
        emit("session_confirm", session)
        try:
            conversation_id = conversations.find(CHANNEL, session)
            if conversation_id is not None:
                self._follow(session, conversation_id, None)
        except StorageError as error:
            log.warning("a session could not be resumed", error=str(error))

    def utter(self, data: object = None) -> None:
        """A citizen writes."""
        session = _session(data) or f"socket-{_connection()}"
        text = data.get("message") if isinstance(data, dict) else None
        if not isinstance(text, str):
            return
        if seconds := self._desk.gate.message(session, sender_address()):
            self._say(_connection(), f"Terlalu banyak pesan. Silakan coba lagi dalam {seconds} detik.")
            return
        if not self._joined(session):
            self._say(_connection(), "Terlalu banyak percakapan sekaligus. Silakan coba lagi sebentar.")
            return
        try:
            self._accept(session, text)
        except IncomingError as error:
            self._say(session, f"Pesan ini tidak dapat diterima: {error}")
        except StorageError as error:
            log.error("a message could not be stored", error=str(error))
            self._say(session, "Maaf, pesan Anda belum tersimpan karena gangguan. Silakan kirim lagi sebentar lagi.")

    def _joined(self, session: str) -> bool:
        """Whether this connection speaks for the session, from now on at the latest."""
        with self._lock:
            mine = self._followed.get(_connection())
            if mine is None or (session not in mine and len(mine) >= SESSIONS):
                return False
            mine.setdefault(session, None)
        join_room(session)
        return True

    def _accept(self, session: str, text: str) -> None:
        message = make_incoming(CHANNEL, session, uuid.uuid4().hex, "text", text)
        known = conversations.find(CHANNEL, session)
        seen = 0 if known is None else replies.newest_id(known)
        receipt = self._desk.accept(message)
        self._follow(session, receipt.conversation_id, seen)
        self._desk.watcher.expect(receipt.conversation_id)

    def _follow(self, session: str, conversation_id: int, seen: int | None) -> None:
        if seen is None:
            seen = replies.newest_id(conversation_id)  # may raise: the next attempt then starts anew
        with self._lock:
            mine = self._followed.get(_connection())
            if mine is None or mine.get(session) is not None:
                return
            seen = self._seen.pop(conversation_id, seen)
            self._desk.watcher.follow(conversation_id, seen, lambda last: self._push(session, conversation_id, last))
            mine[session] = conversation_id

    def _push(self, session: str, conversation_id: int, last: int) -> int:
        for reply in replies.after({conversation_id: last}):
            self._say(session, reply.text, reply.buttons)
            last = reply.id
        return last

    def _say(self, session: str, text: str, buttons: list[dict[str, str]] | None = None) -> None:
        uttered: dict[str, Any] = {"text": text}
        if buttons:
            uttered["quick_replies"] = [{"content_type": "text", **button} for button in buttons]
        self._server.emit("bot_uttered", uttered, to=session)


def _failed(error: Exception) -> None:
    log.error("a socket event failed", exc_info=error)


def _connection() -> str:
    return request.sid  # type: ignore[attr-defined]


def _session(data: object) -> str | None:
    """The session id a client gives, where it is a usable one."""
    session = data.get("session_id") if isinstance(data, dict) else None
    return session if isinstance(session, str) and usable_id(session) else None

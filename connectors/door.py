"""The door before Socket.IO: counts connections and the threads they hold before Engine.IO sees a request.

Engine.IO itself takes any number of connections, and a websocket that never speaks Socket.IO holds a thread for ever.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import structlog
from flask_socketio import SocketIO

from connectors import slots
from connectors.slots import Shares

PATH = "/socket.io/"
KEY = "sapa.visit"
"""Where a request's WSGI environment holds its Visit."""
GREETING = 10.0
"""Seconds in which a new connection must speak Socket.IO."""
FAREWELL = 5.0
"""Seconds in which a client must hang up after its connection was closed."""
ROUND = 1.0

log = structlog.get_logger("web")

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


@dataclass(eq=False)
class Visit:
    """One Engine.IO connection."""

    address: str
    since: float = field(default_factory=time.monotonic)
    sid: str = ""
    greeted: bool = False
    """It has spoken Socket.IO."""
    closed: float | None = None
    lines: list[socket.socket] = field(default_factory=list)
    """Network connections that hold a thread for it."""


def greeted(environ: dict[str, Any]) -> None:
    """Notes that this connection speaks Socket.IO."""
    visit = environ.get(KEY)
    if isinstance(visit, Visit):
        visit.greeted = True


class Door:
    """WSGI middleware around Socket.IO's own."""

    def __init__(self, inner: App, server: SocketIO):
        self._inner = inner
        self._engine = server.server.eio
        self._visits = Shares(slots.SOCKETS, slots.SOCKETS_EACH)
        self._requests = Shares(slots.SOCKET_REQUESTS, slots.SOCKET_REQUESTS_EACH)
        self._lock = threading.Lock()
        self._open: dict[str, Visit] = {}
        self._closing: set[Visit] = set()
        self._watching = False
        self._connect, self._disconnect = self._engine.handlers["connect"], self._engine.handlers["disconnect"]
        self._engine.on("connect", self._entered)
        self._engine.on("disconnect", self._left)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(PATH):
            return self._inner(environ, start_response)
        address = environ.get("REMOTE_ADDR") or "unknown"
        if not self._requests.take(address):
            return _busy(start_response)
        try:
            sid = parse_qs(environ.get("QUERY_STRING", "")).get("sid", [""])[0]
            return self._known(sid, environ, start_response) if sid else self._new(address, environ, start_response)
        finally:
            self._requests.give_back(address)

    def _new(self, address: str, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        if not self._visits.take(address):
            return _busy(start_response)
        visit = Visit(address)
        environ[KEY] = visit
        try:
            return self._held(visit, environ, start_response)
        finally:
            if not visit.sid:  # Engine.IO did not let it in
                self._visits.give_back(address)
            elif environ.get("HTTP_UPGRADE"):  # a websocket from the beginning: this was all of it
                self._close(visit)

    def _known(self, sid: str, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        with self._lock:
            visit = self._open.get(sid)
        return self._held(visit, environ, start_response) if visit else self._inner(environ, start_response)

    def _held(self, visit: Visit, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        line = environ.get("gunicorn.socket") if environ.get("HTTP_UPGRADE") else None
        if line is None:
            return self._inner(environ, start_response)
        with self._lock:
            visit.lines.append(line)
        try:
            return self._inner(environ, start_response)
        finally:
            with self._lock:
                visit.lines.remove(line)

    # -- what Engine.IO tells ----------------------------------------------------------------------------------------

    def _entered(self, sid: str, environ: dict[str, Any]) -> Any:
        visit = environ[KEY]
        answer = self._connect(sid, environ)
        if answer is None or answer is True:
            with self._lock:
                if not self._watching:
                    threading.Thread(target=self._watch, name="socket-door", daemon=True).start()
                    self._watching = True
                visit.sid = sid
                self._open[sid] = visit
        return answer

    def _left(self, sid: str, *reason: Any) -> None:
        with self._lock:
            visit = self._open.pop(sid, None)
            if visit:
                visit.closed = time.monotonic()
                self._closing.add(visit)
        if visit:
            self._visits.give_back(visit.address)
            self._disconnect(sid, *reason)

    # -- those who do not speak, and those who do not go -------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            time.sleep(ROUND)
            try:
                self._round(time.monotonic())
            except Exception as error:  # this thread must not end
                log.error("silent sockets could not be closed", exc_info=error)

    def _round(self, now: float) -> None:
        with self._lock:
            silent = [v for v in self._open.values() if not v.greeted and now - v.since > GREETING]
            lingering = [v for v in self._closing if v.closed is not None and now - v.closed > FAREWELL]
            self._closing.difference_update(lingering)
            lines = [line for visit in [*silent, *lingering] for line in visit.lines]
        for visit in silent:
            self._close(visit)
        for line in lines:
            with suppress(OSError):  # gone by itself
                line.shutdown(socket.SHUT_RDWR)

    def _close(self, visit: Visit) -> None:
        connection = self._engine.sockets.get(visit.sid)
        if connection is not None:
            connection.close(wait=False, abort=True)
        self._left(visit.sid)  # where Engine.IO had forgotten it already


def _busy(start_response: Start) -> Iterable[bytes]:
    log.warning("a socket was refused: all slots are taken")
    start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5")])
    return [b"busy\n"]

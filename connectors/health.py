"""Which parts are up: each is asked at the same moment, none may hold the answer up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass

import requests
import structlog
from flask import Blueprint, Response, jsonify

Check = Callable[[], str | None]
"""Says what is wrong with a part; None where nothing is. Raises Unknown where it cannot be asked."""

PATIENCE = 3.0
FRESH = 0.5
"""Seconds for which the last answer serves again, so that asking often costs nothing."""


log = structlog.get_logger("web")


class Unknown(Exception):
    """A part cannot be asked here; the text says why. It does not count as down."""


@dataclass(frozen=True)
class Part:
    """How a part stands."""

    status: str
    """"up", "down" or "unknown"."""
    detail: str | None = None

    def as_dict(self) -> dict[str, str]:
        return {"status": self.status} | ({"detail": self.detail} if self.detail else {})


class Health:
    """Asks the parts and remembers the answer for a moment."""

    def __init__(self, checks: Mapping[str, Check]):
        self._checks = dict(checks)
        self._pool = ThreadPoolExecutor(2 * len(self._checks), thread_name_prefix="health")
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._parts: dict[str, Part] = {}
        self._told: dict[str, str] = {}
        """What the log has been told last of each part."""

    def parts(self) -> dict[str, Part]:
        """Every part by name."""
        # While one asks, the others take the last answer: a part that hangs must not hold many threads.
        if not self._lock.acquire(blocking=not self._parts):
            return self._parts
        try:
            if time.monotonic() - self._asked > FRESH:
                self._parts = self._ask_all()
                self._asked = time.monotonic()
            return self._parts
        finally:
            self._lock.release()

    def _ask_all(self) -> dict[str, Part]:
        running = {name: self._pool.submit(self._ask, name, check) for name, check in self._checks.items()}
        end = time.monotonic() + PATIENCE
        found = {}
        for name, answer in running.items():
            try:
                found[name] = answer.result(max(0.0, end - time.monotonic()))
            except TooLate:
                found[name] = Part("down", f"no answer within {PATIENCE:.0f} s")
        return found

    def _ask(self, name: str, check: Check) -> Part:
        broken = ""
        try:
            wrong = check()
            part = Part("down", wrong) if wrong else Part("up")
        except Unknown as reason:
            part = Part("unknown", str(reason))
        except Exception as error:  # a check that breaks is an answer too; its text may name hosts and users
            part, broken = Part("down", type(error).__name__), f"{type(error).__name__}: {error}"
        if broken and broken != self._told.get(name):
            log.error("a part cannot be asked", part=name, error=broken)
        self._told[name] = broken
        return part

    def failing(self) -> list[str]:
        """Names of the parts that are down."""
        return [name for name, part in self.parts().items() if part.status == "down"]


def http_check(setting: str, address: str, path: str) -> Check:
    """Asks a server on this machine; `setting` is the variable that should have given its address."""

    def check() -> str | None:
        if not address:
            raise Unknown(f"{setting} is not set")
        try:
            response = requests.get(address.rstrip("/") + path, timeout=PATIENCE - 0.5)
        except requests.RequestException as error:
            return f"no answer: {type(error).__name__}"
        return None if response.ok else f"answered {response.status_code}"

    return check


def blueprint(health: Health) -> Blueprint:
    """GET /healthz: 200 while nothing is down, else 503; the parts by name in either case."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        parts = health.parts()
        down = [name for name, part in parts.items() if part.status == "down"]
        response = jsonify(status="down" if down else "up", parts={n: p.as_dict() for n, p in parts.items()})
        response.status_code = 503 if down else 200
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes

"""One thread a web process that looks into the outbox while somebody waits, and wakes whom it concerns.

The worker is another process and there is no broker: a look costs two small queries, whatever the number of
waiting clients, and nothing at all while nobody waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from storage import web
from storage.web import SILENCE, Pulse

GLANCE = 0.005
"""Seconds between two questions whether anything was written at all, where asking that costs nothing (SQLite)."""
LOOK = 0.025
"""Seconds between two looks while a reply is expected at any moment."""
SHARE = 4.0
"""After a look at least so many times its length is slept, or many writers would keep this thread looking."""
SURELY = 0.5
"""A look is taken after so many seconds in any case."""
LOOK_LATER = 0.2
"""The same once the youngest of those waiting has waited for PATIENCE seconds."""
PATIENCE = 3.0
IDLE = 1.0
"""The same while clients are connected and nothing is asked: a person may answer minutes later."""

log = structlog.get_logger()


@dataclass(eq=False)
class _Waiter:
    conversation_id: int
    done: Callable[[Pulse], bool]
    since: float = field(default_factory=time.monotonic)
    woken: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class _Follower:
    seen: int
    deliver: Callable[[int], int]
    """Hands out the replies after the id it is given and returns the id of the last one."""
    asked: float = 0.0
    count: int = 1


class Watcher:
    """Waits for replies on behalf of threads and of connected sockets. Starts its thread on first use."""

    def __init__(self) -> None:
        self._waiters: set[_Waiter] = set()
        self._followers: dict[int, _Follower] = {}
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stirred = False  # somebody came since the last look began

    def wait(self, conversation_id: int, done: Callable[[Pulse], bool], timeout: float) -> bool:
        """Blocks until `done` says yes to the conversation's pulse; False when `timeout` seconds went by."""
        waiter = _Waiter(conversation_id, done)
        with self._waiting(waiter):
            return waiter.woken.wait(timeout)

    @contextmanager
    def _waiting(self, waiter: _Waiter) -> Iterator[None]:
        with self._change:
            self._waiters.add(waiter)
            self._start()
        try:
            yield
        finally:
            with self._change:
                self._waiters.discard(waiter)

    def follow(self, conversation_id: int, seen: int, deliver: Callable[[int], int]) -> None:
        """Calls `deliver(last seen id)` whenever the outbox has more; several followers of one count as one."""
        with self._change:
            if follower := self._followers.get(conversation_id):
                follower.count += 1
            else:
                self._followers[conversation_id] = _Follower(seen, deliver)
            self._start()

    def unfollow(self, conversation_id: int) -> int:
        """Undoes one `follow`; returns the id that was seen last, to go on from."""
        with self._change:
            follower = self._followers.get(conversation_id)
            if follower is None:
                return 0
            follower.count -= 1
            if follower.count == 0:
                del self._followers[conversation_id]
            return follower.seen

    def expect(self, conversation_id: int) -> None:
        """A follower's citizen has just asked something: look often for a while."""
        with self._change:
            if follower := self._followers.get(conversation_id):
                follower.asked = time.monotonic()
            self._stir()

    def _stir(self) -> None:
        self._stirred = True
        self._change.notify()

    def _start(self) -> None:
        self._stir()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="outbox-watcher", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        changes = web.Changes()
        pause, looked, failure = 0.0, float("-inf"), ""
        while True:
            try:
                if changes.any() or self._stirred or time.monotonic() - looked > SURELY:
                    began = time.monotonic()
                    pause, looked = self._look(), time.monotonic()
                    if changes.cheap and pause < IDLE:
                        pause = max(GLANCE, SHARE * (looked - began))
                failure = ""
            except Exception as error:  # without this thread nobody gets a reply: it never ends by an error
                known, failure = failure, f"{type(error).__name__}: {error}"
                if failure != known:  # an outage is one line, not five a second
                    log.error("the outbox cannot be read", error=failure)
                changes, pause = web.Changes(), LOOK_LATER
            with self._change:
                if not self._waiters and not self._followers:
                    pause = IDLE
                if pause == IDLE and not self._stirred:
                    self._change.wait(IDLE if self._followers else None)
                    continue
            time.sleep(min(pause, LOOK_LATER))

    def _look(self) -> float:
        """One look; returns the seconds until the next one."""
        with self._change:
            waiters, followers = list(self._waiters), dict(self._followers)
            self._stirred = False
        found = web.pulses({w.conversation_id for w in waiters} | set(followers))
        for waiter in waiters:
            if waiter.done(found.get(waiter.conversation_id, SILENCE)):
                waiter.woken.set()
        expecting = [waiter.since for waiter in waiters]
        for conversation_id, follower in followers.items():
            pulse = found[conversation_id]
            if pulse.newest_reply > follower.seen:
                self._deliver(follower)
            if pulse.oldest_unhandled is not None:
                expecting.append(follower.asked)
        if not expecting:
            return IDLE
        return LOOK if time.monotonic() - max(expecting) < PATIENCE else LOOK_LATER

    def _deliver(self, follower: _Follower) -> None:
        try:
            follower.seen = follower.deliver(follower.seen)
        except Exception as error:  # one broken connection must not silence all the others
            log.warning("replies could not be pushed", error=type(error).__name__)

"""How the web process's threads are shared out, so that waiting clients never keep a webhook from being taken."""

from __future__ import annotations

import threading
from collections import Counter

THREADS = 208
"""Threads of the web process (see gunicorn.conf.py); they are made only when needed and cost little while they wait."""
WAITING = 112
"""Of those, how many may hold a REST call or a poll open for a reply."""
SOCKETS, SOCKETS_EACH = 48, 24
"""How many Socket.IO connections there may be, in all and from one network address."""
SOCKET_REQUESTS, SOCKET_REQUESTS_EACH = 64, 32
"""How many threads they may hold: a websocket one as long as it lasts, a polling client one or two."""


class Slots:
    """A counter with a limit; `take` says no instead of waiting."""

    def __init__(self, limit: int):
        self._free = threading.Semaphore(limit)

    def take(self) -> bool:
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        self._free.release()


class Shares:
    """The same with a second limit for each taker."""

    def __init__(self, limit: int, each: int):
        self._limit, self._each = limit, each
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, who: str) -> bool:
        with self._lock:
            if self._taken[who] >= self._each or self._taken.total() >= self._limit:
                return False
            self._taken[who] += 1
            return True

    def give_back(self, who: str) -> None:
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]

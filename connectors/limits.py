"""How often one sender and one network address may write; counted in Redis where there is one, else in memory."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace

import structlog
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse

from connectors.incoming import HURRIED, Incoming
from settings import Settings

POLLS_PER_MESSAGE = 10
"""Asking for news costs little and happens often: an address may do it so many times as often as write."""
WARNING = parse("1/minute")
"""How often a WhatsApp sender is told that he writes too fast."""
BODY = 64 * 1024
"""Longest request body in bytes."""

log = structlog.get_logger()


class Gate:
    """Decides whether a message is taken. Page requests are limited by flask-limiter itself."""

    def __init__(self, app: Flask, settings: Settings, on_refused: Callable[[], None]):
        self._on_refused = on_refused
        self._sender = parse(settings.sender_limit)
        self._address = parse(settings.address_limit)
        self.limiter = Limiter(
            get_remote_address,
            app=app,
            default_limits=[settings.address_limit],
            storage_uri=settings.redis_url or "memory://",
            strategy="moving-window",
            in_memory_fallback_enabled=True,
            swallow_errors=True,
            key_prefix="sapa",
        )
        self._polls = type(self._address)(self._address.amount * POLLS_PER_MESSAGE, self._address.multiples)

    def message(self, sender: str, address: str) -> int:
        """Counts a message; 0 when it is taken, else the seconds until the sender may write again."""
        seconds = self._hit(self._address, "address", address) or self._hit(self._sender, "sender", sender)
        if seconds:
            self._on_refused()
        return seconds

    def pace(self, incoming: Incoming) -> Incoming:
        """A message that must be taken however fast it comes (WhatsApp): one over the limit gets a kind of HURRIED."""
        if not self._hit(self._sender, "sender", incoming.address):
            return incoming
        self._on_refused()
        warned = self._hit(WARNING, "warning", incoming.address)
        return replace(incoming, kind=HURRIED[1] if warned else HURRIED[0])

    def poll(self, address: str) -> int:
        """Counts a request for news; as `message`."""
        return self._hit(self._polls, "poll", address)

    def _hit(self, item: RateLimitItem, kind: str, who: str) -> int:
        key = hashlib.sha256(who.encode()).hexdigest()[:32]  # no address or session id lies in Redis
        counter = self.limiter.limiter
        try:
            if counter.hit(item, kind, key):
                return 0
            return max(1, round(counter.get_window_stats(item, kind, key).reset_time - time.time()))
        except Exception as error:  # whatever the store's driver raises: rather too many messages than none
            log.warning("the rate limits cannot be counted", error=type(error).__name__)
            return 0

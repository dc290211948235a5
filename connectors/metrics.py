"""GET /metrics for Prometheus. What the worker does is read from the database at each scrape."""

from __future__ import annotations

import datetime as dt
import threading
import time

from flask import Blueprint, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from connectors.health import Health
from storage import web
from storage.database import StorageError

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120, 600)
FRESH = 0.5
"""Seconds for which the figures of the database serve again."""


class Metrics:
    """Counters since this process started, by channel, and gauges of what waits."""

    def __init__(self, health: Health):
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._health = health
        self._lock = threading.Lock()
        self._read = float("-inf")
        self._mark: tuple[int, int, dt.datetime] | None = None
        channel, registry = ["channel"], self.registry
        self.refused = Counter("sapa_messages_refused", "Messages refused by a rate limit.", registry=registry)
        self._received = Counter("sapa_messages_received", "Messages from citizens.", channel, registry=registry)
        self._replies = Counter("sapa_replies_stored", "Messages to citizens.", channel, registry=registry)
        self._seconds = Histogram(
            "sapa_reply_seconds",
            "From a citizen's message to its stored reply.",
            channel,
            registry=registry,
            buckets=SECONDS,
        )
        self._waiting = Gauge("sapa_messages_waiting", "Messages without an answer yet.", registry=registry)
        self._outbox = Gauge("sapa_outbox", "WhatsApp messages not finished.", ["status"], registry=registry)
        self._up = Gauge("sapa_up", "1 where the part is up, 0 where it is down.", ["part"], registry=registry)
        self.start()

    def start(self) -> None:
        """Counts from here on; later, when the database cannot be read yet."""
        try:
            self._mark = self._mark or web.mark()
        except StorageError:
            self._mark = None

    def scrape(self) -> bytes:
        """Everything in Prometheus' text format."""
        # Whoever comes while another reads, or soon after, gets the figures of then: asking often costs nothing.
        if self._lock.acquire(blocking=False):
            try:
                if time.monotonic() - self._read > FRESH:
                    self._read_database()
                    self._read = time.monotonic()
            finally:
                self._lock.release()
        for name, part in self._health.parts().items():
            if part.status != "unknown":
                self._up.labels(name).set(part.status == "up")
        return generate_latest(self.registry)

    def _read_database(self) -> None:
        self.start()
        if self._mark is None:
            return
        try:
            figures = web.figures(self._mark)
        except StorageError:
            return  # the gauge sapa_up tells it
        self._mark = figures.mark
        for channel, count in figures.received.items():
            self._received.labels(channel).inc(count)
        for channel, count in figures.replies.items():
            self._replies.labels(channel).inc(count)
        for channel, seconds in figures.seconds:
            self._seconds.labels(channel).observe(seconds)
        self._waiting.set(figures.waiting)
        for status in ("created", "sending", "dead"):
            self._outbox.labels(status).set(figures.outbox.get(status, 0))


def blueprint(metrics: Metrics) -> Blueprint:
    """The route of the metrics."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def show() -> Response:
        return Response(metrics.scrape(), content_type=CONTENT_TYPE_LATEST)

    return routes

"""Structured logs: one JSON object a line, on standard error, without personal data."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.tracebacks import ExceptionDictTransformer

from errors import SapaError
from office.privacy import mask

QUIET = ("werkzeug", "engineio", "socketio", "urllib3", "flask-limiter")
SELDOM = frozenset({"/chat/poll", "/healthz", "/metrics"})
"""Paths that are asked for all the time: written at DEBUG only."""

log = structlog.get_logger("web")


class Trace(ExceptionDictTransformer):
    """What failed and where, without local variables and other libraries' messages: both repeat citizens' words."""

    def __init__(self) -> None:
        super().__init__(show_locals=False)

    def __call__(self, exc_info: Any) -> list[dict[str, Any]]:
        found = super().__call__(exc_info)
        error: BaseException | None = exc_info[1]
        for stack in found:  # the error itself, then what it came from
            ours = isinstance(error, SapaError)
            stack["exc_value"] = mask(str(error)) if ours else ""
            stack["syntax_error"] = None
            if error is not None:
                error = error.__cause__ or error.__context__
        return found


def configure(level: str) -> None:
    """Sets structlog up for this process; other libraries' warnings become JSON too."""
    number = logging.getLevelName(level.upper())
    chosen = number if isinstance(number, int) else logging.INFO
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    trace = structlog.processors.ExceptionRenderer(Trace())
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.StackInfoRenderer(),
            trace,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(chosen),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=[*shared, trace],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(chosen)
    threading.excepthook = _thread_failed
    for name in QUIET:
        logging.getLogger(name).setLevel(max(chosen, logging.WARNING))


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """Python itself would print the message of the error too."""
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        log.error("a thread failed", exc_info=failed.exc_value)


def log_requests(app: Flask) -> None:
    """One line a request: method, route, status and duration; no address, no query, no body."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        write = log.debug if request.path in SELDOM and response.status_code < 500 else log.info
        route = str(request.url_rule) if request.url_rule else "-"
        write("request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
        return response

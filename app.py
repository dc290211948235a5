"""The web process: every connector, the pages, health and metrics on one Flask app.

Served by gunicorn with threads (gunicorn.conf.py): `gunicorn "app:create_app()"`.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from connectors import health, logs, metrics, pages, rest, slots, webchat, whatsapp
from connectors.door import App, Door, Start
from connectors.health import Health, Unknown, http_check
from connectors.limits import BODY, Gate
from connectors.slots import Slots
from connectors.socket import socketio
from connectors.watcher import Watcher
from connectors.webchat import Desk, problem
from console import access
from console.blueprint import blueprint as console_blueprint
from console.office import Office
from errors import CatalogueError
from office.catalogue import FOLDER, Catalogue, CatalogueStore
from settings import Settings, get_settings
from storage import database, web
from storage.database import StorageError
from tasks import conversations, delivery

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN_TO_OTHER_SITES = ("/chat/", "/webhooks/rest/")
"""Paths that a page of another site may call: none of them uses a cookie."""

SILENCE = 4 * conversations.ALIVE_EVERY
"""Seconds after which a worker that does not touch its file counts as down."""
UNTOUCHED = 45.0
"""Seconds a message may wait for a worker to take it up."""

log = structlog.get_logger("web")


def create_app(settings: Settings | None = None, catalogue_folder: Path = FOLDER) -> Flask:
    """The WSGI app with Socket.IO attached. It starts also when the database, the catalogue or the engine is down."""
    used = settings or get_settings()
    logs.configure(used.log_level)
    if settings is not None:
        database.use(used.storage_url)
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=BODY, MAX_FORM_MEMORY_SIZE=BODY)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    logs.log_requests(app)
    _open_to_other_sites(app)
    _explain_errors(app)

    standing = Health(_checks(used))
    measured = metrics.Metrics(standing)
    gate = Gate(app, used, measured.refused.inc)
    desk = Desk(conversations.accept, Watcher(), gate, Slots(slots.WAITING))
    exempt = (
        whatsapp.blueprint(lambda incoming: conversations.accept(gate.pace(incoming)), delivery.status_arrived, used),
        health.blueprint(standing),
        metrics.blueprint(measured),
        rest.blueprint(desk, standing.failing),
        webchat.blueprint(desk),
    )
    for blueprint in exempt:  # Twilio must always get through, the chats count messages instead of requests
        gate.limiter.exempt(blueprint)
        app.register_blueprint(blueprint)
    catalogue = _catalogue(catalogue_folder)
    app.register_blueprint(pages.blueprint(used, catalogue))
    access.prepare(app, used.data_dir, secure=used.public_url.startswith("https://"))
    app.register_blueprint(console_blueprint(Office(used, catalogue, catalogue_folder)))
    server = socketio(desk)
    server.init_app(app)
    app.wsgi_app = _with_headers(Door(app.wsgi_app, server))  # type: ignore[method-assign,assignment]
    if used.trust_proxy:  # around everything, or Socket.IO would count all citizens as one address
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.extensions["sapa"] = desk
    return app


def _checks(settings: Settings) -> dict[str, health.Check]:
    return {
        "database": _database,
        "engine": http_check("SAPA_ENGINE_URL", address_of("SAPA_ENGINE_URL"), "/status"),
        "actions": http_check("SAPA_ACTIONS_URL", address_of("SAPA_ACTIONS_URL"), "/health"),
        "worker": lambda: _worker(settings.data_dir / conversations.ALIVE),
    }


def address_of(variable: str) -> str:
    """A server's address as the supervisor gave it, without a path; "" where it gave none."""
    return os.environ.get(variable, "").strip().removesuffix("/webhook").rstrip("/")


def _database() -> None:
    database.check()


def _worker(alive: Path) -> str | None:
    """The worker touches a file every few seconds; and whatever the file says, messages must not lie untouched."""
    oldest = web.untouched_since()
    if oldest and (waited := (dt.datetime.now(dt.UTC) - oldest).total_seconds()) > UNTOUCHED:
        return f"a message has waited {waited:.0f} s and no worker has taken it up"
    if not alive.exists():
        raise Unknown("no worker has left a sign of life yet")
    silence = time.time() - alive.stat().st_mtime
    return f"no sign of life for {silence:.0f} s" if silence > SILENCE else None


def _catalogue(folder: Path) -> Callable[[], Catalogue | None]:
    """Gives the catalogue of the moment; None, and a line in the log, while none can be read."""

    @cache
    def store() -> CatalogueStore:
        return CatalogueStore(folder)

    def current() -> Catalogue | None:
        try:
            return store().get()
        except CatalogueError as error:
            log.error("the catalogue cannot be read", error=str(error))
            return None

    return current


def _with_headers(inner: App) -> App:
    """Adds the security headers to every answer, Socket.IO's too."""

    def answer(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        wanted = dict(HEADERS)
        if environ["wsgi.url_scheme"] == "https":
            wanted["Strict-Transport-Security"] = "max-age=31536000"

        def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
            given = {name.lower() for name, _ in headers}
            more = [(name, value) for name, value in wanted.items() if name.lower() not in given]
            return start_response(status, [*headers, *more], *failed)

        return inner(environ, start)

    return answer


def _open_to_other_sites(app: Flask) -> None:
    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or not request.path.startswith(OPEN_TO_OTHER_SITES):
            return None
        return Response(status=204)

    @app.after_request
    def headers(response: Response) -> Response:
        if request.path.startswith(OPEN_TO_OTHER_SITES):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "POST, GET, OPTIONS"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
            response.headers["Access-Control-Max-Age"] = "86400"
            response.headers["Cache-Control"] = "no-store"
        return response


def _explain_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        texts = {
            404: "Halaman ini tidak ada.",
            405: "Cara ini tidak dilayani di alamat ini.",
            413: f"Permintaan terlalu besar; paling banyak {BODY // 1024} kB.",
            429: "Terlalu banyak permintaan. Silakan coba lagi sebentar.",
        }
        status = error.code or 500
        response = problem(
            status, (error.name or "error").lower().replace(" ", "_"), texts.get(status, str(error.description))
        )
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after"):
                response.headers[name] = value
        return response

    @app.errorhandler(StorageError)
    def not_stored(error: StorageError) -> Response:
        log.error("the database failed", error=str(error))
        return problem(503, "storage", "Maaf, sedang ada gangguan penyimpanan. Silakan coba lagi sebentar.", 5)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("a request failed", exc_info=error, route=str(request.url_rule))
        response = jsonify(
            error="internal", message="Maaf, terjadi kesalahan di sisi kami. Silakan coba lagi sebentar."
        )
        response.status_code = 500
        return response

"""A pretended Twilio: its REST resource Messages over HTTP, its errors and silences, its signed webhooks."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import threading
import time
import uuid
from base64 import b64decode
from collections import deque
from contextlib import suppress
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32
TOKEN = "secret-of-the-tests"
NUMBER = "+6232112345"


class FakeTwilio:
    """`with FakeTwilio() as fake:`; `fake.url` is TWILIO_API_BASE.

    `fake.script(...)` says how the next creations go, one word each, "ok" once they are used up:
    "ok"; an error code of Twilio (63016, 63018, 21211, 20429, 20003) or an HTTP status from 500 as an int;
    "hang": taken, but never answered; "silence": neither taken nor answered; "reset": taken, connection cut.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        """(method, path, parameters) of every request."""
        self.latency = 0.0
        self._script: deque[Any] = deque()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def __enter__(self) -> FakeTwilio:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def script(self, *steps: Any) -> None:
        with self._lock:
            self._script.extend(steps)

    def sent(self, to: str | None = None) -> list[dict[str, Any]]:
        """Messages that were taken, in order."""
        return [message for message in self.messages if to is None or message["to"] == f"whatsapp:{to}"]

    def creations(self) -> int:
        return sum(1 for method, _, _ in self.requests if method == "POST")

    def post(self, url: str, form: dict[str, str], *, signed_url: str | None = None, token: str = TOKEN) -> Any:
        """Posts a signed webhook, as Twilio does."""
        return requests.post(url, data=form, headers=signature(signed_url or url, form, token), timeout=15)

    def post_status(self, url: str, sid: str, status: str, error_code: int | None = None) -> Any:
        """Posts a signed status callback."""
        return self.post(url, status_form(sid, status, error_code))

    def create(self, form: dict[str, str]) -> tuple[Any, int, dict[str, Any]]:
        """Carries out one step of the script: (what to do with the connection, HTTP status, answer)."""
        with self._lock:
            step = self._script.popleft() if self._script else "ok"
        if step == "silence":
            return step, 0, {}
        if isinstance(step, int):
            return "ok", *_error(step)
        if not form.get("To", "").startswith("whatsapp:+"):
            return "ok", *_error(21211)
        if len(form.get("Body", "").encode("utf-16-le")) // 2 > 1600:
            return "ok", *_error(21617)
        if not form.get("Body") and not form.get("ContentSid"):
            return "ok", *_error(21619)
        with self._lock:
            message = self._message(form)
            self.messages.append(message)
        time.sleep(self.latency)
        return step, 201, message

    def _message(self, form: dict[str, str]) -> dict[str, Any]:
        variables = json.loads(form.get("ContentVariables") or "{}")
        body = form.get("Body") or f"Halo, ada jawaban untuk Anda: {variables.get('1', '')}"
        return {
            "sid": f"SM{next(self._numbers):032x}",
            "account_sid": ACCOUNT,
            "to": form["To"],
            "from": form.get("From"),
            "body": body,
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(dt.datetime.now(dt.UTC)),
            "date_sent": None,
            "date_updated": None,
            "error_code": None,
            "num_segments": "1",
            "num_media": "0",
            "uri": "",
            "content_sid": form.get("ContentSid"),
            "status_callback": form.get("StatusCallback"),
        }

    def listed(self, query: dict[str, str]) -> dict[str, Any]:
        found = [message for message in reversed(self.messages) if query.get("To") in (None, message["to"])]
        if since := query.get("DateSent>"):  # the helper's name for DateSent>=; queued messages have no such date
            found = [message for message in found if (message["date_sent"] or "") >= since]
        size = int(query.get("PageSize", "50"))
        return {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None, "uri": ""}

    def wait_for_end(self) -> None:
        self._ended.wait(60)


class _Handler(BaseHTTPRequestHandler):
    fake: FakeTwilio
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.fake.requests.append(("POST", self.path, form))
        if not self._authorised():
            return self._answer(*_error(20003))
        step, status, answer = self.fake.create(form)
        if step in ("hang", "silence"):
            return self.fake.wait_for_end()
        if step == "reset":
            self.close_connection = True
            return None
        return self._answer(status, answer)

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, _flat(urlsplit(self.path).query)
        self.fake.requests.append(("GET", path, query))
        if not self._authorised():
            return self._answer(*_error(20003))
        if single := re.search(r"/Messages/(\w+)\.json$", path):
            found = [message for message in self.fake.messages if message["sid"] == single[1]]
            return self._answer(200, found[0]) if found else self._answer(*_error(20404))
        return self._answer(200, self.fake.listed(query))

    def _authorised(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        return b64decode(given).decode() == f"{ACCOUNT}:{TOKEN}"

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked may have been killed
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _flat(encoded: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(encoded, keep_blank_values=True).items()}


def _error(code: int) -> tuple[int, dict[str, Any]]:
    if 500 <= code < 600:
        return code, {"code": code, "message": "Internal Server Error", "status": code}
    status = {20429: 429, 63018: 429, 20003: 401, 20404: 404}.get(code, 400)
    return status, {"code": code, "message": f"Refused: whatsapp:+6281234567890 ({code})", "status": status}


def signature(url: str, form: dict[str, str], token: str = TOKEN) -> dict[str, str]:
    """The header with which Twilio signs a webhook."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}


def status_form(sid: str, status: str, error_code: int | None = None) -> dict[str, str]:
    form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01"}
    return form | ({"ErrorCode": str(error_code)} if error_code else {})


def inbound_form(address: str, body: str, sid: str | None = None, **more: str) -> dict[str, str]:
    """The form of a message from a citizen."""
    sid = sid or f"SM{uuid.uuid4().hex}"
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{address}",
        "To": f"whatsapp:{NUMBER}",
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "SmsStatus": "received",
        "ProfileName": "Warga",
        "WaId": address.lstrip("+"),
        "MessageType": "text",
        "ChannelMetadata": "{}",
        "ApiVersion": "2010-04-01",
    } | more

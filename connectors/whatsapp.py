"""WhatsApp over Twilio: its webhooks become messages, replies go out over its REST API.

The only module that knows Twilio. Facts about its protocol: docs/architecture.md, https://www.twilio.com/docs/whatsapp.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog
from flask import Blueprint, Response, request
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator, get_signature_algorithm
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from connectors.incoming import Incoming, IncomingError, make_incoming
from errors import DeliveryError
from office.privacy import mask
from settings import Settings, get_settings
from storage.database import StorageError
from storage.tables import WHATSAPP

log = structlog.get_logger(__name__)
logging.getLogger("urllib3").setLevel(logging.INFO)  # its debug lines carry addresses with phone numbers

CHANNEL = WHATSAPP
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
WINDOW = dt.timedelta(hours=24)
OUTSIDE_WINDOW = 63016
RATE_LIMITS = frozenset({429, 20429, 63018, 14107})
TEMPLATE_VARIABLE = 900  # a filled template may have 1,024 characters
CLOCK_SKEW = dt.timedelta(minutes=1)
TIMEOUT = (3.0, 10.0)

OnMessage = Callable[[Incoming], object]
OnStatus = Callable[[str, str, "int | None"], object]


# -- webhooks ---------------------------------------------------------------------------------------------------------


def blueprint(on_message: OnMessage, on_status: OnStatus, settings: Settings | None = None) -> Blueprint:
    """POST /webhooks/whatsapp and /webhooks/whatsapp/status.

    `on_message(incoming)` must have stored the message when it returns; `on_status(sid, status, error_code)` likewise.
    A StorageError of theirs is answered with 503, upon which Twilio turns to the fallback address.
    """
    used = settings or get_settings()
    routes = Blueprint("whatsapp", __name__, url_prefix="/webhooks/whatsapp")
    missing = missing_settings(used)
    if missing:
        log.warning("whatsapp_off", missing=missing)

    @routes.before_request
    def _genuine() -> Response | None:
        if missing:
            return _plain(f"WhatsApp is off; these settings are missing: {', '.join(missing)}", 503)
        if not _signature_is_valid(used):
            log.warning("whatsapp_signature_invalid", path=request.path)
            return _plain("The signature X-Twilio-Signature is missing or wrong.", 403)
        return None

    @routes.errorhandler(IncomingError)
    def _incomplete(error: IncomingError) -> Response:
        log.warning("whatsapp_webhook_incomplete", error=str(error))
        return _plain(str(error), 400)

    @routes.errorhandler(StorageError)
    def _not_stored(error: StorageError) -> Response:
        log.error("whatsapp_webhook_not_stored", error=str(error))
        return _plain("The message could not be stored.", 503)

    @routes.post("")
    def _message() -> Response:
        on_message(parse(request.form))
        return Response(EMPTY_TWIML, mimetype="text/xml")

    @routes.post("/status")
    def _status() -> Response:
        sid, status = _required(request.form, "MessageSid", "SmsSid"), _required(request.form, "MessageStatus")
        code = request.form.get("ErrorCode", "")
        on_status(sid, status, int(code) if code.isdecimal() else None)
        return Response(status=204)

    return routes


def missing_settings(settings: Settings) -> list[str]:
    """Names of the settings without which WhatsApp is off; empty: it is on."""
    needed = {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "TWILIO_WHATSAPP_NUMBER": settings.twilio_whatsapp_number,
    }
    return [name for name, value in needed.items() if not value]


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status=status, mimetype="text/plain")


def _signature_is_valid(settings: Settings) -> bool:
    # Behind a proxy the server sees another address than the one Twilio called and signed.
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    url = settings.public_url.rstrip("/") + request.path + query if settings.public_url else request.url
    signature = request.headers.get("X-Twilio-Signature", "")
    algorithm = get_signature_algorithm(request.headers.get("X-Twilio-Webhooks-Signature-Settings", ""))
    return RequestValidator(settings.twilio_auth_token).validate(url, request.form, signature, algorithm)


def _required(form: Mapping[str, str], *names: str) -> str:
    for name in names:
        if value := form.get(name, "").strip():
            return value
    raise IncomingError(f"The form field {names[0]} is missing.")


def parse(form: Mapping[str, str]) -> Incoming:
    """Twilio's form as a message; parameters that are not known are left alone. Raises IncomingError.

    Kept of media are the types, of a location nothing but that it was one: nothing here needs the rest.
    """
    sid = _required(form, "MessageSid", "SmsMessageSid", "SmsSid")
    address = _required(form, "From").removeprefix("whatsapp:")
    body = form.get("Body", "")
    details: dict[str, Any] = {}
    if quoted := form.get("OriginalRepliedMessageSid"):
        details["quoted"] = quoted
    if form.get("Forwarded") == "true" or form.get("FrequentlyForwarded") == "true":
        details["forwarded"] = True
    chosen = form.get("ButtonPayload") or form.get("ListId") or form.get("ButtonText")
    media = _count(form.get("NumMedia", ""))
    if media:
        details["media_types"] = [form.get(f"MediaContentType{index}", "") for index in range(media)]
        return make_incoming(CHANNEL, address, sid, "media", body, details)
    if form.get("Latitude") and form.get("Longitude"):
        return make_incoming(CHANNEL, address, sid, "location", body, details)
    if chosen:
        return make_incoming(CHANNEL, address, sid, "choice", chosen, details)
    return make_incoming(CHANNEL, address, sid, "text", body, details)


def _count(number: str) -> int:
    return min(int(number), 10) if number.isdecimal() else 0  # a WhatsApp message has one medium, an MMS ten


# -- sending ----------------------------------------------------------------------------------------------------------


class _Http(TwilioHttpClient):
    """Twilio's own client, pointed at the configured address, with time limits, and silent: it logs whole messages."""

    def __init__(self, base: str):
        super().__init__()
        self.timeout: Any = TIMEOUT
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        moved = urlunsplit(parts._replace(path=self._base.path.rstrip("/") + parts.path))
        return super().request(method, moved, *args, **kwargs)

    def log_request(self, kwargs: Any) -> None:
        pass

    def log_response(self, status_code: int, response: Any) -> None:
        pass


class Sender:
    """Sends messages from the office's number and finds out which were sent."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._client = Client(
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            http_client=_Http(settings.twilio_api_base),
        )
        public = settings.public_url.rstrip("/")
        self._callback = f"{public}/webhooks/whatsapp/status" if public else None

    def send(self, address: str, text: str, last_inbound_at: dt.datetime | None) -> str:
        """Hands a message to Twilio and returns its sid. Raises DeliveryError.

        More than 24 hours after the citizen's last message WhatsApp allows approved templates only: the text then goes
        as variable 1 of the configured template; without one the error is permanent, with code 63016.
        """
        if _window_is_open(last_inbound_at):
            try:
                return self._create(address, body=text)
            except DeliveryError as error:
                if error.code != OUTSIDE_WINDOW or not self._settings.twilio_reengage_template:
                    raise
        template = self._settings.twilio_reengage_template
        if not template:
            raise DeliveryError(
                "The citizen wrote more than 24 hours ago and TWILIO_REENGAGE_TEMPLATE is not set.",
                code=OUTSIDE_WINDOW,
                permanent=True,
            )
        variables = json.dumps({"1": template_variable(text)}, ensure_ascii=False)
        return self._create(address, content_sid=template, content_variables=variables)

    def _create(self, address: str, **content: str) -> str:
        if self._callback:
            content["status_callback"] = self._callback
        sender = "whatsapp:" + self._settings.twilio_whatsapp_number.removeprefix("whatsapp:")
        try:
            return str(self._client.messages.create(to=f"whatsapp:{address}", from_=sender, **content).sid)
        except (TwilioException, requests.RequestException) as error:
            raise classify(error) from error

    def find_sent(self, address: str, text: str, since: dt.datetime) -> list[str]:
        """Sids of messages with this text that Twilio took for this number since then, oldest first.

        Not filtered by date at Twilio: a message still queued there has no sending date. Raises DeliveryError.
        """
        try:
            listed = self._client.messages.list(to=f"whatsapp:{address}", limit=50)
        except (TwilioException, requests.RequestException) as error:
            raise classify(error) from error
        return [
            str(message.sid)
            for message in reversed(listed)
            if str(message.direction).startswith("outbound")
            and str(message.status) not in ("failed", "undelivered", "canceled")
            and (message.date_created is None or message.date_created >= since - CLOCK_SKEW)
            and self._says(message.body or "", text)
        ]

    def _says(self, body: str, text: str) -> bool:
        filled = bool(self._settings.twilio_reengage_template) and template_variable(text) in body
        return filled or body.strip() == text.strip()


def template_variable(text: str) -> str:
    """A text as it may stand in a template: one line, no runs of blanks, at most 900 characters."""
    line = " ".join(text.split())
    return line if len(line) <= TEMPLATE_VARIABLE else line[: TEMPLATE_VARIABLE - 1].rstrip() + "…"


def _window_is_open(last_inbound_at: dt.datetime | None) -> bool:
    return last_inbound_at is not None and dt.datetime.now(dt.UTC) - last_inbound_at < WINDOW


def classify(error: Exception) -> DeliveryError:
    """What a failed call to Twilio means for the message; the text carries no phone number."""
    status = getattr(error, "status", None)
    if status is None:
        return DeliveryError(f"Twilio did not answer: {type(error).__name__}", unknown=not _was_refused(error))
    code = getattr(error, "code", None) or status
    text = mask(f"Twilio answered {status}: {getattr(error, 'msg', None) or getattr(error, 'title', '')}")
    if status == 429 or code in RATE_LIMITS:
        return DeliveryError(text, code=code)
    if status >= 500:
        return DeliveryError(text, code=code, unknown=True)  # it may have taken the message before it failed
    # Wrong credentials are the operator's to mend: the message waits, all others are wrong in themselves.
    return DeliveryError(text, code=code, permanent=status not in (401, 403, 408))


def _was_refused(error: Exception) -> bool:
    # No connection, so no request: the message is certainly not there.
    seen: list[Any] = [error]
    while seen:
        cause = seen.pop()
        if isinstance(cause, (NewConnectionError, ConnectTimeoutError, requests.ConnectTimeout)):
            return True
        seen += [arg for arg in getattr(cause, "args", ()) if isinstance(arg, Exception)]
        seen += [cause.reason] if isinstance(getattr(cause, "reason", None), Exception) else []
    return False

"""Ready means: a real question has been answered through the whole path."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import requests

from errors import SapaError
from office.catalogue import Catalogue
from settings import Settings
from supervision import Supervisor

READY_WITHIN = 240
SAY_EVERY = 10.0

http = requests.Session()
http.trust_env = False  # our own address is never reached over a proxy
http.headers["Connection"] = "close"  # an idle connection would hold up the end of the web process


@dataclass(frozen=True)
class Probe:
    """A question whose answer has to name an office."""

    text: str
    office: str


def probe(settings: Settings) -> Probe:
    """Asks for the default office's hours. Raises SapaError where the catalogue is broken or has no such office."""
    agencies = Catalogue.load().agencies
    if settings.default_agency not in agencies:
        known = ", ".join(agencies)
        raise SapaError(
            f"SAPA_DEFAULT_AGENCY: no catalogue file is called {settings.default_agency!r}; there are {known}"
        )
    name = agencies[settings.default_agency].name.id
    return Probe(f"jam buka {name}", name)


def wait_until_answered(settings: Settings, asked: Probe, supervisor: Supervisor, say: Callable[[str], None]) -> str:
    """Wait for all parts, then for the answer to a question; returns its first line. Raises SapaError."""
    start = said_at = time.monotonic()
    said, message_id = "", uuid.uuid4().hex
    while time.monotonic() - start < READY_WITHIN:
        supervisor.check()
        down = parts_down(settings.base_url)
        waiting_for = ", ".join(down) or "the first answer"
        if waiting_for != said or time.monotonic() - said_at > SAY_EVERY:
            say(f"waiting for {waiting_for}" if waiting_for != said else f"  still waiting for {waiting_for}")
            said, said_at = waiting_for, time.monotonic()
        if not down and (answer := _ask(settings.base_url, asked.text, message_id)):
            if asked.office in answer:
                return answer.partition("\n")[0]
            message_id = uuid.uuid4().hex  # an apology, say: the same message would get the same answer
        time.sleep(0.2)
    ends = "\n".join(supervisor.end_of_log(name) for name in down or ["worker", "engine"] if name != "database")
    raise SapaError(f"not ready after {READY_WITHIN} s, still waiting for {said}; {ends}")


def parts_down(base_url: str) -> list[str]:
    """Names of the parts that are not up."""
    try:
        parts = http.get(f"{base_url}/healthz", timeout=5).json()["parts"]
    except (requests.RequestException, ValueError, KeyError):
        return ["web"]
    return [name for name, part in parts.items() if part["status"] == "down"]


def _ask(base_url: str, text: str, message_id: str) -> str | None:
    """The answer; None where it is worth asking again, which repeats the same message."""
    body = {"sender": f"start-{message_id}", "message": text, "metadata": {"message_id": message_id}}
    try:
        response = http.post(f"{base_url}/webhooks/rest/webhook", json=body, timeout=60)
    except requests.RequestException:
        return None
    if response.status_code in (429, 503, 504):
        return None
    replies = response.json() if response.ok else None
    if not replies:
        raise SapaError(f"all parts are up, but {text!r} was not answered: {response.text[:200]}")
    return str(replies[0]["text"])

"""What the court's staff are sent: the morning digest, and calls to the courtroom until somebody answers."""

from __future__ import annotations

import datetime as dt

import structlog
from huey import crontab

from connectors import whatsapp
from errors import SapaError
from office.court import calls, digest, letters
from settings import get_settings
from storage.court.staff import StaffView
from storage.tables import now
from tasks.delivery import deliver
from tasks.queue import huey

log = structlog.get_logger(__name__)


@huey.periodic_task(crontab(minute="*/5"))
def remind() -> None:
    """Every five minutes: reminders follow the mirror and the register; in the morning everybody is told once."""
    if whatsapp.missing_settings(get_settings()):
        return  # nobody could be told; what is noted as sent would come in a heap on the day it is connected
    sent = digest.morning(now())
    for outbox_id in sent:
        deliver(outbox_id)
    if sent:
        log.info("staff_digest", messages=len(sent))


@huey.periodic_task(crontab())
def pursue_calls() -> None:
    """Every minute: calls that nobody has answered go a step further."""
    for outbox_id in calls.pursue(now()):
        deliver(outbox_id)


def call(case: str, room: str, at: dt.datetime | None, to: list[StaffView] | None) -> int:
    """Calls the judges of a case, or the people of `to`, into a room; how many are called. Raises SapaError."""
    if missing := whatsapp.missing_settings(get_settings()):
        raise SapaError(f"WhatsApp is off, nobody can be called; these settings are missing: {', '.join(missing)}")
    sent = calls.call(case, room, at, to)
    for outbox_id in sent:
        deliver(outbox_id)
    return len(sent)


def dispose(letter_id: int, to: str) -> StaffView:
    """Gives a letter to a person (id or number), who is told at once where WhatsApp is on. Raises SapaError."""
    off = bool(whatsapp.missing_settings(get_settings()))
    person, outbox_id = letters.dispose(letter_id, to, tell=not off)
    if outbox_id is not None:
        deliver(outbox_id)
    return person

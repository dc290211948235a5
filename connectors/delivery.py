"""Delivery of one stored message: what is tried, what follows on each outcome."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import structlog

from connectors.whatsapp import RATE_LIMITS
from errors import DeliveryError
from storage import outbox, statuses

log = structlog.get_logger(__name__)

PATIENCE = 45.0
"""Seconds after which a message that somebody is sending counts as of unknown outcome; above Twilio's time limits."""
PAUSES = (5.0, 15.0, 45.0, 120.0, 300.0, 900.0, 3600.0)
"""Seconds before each further attempt; after the last one the message is a dead letter."""


class Sends(Protocol):
    """What a provider's sender can do: connectors.whatsapp.Sender."""

    def send(self, address: str, text: str, last_inbound_at: dt.datetime | None) -> str: ...

    def find_sent(self, address: str, text: str, since: dt.datetime) -> list[str]: ...


def deliver_next(conversation_id: int, sender: Sends) -> float | None:
    """Sends the conversation's oldest due message.

    Returns None when nothing was due, 0.0 when the next may follow at once, else the seconds until it is worth looking.
    """
    letter = outbox.claim(conversation_id, PATIENCE)
    if letter is None:
        return None
    unknown = letter.asked_since is not None
    try:
        sid = _already_sent(letter, sender)
        unknown = False
        sid = sid or sender.send(letter.address, letter.text, letter.last_inbound_at)
    except DeliveryError as error:
        return _failed(letter, error, unknown or error.unknown)
    standing = statuses.mark_sent(letter.id, sid)
    log.info("outbox_sent", outbox_id=letter.id, attempts=letter.attempts)
    return _after_status(standing)


def _already_sent(letter: outbox.Letter, sender: Sends) -> str | None:
    if letter.asked_since is None:
        return None
    found = sender.find_sent(letter.address, letter.text, letter.asked_since)
    ours = outbox.provider_ids_in_use(found)  # the same words may have been sent before
    return next((sid for sid in found if sid not in ours), None)


def _failed(letter: outbox.Letter, error: DeliveryError, unknown: bool) -> float:
    if error.permanent and not unknown:
        outbox.fail(letter.id, "failed", code=error.code, error=str(error))
        log.error("outbox_failed", outbox_id=letter.id, code=error.code)
        return 0.0
    pause = pause_after(letter.attempts)
    if pause is None:
        outbox.fail(letter.id, "dead", code=error.code, error=str(error))
        log.error("outbox_dead", outbox_id=letter.id, code=error.code, attempts=letter.attempts)
        return 0.0
    outbox.try_later(letter.id, pause, unknown=unknown, code=error.code, error=str(error))
    log.warning("outbox_postponed", outbox_id=letter.id, code=error.code, pause=pause, unknown=unknown)
    return pause


def pause_after(attempts: int) -> float | None:
    """Seconds to wait after so many attempts, None when they are used up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def status_arrived(provider_id: str, status: str, error_code: int | None) -> tuple[int, float] | None:
    """Records a callback; returns (outbox id, pause) when the message is to be sent anew. Raises StorageError."""
    standing = statuses.record(provider_id, status, error_code)
    log.info("outbox_status", outbox_id=standing and standing.outbox_id, status=status, code=error_code)
    if standing is None:
        return None
    pause = _after_status(standing)
    return (standing.outbox_id, pause) if pause else None


def _after_status(standing: statuses.Standing) -> float:
    # Twilio takes a message and tells only later that it was one too many in this second: that one is worth repeating.
    hasty = standing.status in ("failed", "undelivered") and standing.error_code in RATE_LIMITS
    pause = pause_after(standing.attempts) if standing.changed and hasty else None
    if pause is None:
        return 0.0
    statuses.requeue(standing.outbox_id, pause)
    return pause

"""What goes out: the outbox to the provider, in order per conversation, and what the provider says of it."""

from __future__ import annotations

import threading
from functools import lru_cache

import structlog

from connectors import delivery, whatsapp
from settings import get_settings
from storage import outbox
from tasks.queue import drain, huey, queued

log = structlog.get_logger(__name__)

BITE = 40
"""Tasks in the queue up to which posts to the guides' group are put into it: what a citizen or a guide writes is not to
wait behind a post to two hundred guides."""
NEXT_BITE = 1.0
"""Seconds."""

_spreading = threading.Lock()


@huey.task()
def deliver(outbox_id: int, most: int | None = None) -> None:
    """Sends a message, and what else is due in its conversation, in order; `most` of them, then others have a turn."""
    conversation_id = outbox.conversation_of(outbox_id)
    if conversation_id is None or whatsapp.missing_settings(get_settings()):
        return
    pause = drain(
        f"delivery-{conversation_id}",
        lambda: outbox.is_due(conversation_id),
        lambda: delivery.deliver_next(conversation_id, sender()),
        most,
    )
    if pause:
        deliver.schedule((outbox_id, most), delay=pause)
    elif pause is not None:
        deliver(outbox_id, most)


def deliver_soon(outbox_id: int) -> None:
    """Puts a stored message into the queue; should that fail, the sweep finds it."""
    try:
        deliver(outbox_id)
    except Exception as error:  # whatever queue it is and however it fails: the message is stored
        log.error("enqueue_failed", outbox_id=outbox_id, error=type(error).__name__)


@huey.task()
def spread() -> None:
    """Hands what is due for WhatsApp over to delivery: messages to people at once, posts while the queue is short.

    What the queue holds already is not put into it again. Two workers may do so at the same moment: the second task
    then finds nothing due.
    """
    if whatsapp.missing_settings(get_settings()):
        return
    with _spreading:
        due = outbox.due([whatsapp.CHANNEL], besides={call[0] for call in queued(deliver)})
        for outbox_id in due.people:
            deliver(outbox_id)
        room = max(BITE - huey.pending_count(), 0)
        for outbox_id in due.posts[:room]:
            deliver(outbox_id, most=1)
        if len(due.posts) > room and not (queued(spread) or queued(spread, scheduled=True)):
            spread.schedule(delay=NEXT_BITE)


def spread_soon() -> None:
    """Has what was just stored handed over; a task that waits for its turn will see it too."""
    if not queued(spread):
        spread()


def status_arrived(provider_id: str, status: str, error_code: int | None) -> None:
    """Records a status callback; the handler that connectors are given. Raises StorageError."""
    again = delivery.status_arrived(provider_id, status, error_code)
    if again:
        outbox_id, pause = again
        deliver.schedule((outbox_id,), delay=pause)


def resend(outbox_id: int) -> bool:
    """Sends a dead letter again; False where there is no such dead letter. Raises StorageError."""
    found = outbox.revive(outbox_id)
    if found:
        deliver(outbox_id)
    return found


@lru_cache(maxsize=1)
def sender() -> whatsapp.Sender:
    """Twilio's client of this process."""
    return whatsapp.Sender(get_settings())

"""Notices to those who follow a case: planned every minute and after each synchronisation, then sent."""

from __future__ import annotations

import datetime as dt

import structlog
from huey import crontab
from huey.exceptions import TaskLockedException

from connectors import whatsapp
from office.court import notices
from office.court.telling import Source
from settings import get_settings
from storage.court import cases
from storage.database import StorageError
from tasks import queue
from tasks.delivery import deliver
from tasks.queue import huey

log = structlog.get_logger(__name__)

BITE = 40
"""Notices that are handed over to delivery at a time, and tasks that may wait in the queue meanwhile: citizens who ask
something are not to wait behind a thousand notices."""
NEXT_BITE = 1.0
"""Seconds."""


def clock() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)


@huey.periodic_task(crontab())
def plan() -> None:
    """Every minute, and after each synchronisation: notices are made of what has changed, and those due are sent."""
    events = notices.plan(clock())
    if events:
        log.info("notices_planned", events=events)
    if not whatsapp.missing_settings(get_settings()):  # else they wait, and what is over by then is dropped
        send()


@huey.task()
def send() -> None:
    """Writes what is due, a bite at a time."""
    try:
        with huey.lock_task("notices", queue.LOCK_TTL if queue.locks_can_expire() else None):
            left = _send_bite(clock())
    except TaskLockedException:
        return  # its holder goes on until nothing is left
    if left:
        send.schedule(delay=NEXT_BITE)


def _send_bite(moment: dt.datetime) -> bool:
    room = BITE - huey.pending_count()
    found = notices.due(moment, BITE)
    if not found:
        return False
    source = Source(cases.as_of(), cases.demonstration())
    for follow_id in found[: max(room, 0)]:
        try:
            outbox_id = notices.write(follow_id, moment, source)
        except StorageError:
            raise  # the next minute tries again
        except Exception as error:  # a mistake of ours: it must not hold up all others for ever
            log.error("notice_failed", follow_id=follow_id, error=type(error).__name__)
            notices.drop(follow_id, moment)
            continue
        if outbox_id is not None:
            log.info("notice_written", follow_id=follow_id, outbox_id=outbox_id)
            deliver(outbox_id)  # should it get lost, the sweep finds the message in the outbox
    return True

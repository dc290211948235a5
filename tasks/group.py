"""The guides' group: new questions are announced, patience ends, posts go out a bite at a time, months are told of."""

from __future__ import annotations

import structlog
from huey import crontab
from huey.exceptions import TaskLockedException

from connectors import whatsapp
from office.group import clock, desk, figures, membership
from office.opening import now
from settings import get_settings
from storage import outbox
from storage.database import StorageError
from storage.group import members
from tasks import queue
from tasks.delivery import deliver_soon
from tasks.queue import huey

log = structlog.get_logger(__name__)

BITE = 40
"""Posts handed over to delivery at a time, and tasks that may wait in the queue meanwhile: a citizen's message is not
to wait behind a post to two hundred guides."""
NEXT_BITE = 1.0
"""Seconds."""


def announce_new() -> None:
    """After every answer of the bot: a question that was agreed to in it reaches the group at once."""
    try:
        new = clock.announce_new(now(), _failed)
    except StorageError as error:  # the answer itself is stored; the next minute announces it
        log.warning("group_not_told", error=str(error))
        return
    if new:
        spread()


def _failed(question_id: int, error: Exception) -> None:
    log.error("group_question_failed", question_id=question_id, error=type(error).__name__)


@huey.periodic_task(crontab())
def tick() -> None:
    """Every minute: what is due is taken a step further."""
    touched = clock.tick(now(), _failed)
    if touched:
        log.info("group_tick", questions=touched)
        spread()


@huey.task()
def spread() -> None:
    """Hands what is due for WhatsApp over to delivery, a bite at a time."""
    if whatsapp.missing_settings(get_settings()):
        return
    try:
        with huey.lock_task("group-posts", queue.LOCK_TTL if queue.locks_can_expire() else None):
            room = max(BITE - huey.pending_count(), 0)
            due = outbox.due([whatsapp.CHANNEL], limit=room + 1)
            for outbox_id in due[:room]:
                deliver_soon(outbox_id)
    except TaskLockedException:
        return  # its holder goes on until nothing is left
    if len(due) > room:
        spread.schedule(delay=NEXT_BITE)


@huey.periodic_task(crontab(minute="10", hour="1"))
def tell_of_month() -> None:
    """Every morning at 08:10 in Mojokerto (huey counts in UTC): guides are told of last month, once each."""
    sent = figures.tell_of_last_month(now())
    if sent:
        log.info("group_digest", guides=sent)
        spread()


def accept(member_id: int, experienced: bool) -> bool:
    """Takes an applicant in and welcomes them; False where nobody with this id has applied. Raises StorageError."""
    member = members.accept(member_id, experienced, membership.welcome, templates=desk.templates())
    if member is None:
        return False
    spread()
    return True

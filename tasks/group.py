"""The guides' group: new questions are announced, patience ends, months are told of."""

from __future__ import annotations

import structlog
from huey import crontab

from office.group import clock, desk, figures, membership
from office.opening import now
from storage.database import StorageError
from storage.group import members
from tasks.delivery import spread_soon
from tasks.queue import huey

log = structlog.get_logger(__name__)


def announce_new() -> None:
    """After every answer of the bot: a question that was agreed to in it reaches the group at once."""
    try:
        new = clock.announce_new(now(), _failed)
    except StorageError as error:  # the answer itself is stored; the next minute announces it
        log.warning("group_not_told", error=str(error))
        return
    if new:
        spread_soon()


def _failed(question_id: int, error: Exception) -> None:
    log.error("group_question_failed", question_id=question_id, error=type(error).__name__)


@huey.periodic_task(crontab())
def tick() -> None:
    """Every minute: what is due is taken a step further."""
    touched = clock.tick(now(), _failed)
    if touched:
        log.info("group_tick", questions=touched)
        spread_soon()


@huey.periodic_task(crontab(minute="10", hour="1"))
def tell_of_month() -> None:
    """Every morning at 08:10 in Mojokerto (huey counts in UTC): guides are told of last month, once each."""
    sent = figures.tell_of_last_month(now())
    if sent:
        log.info("group_digest", guides=sent)
        spread_soon()


def accept(member_id: int, experienced: bool) -> bool:
    """Takes an applicant in and welcomes them; False where nobody with this id has applied. Raises StorageError."""
    member = members.accept(member_id, experienced, membership.welcome, templates=desk.templates())
    if member is None:
        return False
    spread_soon()
    return True

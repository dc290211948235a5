"""The mirror of the court's cases is brought up to SIPP every few minutes, and compared as a whole every night."""

from __future__ import annotations

import structlog
from huey import crontab

from errors import SapaError
from office.court.sync import SyncRunning, full_is_due, synchronise
from settings import get_settings
from storage.tables import now
from tasks import notices
from tasks.queue import huey

log = structlog.get_logger(__name__)


def _interval() -> str:
    minutes = get_settings().sipp_interval
    return f"*/{minutes}" if minutes < 60 else "0"


@huey.periodic_task(crontab(minute=_interval()))
def sync_court() -> None:
    """Brings the mirror up to SIPP; what fails is recorded, and the next tick tries again."""
    try:
        report = synchronise(full=full_is_due(now()))
    except SyncRunning:
        return
    except SapaError as error:
        log.error("sipp_sync_failed", error=str(error))
        return
    log.info(
        "sipp_sync",
        full=report.full,
        cases=report.cases,
        changes=report.changes,
        events=report.events,
        seconds=round(report.seconds, 1),
    )
    if report.events:
        notices.plan()

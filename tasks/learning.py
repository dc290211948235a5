"""The harvest: what the engine's memory says of each message goes into the database, and what is worth it into the
inbox; every night another model is asked for its opinion."""

from __future__ import annotations

import os
from pathlib import Path

import structlog
from huey import crontab
from huey.exceptions import TaskLockedException

from errors import ModelError
from office.console import inbox
from settings import get_settings
from storage import trackers
from storage.console import understandings
from storage.console.understandings import Harvested, Understood
from storage.trackers import TrackerEvent
from tasks.conversations import TRACKER_URL
from tasks.queue import huey, locks_can_expire
from training import active
from training.vocabulary import Vocabulary, vocabulary

log = structlog.get_logger(__name__)

BITE = 500
"""Messages in one transaction."""
BITES = 40
"""In one minute, so that a long memory does not keep a thread of the worker busy."""
LOOK_BACK = 1000
"""Ids before the mark that are read again: in PostgreSQL an event may be committed after one with a higher id."""
LOCK_TTL = 300


@huey.periodic_task(crontab())
def harvest() -> None:
    """Every minute: what the engine has understood since."""
    url = os.environ.get(TRACKER_URL)
    if not url:
        return
    try:
        with huey.lock_task("harvest", LOCK_TTL if locks_can_expire() else None):
            new = take_in(url)
    except TaskLockedException:
        return  # the one before is still at it
    if new:
        log.info("harvest", messages=new)


def take_in(url: str) -> int:
    """Reads on from the mark until nothing is left, at most `BITES` bites; how many messages are new.

    Raises StorageError; what was read up to then is stored.
    """
    model = _model(get_settings().data_dir)
    mark, newest = understandings.mark(), trackers.newest_id(url)
    mark = min(mark, newest)  # a store that was begun anew counts from 1 again
    after, new = max(mark - LOOK_BACK, 0), 0
    for _ in range(BITES):
        events = trackers.user_events(url, after, BITE)
        after = events[-1].id if events else after
        found = [one for event in events for one in _harvested(url, event, model, vocabulary())]
        new += understandings.store(found, max(mark, after))
        if len(events) < BITE:
            break
    return new


def _harvested(url: str, event: TrackerEvent, model: str | None, words: Vocabulary) -> list[Harvested]:
    said = inbox.read(event, model)
    if said is None:
        return []
    found = [Harvested(said, inbox.filing(said, words))]
    if said.intent == inbox.DENY:
        before = inbox.rejected(trackers.events_before(url, event.sender, event.id, inbox.LOOKED_BACK))
        wrong: Understood | None = inbox.read(before, model) if before else None
        if wrong:
            found.append(Harvested(wrong, inbox.filing(wrong, words, is_rejected=True), rejected=True))
    return found


def _model(data_dir: Path) -> str | None:
    try:
        chosen = active.read(data_dir)
    except ModelError:
        return None
    return chosen.model if chosen else None

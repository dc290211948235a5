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
from storage.console import review, understandings
from storage.console.understandings import Harvested, Understood
from storage.database import StorageError
from storage.trackers import TrackerEvent
from tasks.conversations import TRACKER_URL
from tasks.queue import huey, locks_can_expire
from training import active
from training.opinions import opinions
from training.vocabulary import Vocabulary, vocabulary

log = structlog.get_logger(__name__)

BITE = 500
"""Messages in one transaction."""
BITES = 40
"""In one minute, so that a long memory does not keep a thread of the worker busy."""
LOOK_BACK = 1000
"""Ids before the mark that are read again: in PostgreSQL an event may be committed after one with a higher id."""
LOCK_TTL = 300
COMPARED = 2000
"""Items that wait, and messages beside them, that another model is asked about: half a minute of a processor."""
COMPARING_TTL = 1200


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
        words = vocabulary()
        found = [one for event in events for one in _harvested(url, event, model, words)]
        new += understandings.store(found, max(mark, after))
        if len(events) < BITE:
            break
    return new


def _harvested(url: str, event: TrackerEvent, model: str | None, words: Vocabulary) -> list[Harvested]:
    try:
        return _read(url, event, model, words)
    except StorageError:
        raise
    except Exception as error:  # one event that nobody foresaw must not stop all that come after it
        log.error("event_not_read", event_id=event.id, error=type(error).__name__)
        return []


def _read(url: str, event: TrackerEvent, model: str | None, words: Vocabulary) -> list[Harvested]:
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


@huey.periodic_task(crontab(minute="40", hour="18"))
def compare() -> None:
    """Every night at 01:40 in Mojokerto (huey counts in UTC)."""
    try:
        with huey.lock_task("compare-models", COMPARING_TTL if locks_can_expire() else None):
            differing = compare_open_items(get_settings().data_dir)
    except ModelError as error:
        log.error("models_not_compared", error=str(error))
        return
    except TaskLockedException:
        return
    if differing is not None:
        log.info("models_compared", differing=differing)


def compare_open_items(data_dir: Path) -> int | None:
    """Asks the newest model that does not answer citizens about what waits in the inbox and the newest messages beside.

    Where it understands another intent the item says so, and a message becomes an item. How many that are; None where
    no other model lies there. Raises ModelError, StorageError.
    """
    answering = _model(data_dir)
    other = next((file for file in active.present(data_dir) if active.name_of(file) != answering), None)
    if other is None or answering is None:
        return None
    waiting = review.waiting(COMPARED)
    others = [said for said in understandings.newest_unfiled(COMPARED) if inbox.reviewable(said.text)]
    parsed = opinions(other, [item.text for item in waiting] + [said.text for said in others], data_dir)
    said_of = [one["intent"]["name"] for one in parsed]
    differing = {
        item.id: intent for item, intent in zip(waiting, said_of, strict=False) if _differ(intent, item.intent)
    }
    review.note_other_intents(differing)
    filings = {
        said.inbound_id: filing
        for said, intent in zip(others, said_of[len(waiting) :], strict=True)
        if _differ(intent, said.intent) and (filing := inbox.filing(said, vocabulary(), other_intent=intent))
    }
    understandings.file_later(filings)
    return len(differing) + len(filings)


def _differ(one: str | None, other: str) -> bool:
    """A model that does not understand has no opinion."""
    return one is not None and one != other and inbox.FALLBACK not in (one, other)

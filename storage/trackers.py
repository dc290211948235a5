"""Rasa's tracker store: the engine writes it, this project reads it and lets it forget.

The table `events` with its column `timestamp` (seconds since 1970) is Rasa's own (`SQLTrackerStore.SQLEvent`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from storage.database import StorageError, connect

BITE = 500


@dataclass(frozen=True)
class TrackerEvent:
    """One event of a conversation; `data` as Rasa writes it, empty where that is no JSON object."""

    id: int
    sender: str
    data: dict[str, Any]


def forget_before(url: str, moment: dt.datetime) -> int:
    """Deletes what conversations in the tracker store at `url` held before `moment`; returns how many events."""
    return _forget(url, "timestamp < :which", moment.timestamp())


def forget(url: str, sender: str) -> int:
    """Deletes all that the tracker store at `url` holds of one conversation; returns how many events."""
    return _forget(url, "sender_id = :which", sender)


def events(url: str, sender: str) -> list[dict[str, Any]]:
    """All that the tracker store at `url` holds of one conversation, in the order of time."""
    with _store(url) as engine:
        if engine is None:
            return []
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT data FROM events WHERE sender_id = :s ORDER BY id"), {"s": sender})
            return [json.loads(data) for (data,) in rows]


def newest_id(url: str) -> int:
    """The highest id of an event in the tracker store at `url`, 0 while it is empty. Raises StorageError."""
    with _store(url) as engine:
        if engine is None:
            return 0
        with engine.connect() as connection:
            return connection.execute(text("SELECT max(id) FROM events")).scalar() or 0


def user_events(url: str, after: int, limit: int) -> list[TrackerEvent]:
    """What citizens said in events with an id above `after`, by id, at most `limit`. Raises StorageError."""
    wanted = "id > :after AND type_name = 'user' ORDER BY id LIMIT :limit"
    return _read(url, wanted, {"after": after, "limit": limit})


def events_before(url: str, sender: str, event_id: int, limit: int) -> list[TrackerEvent]:
    """The last events of a conversation before one of them, in the order of time. Raises StorageError."""
    wanted = "sender_id = :sender AND id < :before ORDER BY id DESC LIMIT :limit"
    return _read(url, wanted, {"sender": sender, "before": event_id, "limit": limit})[::-1]


def _read(url: str, wanted: str, values: dict[str, Any]) -> list[TrackerEvent]:
    with _store(url) as engine:
        if engine is None:
            return []
        with engine.connect() as connection:
            rows = connection.execute(text(f"SELECT id, sender_id, data FROM events WHERE {wanted}"), values)
            return [TrackerEvent(event_id, sender, _object(data)) for event_id, sender, data in rows]


def _object(data: str | None) -> dict[str, Any]:
    try:
        found = json.loads(data or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _forget(url: str, condition: str, which: float | str) -> int:
    # In small bites, so that the engine does not wait behind it.
    bite = text(f"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE {condition} LIMIT {BITE})")
    deleted = 0
    with _store(url) as engine:
        while engine is not None:
            with engine.execution_options(write=True).begin() as connection:
                gone = int(connection.execute(bite, {"which": which}).rowcount)
            deleted += gone
            if gone < BITE:
                break
    return deleted


@contextmanager
def _store(url: str) -> Iterator[Engine | None]:
    engine = connect(url)
    try:
        yield engine if inspect(engine).has_table("events") else None
    except SQLAlchemyError as error:
        raise StorageError(f"The tracker store failed: {type(error).__name__}") from error
    finally:
        engine.dispose()

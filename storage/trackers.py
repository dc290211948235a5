"""Rasa's tracker store: the engine writes it, this project only lets it forget.

The table `events` with its column `timestamp` (seconds since 1970) is Rasa's own (`SQLTrackerStore.SQLEvent`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from storage.database import StorageError, connect

BITE = 500


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

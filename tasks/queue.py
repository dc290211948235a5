"""The worker's queue: huey on SQLite or Redis, and work under a lock per conversation."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from huey import RedisExpireHuey, SqliteHuey
from huey.api import Huey, TaskWrapper
from huey.exceptions import TaskLockedException
from huey.storage import SqliteStorage

from settings import get_settings

LOCK_TTL = 75
"""Seconds; longer than one message can take: three calls of the engine, or of Twilio."""
LOOK_AGAIN = 3.0


class QueueStorage(SqliteStorage):
    """Huey's SQLite storage without a disk flush for every step: the sweep rebuilds the queue from the database."""

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        connection.execute("pragma synchronous=normal")
        return connection


def _queue() -> Huey:
    settings = get_settings()
    # Instances that share a Redis must not take each other's tasks; their databases tell them apart.
    name = f"sapa{zlib.crc32(settings.storage_url.encode()):08x}"
    if settings.redis_url:
        # The storage with expiry: on it locks may have a time to live with any version of Redis.
        return RedisExpireHuey(name, url=settings.redis_url, results=False)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    file = settings.data_dir / "queue.sqlite3"
    return SqliteHuey(name, filename=str(file), results=False, storage_class=QueueStorage, timeout=15)


huey = _queue()


def consumer_options() -> list[str]:
    """Arguments of `huey_consumer tasks.queue.huey`: threads, polling every 20-50 ms, a graceful end on SIGTERM."""
    workers = str(get_settings().workers)
    return ["-w", workers, "-d", "0.02", "-b", "1.2", "-m", "0.05", "-g", "TERM", "-t", "15", "-q", "-S"]


def locks_can_expire() -> bool:
    return not isinstance(huey.storage, SqliteStorage)


def queued(task: TaskWrapper, *, scheduled: bool = False) -> set[tuple[Any, ...]]:
    """The arguments of this task's calls that wait in the queue, or else those that are to come into it later."""
    storage, kind = huey.storage, task.task_class
    items = storage.scheduled_items() if scheduled else storage.enqueued_items()
    calls = map(huey.serializer.deserialize, items)  # as messages: not every process knows every task
    return {call.args for call in calls if call.name == f"{kind.__module__}.{kind.__name__}"}


def drain(
    lock: str, waits: Callable[[], bool], step: Callable[[], float | None], most: int | None = None
) -> float | None:
    """Takes `step` after `step` under the lock while something waits; returns seconds until it is worth coming back.

    At most so many steps: 0.0 then where something still waits, and None where nothing does.
    Looked at again after every release: whoever found the lock taken in between has gone away, his message is ours.
    """
    taken = 0
    while waits():
        if taken == most:
            return 0.0
        taken += 1
        try:
            with huey.lock_task(lock, LOCK_TTL if locks_can_expire() else None):
                pause = step()
        except TaskLockedException:
            return LOOK_AGAIN  # its holder looks again by itself, unless it was killed
        if pause:
            return pause
    return None

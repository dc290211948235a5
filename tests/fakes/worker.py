"""The real worker with short periods, so that a test need not wait minutes for what a kill left behind.

For notices it is always ten in the morning: tests run at night too. It never looks into SIPP: tests fill the mirror.
"""

import datetime as dt
import threading
import time

import worker
from connectors import delivery
from office import opening
from office.court.sync import SyncRunning
from tasks import conversations, court, group, notices, queue

delivery.PATIENCE = 4.0
queue.LOCK_TTL = 4
notices.clock = lambda: dt.datetime.combine(opening.now().date(), dt.time(10), opening.WIB)


def _no_look(full: bool) -> None:
    raise SyncRunning("left to the test")


court.synchronise = _no_look


def _sweep_often() -> None:
    while True:
        time.sleep(1.0)
        try:
            conversations.sweep.call_local()
            notices.plan.call_local()
            group.tick.call_local()
        except Exception as error:  # a server that is away for a moment is no reason to end
            print("sweep failed:", type(error).__name__, flush=True)


if __name__ == "__main__":
    threading.Thread(target=_sweep_often, daemon=True).start()
    worker.main()

"""The real worker with short periods, so that a test need not wait minutes for what a kill left behind."""

import threading
import time

import worker
from connectors import delivery
from tasks import conversations, queue

delivery.PATIENCE = 4.0
queue.LOCK_TTL = 4


def _sweep_often() -> None:
    while True:
        time.sleep(1.0)
        try:
            conversations.sweep.call_local()
        except Exception as error:  # a server that is away for a moment is no reason to end
            print("sweep failed:", type(error).__name__, flush=True)


if __name__ == "__main__":
    threading.Thread(target=_sweep_often, daemon=True).start()
    worker.main()

"""The worker process: huey's consumer with this project's tasks."""

import sys

from huey.bin.huey_consumer import consumer_main

from connectors import logs
from settings import get_settings
from tasks import conversations, court, delivery, group, learning, models, notices, queue, staff

TASKS = (conversations, court, delivery, group, learning, models, notices, staff)
"""Modules whose tasks the queue has to know."""


def main() -> None:
    """Take tasks until SIGTERM."""
    logs.configure(get_settings().log_level)
    sys.argv = ["huey_consumer", "tasks.queue.huey", *queue.consumer_options()]
    consumer_main()


if __name__ == "__main__":
    main()

"""What a figure was measured on."""

import datetime as dt
import os
import platform

import psutil


def machine() -> str:
    """One line: day, processors, memory, Python."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{dt.date.today()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"

"""Python processes that Sapa starts: what they find in their environment, and that they never outlive it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LOOPBACK = "127.0.0.1,localhost,::1"
_BOUND = (
    f"import ctypes,os,sys;ctypes.CDLL(None).prctl({PR_SET_PDEATHSIG},{signal.SIGTERM:d});"
    "os.execv(sys.argv[1],sys.argv[1:])"
)


def ending_with_us() -> Callable[[], None]:
    """For `preexec_fn`: has the kernel send the new process SIGTERM when this one is gone, however that ended."""
    parent = os.getpid()

    def end_with_parent() -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was killed a moment ago, and the kernel tells of it no more
            os._exit(1)

    return end_with_parent


def bound(*command: str) -> list[str]:
    """The command, ending with its parent; for processes that others than we start."""
    return [sys.executable, "-IS", "-c", _BOUND, *command]


def environment(data_dir: Path) -> dict[str, str]:
    """Environment for a child."""
    given = dict(os.environ)
    if given.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Compiling Rasa and all that it imports takes three times as long as importing it. Where the environment was
        # installed without bytecode, and nothing may be written beside the sources, it goes to the data folder.
        given.setdefault("PYTHONPYCACHEPREFIX", str(data_dir / "bytecode"))
    for name in ("no_proxy", "NO_PROXY"):  # a proxy of the office must not be asked for our own inner servers
        given[name] = ",".join(filter(None, (given.get(name), LOOPBACK)))
    return given | {
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }

"""`sapa run`: storage, model, then all processes under one supervisor, until a question is answered."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from errors import SapaError, SippError
from office.court.sync import synchronise
from readiness import probe, wait_until_answered
from settings import Settings
from storage.database import migrate
from supervision import supervised
from training.start import at_start
from training.train import forget_old


class Interrupted(BaseException):
    """SIGINT or SIGTERM has come; like KeyboardInterrupt, no `except Exception` underneath may swallow it."""


_interrupted = threading.Event()


def run(settings: Settings) -> None:
    """Start everything and stay until SIGINT or SIGTERM. Raises SapaError when the start is impossible."""
    started = time.monotonic()

    def say(line: str) -> None:
        if _interrupted.is_set():  # an exception raised while another process is being forked is swallowed by Python
            raise Interrupted
        print(f"[{time.monotonic() - started:5.1f} s] {line}", flush=True)

    _raise_on_signals()
    with contextlib.suppress(Interrupted), only_instance(settings.data_dir) as lock:
        require_free(settings)
        question = probe(settings)
        say("storage")
        migrate(settings.storage_url, say)
        show_demonstration(settings, say)
        model = at_start(settings.data_dir, say)
        forget_old(model)
        with supervised(settings, model, lock) as supervisor:
            say("starting web, engine, actions and worker")
            say(f"answered {question.text!r}: {wait_until_answered(settings, question, supervisor, say)}")
            logs = settings.data_dir / "logs"
            print(f"\nSapa is ready at {settings.base_url}  (Ctrl-C stops it; logs: {logs})", flush=True)
            supervisor.process.wait()
            supervisor.check()
    print("Sapa has stopped.", flush=True)


def show_demonstration(settings: Settings, say: Callable[[str], None]) -> None:
    """Where no SIPP is set, the court's invented cases are there from the first question on."""
    if settings.sipp_url:
        return
    try:
        say(f"the court's demonstration: {synchronise().cases} invented cases")
    except SippError as error:
        say(f"no demonstration: {error}")


def _raise_on_signals() -> None:
    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _interrupted.set()
        print("\nstopping ...", flush=True)
        raise Interrupted

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    make = os.getppid()
    if _status(make).startswith("Name:\tmake"):
        threading.Thread(target=_watch, args=(make,), daemon=True).start()


def _watch(make: int) -> None:
    """Stops us with the `make` that started us: killed it cannot tell us, and GNU make that gets SIGINT alone, without
    its children (`kill -INT`, no terminal), waits for them for ever and shows it only by blocking the signal."""
    while os.getppid() == make:
        blocked = next((line for line in _status(make).splitlines() if line.startswith("SigBlk")), "SigBlk 0")
        if int(blocked.split()[1], 16) >> (signal.SIGINT - 1) & 1:
            break
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)


def _status(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/status").read_text()
    return ""


@contextlib.contextmanager
def only_instance(data_dir: Path) -> Iterator[IO[str]]:
    """Holds the data folder by a lock, and gives it. Raises SapaError where another holds it, or it is not writable."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "run.lock").open("w")
    except OSError as error:
        raise SapaError(
            f"SAPA_DATA_DIR {data_dir} cannot be written: {error.strerror}; choose another folder"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SapaError(
                f"another Sapa already runs on {data_dir}; stop it, or set SAPA_DATA_DIR and SAPA_PORT"
            ) from error
        yield lock


def require_free(settings: Settings) -> None:
    """Raises SapaError when the outer port cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SapaError(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}); set SAPA_HOST or SAPA_PORT"
            ) from error

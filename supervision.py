"""The four processes under supervisord: their commands, inner ports and logs."""

from __future__ import annotations

import configparser
import contextlib
import random
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import children
from errors import SapaError
from settings import ROOT, Settings

INNER_PORTS = range(20_000, 32_000)
"""Below those that the kernel lends to outgoing connections: nobody takes a port while its process restarts."""
GROUPS = {"back": ("engine", "actions"), "front": ("web", "worker")}
"""Started in this order and stopped in the other one, each group at once."""
CRASHES = 3
"""Ends of one process during the start after which waiting on is no use."""


class Supervisor:
    """supervisord and what it logs."""

    def __init__(self, process: subprocess.Popen[bytes], logs: Path, logged_before: int):
        self.process = process
        self._logs = logs
        self._logged_before = logged_before

    def check(self) -> None:
        """Raises SapaError, with the end of the log, when supervisord has ended or a process ends again and again."""
        if self.process.poll() is not None:
            raise SapaError(f"the supervisor has ended by itself; {self.end_of_log('supervisor')}")
        with (self._logs / "supervisor.log").open(encoding="utf-8", errors="replace") as log:
            log.seek(self._logged_before)
            ends = Counter(re.findall(r" exited: (\w+) \(", log.read()))
        for name, count in ends.items():
            if count >= CRASHES:
                raise SapaError(f"{name} cannot start; {self.end_of_log(name)}")

    def end_of_log(self, name: str, lines: int = 15) -> str:
        """Where the log of a process lies, and its last lines."""
        path = self._logs / f"{name}.log"
        with contextlib.suppress(OSError):
            text = path.read_text(encoding="utf-8", errors="replace")
            return f"the whole log is in {path}. Its end:\n" + "\n".join(text.splitlines()[-lines:])
        return f"it has written no log ({path})"


@contextlib.contextmanager
def supervised(settings: Settings, model: Path, lock: IO[str]) -> Iterator[Supervisor]:
    """The four processes under supervisord; leaving the context stops them all.

    supervisord keeps `lock` open too: the data folder stays held until the last process has ended, even if we are
    killed before.
    """
    environment = process_environment(settings)
    configuration = write_configuration(settings, model, environment)
    log = settings.data_dir / "logs" / "supervisor.log"
    with log.open("ab") as output:
        logged_before = output.tell()
        # A session of its own: Ctrl-C reaches us alone, and we stop the others in order.
        process = subprocess.Popen(
            [_bin("supervisord"), "--nodaemon", "--configuration", str(configuration)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
            pass_fds=(lock.fileno(),),
            preexec_fn=children.ending_with_us(),
        )
    try:
        yield Supervisor(process, log.parent, logged_before)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _bin(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def inner_ports(count: int) -> list[int]:
    """Ports on loopback that are free now, all different."""
    found: list[int] = []
    for port in random.sample(INNER_PORTS, len(INNER_PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise SapaError(f"no free port on 127.0.0.1 between {INNER_PORTS.start} and {INNER_PORTS.stop}")


def process_environment(settings: Settings) -> dict[str, str]:
    """Environment of the four processes: where the inner servers and the tracker are."""
    tracker = settings.database_url
    if not tracker:
        path = settings.data_dir / "tracker.sqlite3"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode=WAL")  # kept in the file: Rasa's own connections get it too
        tracker = f"sqlite:///{path}"
    engine, actions = inner_ports(2)
    return children.environment(settings.data_dir) | {
        "SAPA_HOST": settings.host,
        "SAPA_PORT": str(settings.port),
        "SAPA_DATA_DIR": str(settings.data_dir),
        "SAPA_ENGINE_URL": f"http://127.0.0.1:{engine}",
        "SAPA_ACTIONS_URL": f"http://127.0.0.1:{actions}",
        "SAPA_TRACKER_URL": tracker,
        "SANIC_HOST": "127.0.0.1",
        "SANIC_GRACEFUL_SHUTDOWN_TIMEOUT": "2",  # else it waits for idle connections; the worker asks again anyway
    }


def commands(settings: Settings, model: Path, environment: dict[str, str]) -> dict[str, list[str]]:
    """The command of each process."""
    python = sys.executable
    engine = str(urlsplit(environment["SAPA_ENGINE_URL"]).port)
    actions = str(urlsplit(environment["SAPA_ACTIONS_URL"]).port)
    run = [python, "engine.py", "run", "--enable-api", "--interface", "127.0.0.1", "--port", engine]
    run += ["--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    return {
        "engine": run,
        "actions": [python, "-m", "rasa_sdk", "--actions", "actions", "--port", actions],
        "web": [_bin("gunicorn"), "--bind", f"{settings.host}:{settings.port}", "app:create_app()"],
        "worker": [python, "worker.py"],
    }


def write_configuration(settings: Settings, model: Path, environment: dict[str, str]) -> Path:
    """supervisord's configuration, in the data folder."""
    logs = settings.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    parser = configparser.RawConfigParser()
    parser["supervisord"] = _escaped(
        nodaemon="true", logfile=logs / "supervisor.log", pidfile=settings.data_dir / "supervisord.pid", minfds="1024"
    )
    for name, command in commands(settings, model, environment).items():
        parser[f"program:{name}"] = _escaped(
            command=shlex.join(children.bound(*command)),
            directory=ROOT,
            autorestart="true",
            startretries="1000000",
            startsecs="1",
            stopasgroup="true",
            killasgroup="true",
            stopwaitsecs="10",
            redirect_stderr="true",
            stdout_logfile=str(logs / f"{name}.log").replace("%", "%%"),  # this one is expanded twice
            stdout_logfile_maxbytes="10MB",
            stdout_logfile_backups="3",
        )
    for priority, (group, programs) in enumerate(GROUPS.items()):
        parser[f"group:{group}"] = _escaped(programs=",".join(programs), priority=priority)
    path = settings.data_dir / "supervisord.conf"
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)
    return path


def _escaped(**values: object) -> dict[str, str]:
    return {key: str(value).replace("%", "%%") for key, value in values.items()}

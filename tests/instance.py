"""A whole Sapa for tests: `sapa run` as a user starts it, on a free port, with a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

from settings import ROOT
from training.fingerprint import fingerprint

SAPA, PYTHON = str(ROOT / ".venv/bin/sapa"), str(ROOT / ".venv/bin/python")
READY = "Sapa is ready at "


@dataclass
class Instance:
    """A running Sapa; `process` is `sapa run`."""

    base_url: str
    data_dir: Path
    process: subprocess.Popen[bytes]
    output: Path
    settings: dict[str, str] = field(default_factory=dict)

    def say(self, sender: str, text: str) -> list[dict]:
        """The replies to a message on the REST channel."""
        response = requests.post(
            f"{self.base_url}/webhooks/rest/webhook", json={"sender": sender, "message": text}, timeout=60
        )
        response.raise_for_status()
        replies: list[dict] = response.json()
        return replies

    def wait_for(self, words: str, seconds: float) -> str:
        """Wait until it has printed these words; everything it printed."""
        deadline = time.monotonic() + seconds
        while words not in (said := self.output.read_text("utf-8")):
            assert self.process.poll() is None, f"{self.process.args} ended: {said}"
            assert time.monotonic() < deadline, f"no {words!r} after {seconds} s: {said}"
            time.sleep(0.1)
        return said

    def part(self, name: str) -> psutil.Process:
        """One of the supervised processes: web, engine, actions or worker."""
        words = {"web": "gunicorn", "engine": "engine.py", "actions": "rasa_sdk", "worker": "worker.py"}[name]
        supervisor = psutil.Process(self.process.pid).children(recursive=True)
        first = [child for child in supervisor if words in " ".join(child.cmdline()) and "-IS" not in child.cmdline()]
        assert first, f"{name} does not run"
        return min(first, key=lambda child: child.pid)

    def environment(self) -> dict[str, str]:
        """The environment of `sapa` commands that are to act on it."""
        return variables(self.data_dir, **self.settings)

    def sweep(self) -> None:
        """Has the worker look now for what is due, as it does every minute."""
        command = [PYTHON, "-c", "from tasks.conversations import sweep; sweep()"]
        subprocess.run(command, cwd=ROOT, env=self.environment(), check=True)

    def stop(self, number: int = signal.SIGTERM) -> str:
        """End it by a signal; everything it printed."""
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        return self.output.read_text("utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    data_dir: Path, command: list[str] | None = None, root: Path = ROOT, **environment: str
) -> Iterator[Instance]:
    """Start one with the model of the current data (trained once for all tests), and stop it afterwards."""
    lend_model(data_dir)
    with started(data_dir, command, root, **environment) as instance:
        instance.wait_for(READY, 240)
        yield instance


@contextmanager
def started(
    data_dir: Path, command: list[str] | None = None, root: Path = ROOT, **environment: str
) -> Iterator[Instance]:
    """Start one without waiting for anything, and stop it afterwards if it still runs."""
    data_dir.mkdir(parents=True, exist_ok=True)
    output = data_dir.parent / f"{data_dir.name}-output.txt"
    port = environment.setdefault("SAPA_PORT", str(free_port()))
    with output.open("wb") as file:
        process = subprocess.Popen(
            command or [SAPA, "run"],
            cwd=root,
            env=variables(data_dir, **environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    instance = Instance(f"http://127.0.0.1:{port}", data_dir, process, output)
    try:
        yield instance
    finally:
        if process.poll() is None:
            instance.stop()


def variables(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of `sapa` with this data folder; all tests share one folder of bytecode."""
    shared = (
        {"PYTHONPYCACHEPREFIX": str(ROOT / "var" / "bytecode")} if os.environ.get("PYTHONDONTWRITEBYTECODE") else {}
    )
    return (
        os.environ
        | shared
        | {
            "SAPA_DATA_DIR": str(data_dir),
            "SAPA_SENDER_LIMIT": "100000/minute",
            "SAPA_ADDRESS_LIMIT": "100000/minute",
            **more,
        }
    )


def left_over(data_dir: Path) -> list[psutil.Process]:
    """Processes that live on this data folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("SAPA_DATA_DIR") == str(data_dir) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def trained_model() -> Path:
    """The model of the current data; if there is none yet, it is trained where `make run` would."""
    model = ROOT / "var" / "models" / f"{fingerprint()}.tar.gz"
    if not model.exists():
        subprocess.run([SAPA, "train"], cwd=ROOT, env=variables(ROOT / "var"), check=True)
    return model


def lend_model(data_dir: Path) -> None:
    """Put the model of the current data into the folder."""
    models = data_dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    shutil.copy(trained_model(), models)


def clone(folder: Path) -> Path:
    """The project as git has it, in a folder of its own, with the environment that is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.rstrip("\0").split("\0"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def new_sender() -> str:
    return f"test-{uuid.uuid4().hex}"

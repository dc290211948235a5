"""For the web tests: a stand-in for the worker, and a real gunicorn over a database of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from storage import database, messages

ROOT = Path(__file__).resolve().parent.parent
ANSWER = """*Syarat Akta Kelahiran*

1. Surat keterangan lahir dari bidan atau rumah sakit
2. KK asli
   (bila hilang: surat keterangan dari kepolisian)
3. KTP kedua orang tua

_per tanggal 21 November 2026, sumber: contoh_
Lihat https://example.org/a?b=1."""
CHOICES = [
    {"title": "Akta Kelahiran", "payload": "syarat akta kelahiran"},
    {"title": "Akta Kematian", "payload": "syarat akta kematian"},
]


def answer_to(text: str) -> list[dict[str, object]]:
    """What the stand-in says; special words ask for special answers."""
    if "diam" in text:
        return []
    if "syarat akta" in text and "kelahiran" not in text and "kematian" not in text:
        return [{"text": "Akta yang mana?", "buttons": CHOICES}]
    if "kelahiran" in text:
        return [{"text": ANSWER}]
    if "jahat" in text:
        return [{"text": "<img src=x onerror=\"document.title='dibobol'\"> *<b>tebal</b>* javascript:alert(1)"}]
    if text == "dua":
        return [{"text": "satu"}, {"text": "dua"}]
    return [{"text": f"Anda menulis: {text}"}]


class StandIn:
    """Completes stored messages in a thread, as the worker would; `pause` is its thinking time in seconds."""

    def __init__(self, answer: Callable[[str], list[dict[str, object]]] = answer_to, pause: float = 0.0):
        self.answer, self.pause, self.asleep = answer, pause, False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(0.02):
            for conversation_id in [] if self.asleep else messages.conversations_waiting():
                waiting = messages.begin(conversation_id)
                if waiting is None:
                    continue
                slow = re.search(r"tunggu (\d+)", waiting.text)
                self._end.wait(float(slow[1]) if slow else self.pause)
                messages.complete(waiting.id, self.answer(waiting.text))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A gunicorn that can be stopped and started again on the same port."""

    def __init__(self, folder: Path, threads: int | None = None, **environment: str):
        self.folder, self.port = folder, free_port()
        self._options = [] if threads is None else ["--threads", str(threads)]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "SAPA_DATA_DIR": str(folder),
            "SAPA_SENDER_LIMIT": "1000/minute",
            "SAPA_ADDRESS_LIMIT": "10000/minute",
            "SAPA_DATABASE_URL": "",
            "SAPA_REDIS_URL": "",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        command = [sys.executable, "-m", "gunicorn", *bind, *self._options, "app:create_app()"]
        with (self.folder / "web.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "web.log").read_text()[-3000:])
            try:
                requests.get(f"{self.url}/healthz", timeout=30)
                return
            except requests.RequestException:
                time.sleep(0.1)
        raise RuntimeError(f"gunicorn did not answer within 60 s:\n{(self.folder / 'web.log').read_text()[-3000:]}")

    def use_database(self) -> None:
        """Makes the server's database the one of this process too."""
        database.use(f"sqlite:///{self.folder / 'sapa.sqlite3'}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def log(self) -> str:
        return (self.folder / "web.log").read_text()


@contextmanager
def served(folder: Path, threads: int | None = None, **environment: str) -> Iterator[Server]:
    """A running server with an empty SQLite database; this process uses the same database."""
    folder.mkdir(parents=True, exist_ok=True)
    database.migrate(f"sqlite:///{folder / 'sapa.sqlite3'}", lambda line: None)
    server = Server(folder, threads, **environment)
    server.use_database()
    server.start()
    try:
        yield server
    finally:
        server.stop()

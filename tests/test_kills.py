"""Web, worker and engine are killed (-9) at random while 200 messages of 40 senders are under way.

The web process and the worker are the real ones; the engine is tests/fakes/engine.py, Twilio tests/fakes/twilio.py.
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import requests

from storage import database
from storage.database import reading
from storage.tables import Inbound, Outbox
from tests.fakes.messages import backlog
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio, inbound_form

ROOT = Path(__file__).resolve().parent.parent
SENDERS, EACH = 40, 5
KILLS = 15


class Process:
    """A process that is killed with all its children and started again."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self._command, self._environment = command, environment
        self._log = (folder / f"{name}.log").open("ab")
        self.kills = 0
        self.start()

    def start(self) -> None:
        self._running = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def kill(self) -> None:
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def kill_and_restart(self) -> None:
        self.kill()
        self.kills += 1
        time.sleep(random.random() * 0.3)
        self.start()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(tmp_path: Path, database: str, twilio: FakeTwilio, request: pytest.FixtureRequest):
    """The processes, running: {"web": ..., "worker": ..., "engine": ...}, and the webhook's address."""
    twilio.latency = 0.03
    web_port, engine_port = free_port(), free_port()
    environment = os.environ | {
        "SAPA_DATA_DIR": str(tmp_path / "data"),
        "SAPA_DATABASE_URL": database,
        "SAPA_REDIS_URL": request.getfixturevalue("redis_url") if database.startswith("postgresql") else "",
        "SAPA_PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "SAPA_ENGINE_URL": f"http://127.0.0.1:{engine_port}",
        "SAPA_ADDRESS_LIMIT": "100000/minute",
        "SAPA_SENDER_LIMIT": "100000/minute",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_NUMBER": NUMBER,
        "TWILIO_API_BASE": twilio.url,
        "PYTHONPATH": str(ROOT),
    }
    (tmp_path / "data").mkdir()
    python = sys.executable
    commands = {
        "web": [python, "-m", "gunicorn", "-b", f"127.0.0.1:{web_port}", "app:create_app()"],
        "worker": [python, "-m", "tests.fakes.worker"],
        "engine": [python, "-m", "tests.fakes.engine", str(engine_port), str(tmp_path / "trackers")],
    }
    processes = {name: Process(name, command, environment, tmp_path) for name, command in commands.items()}
    yield processes, f"http://127.0.0.1:{web_port}/webhooks/whatsapp"
    for process in processes.values():
        process.kill()
    if database.startswith("postgresql"):
        clear_redis(request.getfixturevalue("redis_url"), database)


def clear_redis(url: str, database_url: str) -> None:
    import zlib

    import redis

    connection = redis.Redis.from_url(url)
    for key in connection.scan_iter(f"*sapa{zlib.crc32(database_url.encode()):08x}*"):
        connection.delete(key)


def write_like_a_citizen(twilio: FakeTwilio, url: str, number: int) -> None:
    """Sends its messages one after the other; like Twilio, comes again with the same MessageSid until one is taken."""
    for index in range(EACH):
        form = inbound_form(f"+62812{number:07d}", f"pertanyaan {number}-{index}", f"SM{number:03d}-{index}")
        while True:
            try:
                if twilio.post(url, form).status_code == 200:
                    break
            except requests.RequestException:
                pass
            time.sleep(0.1)
        time.sleep(random.random() * 3)


def wait_until(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.03)
    return False


def test_nothing_is_lost_or_answered_twice(house, database, twilio, tmp_path):
    processes, url = house
    citizens = [threading.Thread(target=write_like_a_citizen, args=(twilio, url, number)) for number in range(SENDERS)]
    for citizen in citizens:
        citizen.start()

    expected = SENDERS * EACH
    victims = random.sample([*processes] * (KILLS // len(processes)), KILLS)
    for index, victim in enumerate(victims):  # spread over the work, so that each of them hits somebody who is busy
        goal = expected * (index + 1) // (KILLS + 2)
        assert wait_until(lambda goal=goal: _handled() >= goal, 90), f"nothing goes on after {index} kills; {tmp_path}"
        time.sleep(random.random() * 0.2)
        processes[victim].kill_and_restart()
    for citizen in citizens:
        citizen.join(90)
    assert not any(citizen.is_alive() for citizen in citizens), "the web process did not come back"

    done = wait_until(lambda: backlog() == 0 and _all_sent(expected), 90)
    said = Counter(re.search(r"pertanyaan \d+-\d+", message["body"])[0] for message in twilio.sent())
    assert done, f"left over: {backlog()} messages; {len(said)} of {expected} answered; see {tmp_path}"

    with reading() as session:
        stored, replies = session.query(Inbound).all(), session.query(Outbox).all()
    assert len(stored) == expected and all(row.error is None or row.handled_at for row in stored), "none is lost"
    assert Counter(row.inbound_id for row in replies) == {row.id: 1 for row in stored}, "one reply each is stored"
    assert len(said) == expected and set(said.values()) == {1}, f"one reply each is sent: {said.most_common(3)}"
    assert len({row.provider_id for row in replies}) == expected and {row.status for row in replies} == {"sent"}

    order = defaultdict(list)
    for message in twilio.sent():
        order[message["to"]].append(re.search(r"pertanyaan \d+-(\d+)", message["body"])[1])
    assert all(answers == [str(index) for index in range(EACH)] for answers in order.values()), "order is kept"
    # The kills have hit: some messages were begun, or sent, more than once.
    begun, sent = (sum(row.attempts > 1 for row in rows) for rows in (stored, replies))
    print({name: process.kills for name, process in processes.items()}, f"begun again: {begun}, sent again: {sent}")
    assert begun + sent > 0


def _handled() -> int:
    with reading() as session:
        return session.query(Inbound).filter(Inbound.handled_at.is_not(None)).count()


def _all_sent(expected: int) -> bool:
    with reading() as session:
        return session.query(Outbox).filter(Outbox.status == "sent").count() == expected


def test_a_database_that_is_away_makes_twilio_use_its_fallback(tmp_path, twilio):
    """Nothing answers 200 while nothing can be stored."""
    database.use(f"sqlite:///{tmp_path / 'missing' / 'sapa.sqlite3'}")
    port = free_port()
    environment = os.environ | {
        "SAPA_DATA_DIR": str(tmp_path / "data"),
        "SAPA_DATABASE_URL": "postgresql+psycopg2://postgres@127.0.0.1:1/none",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_NUMBER": NUMBER,
        "SAPA_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "app:create_app()"]
    web = Process("web", command, environment, tmp_path)
    try:
        answers = []

        def answered() -> bool:
            try:
                form = inbound_form("+62812", "halo")
                answers.append(twilio.post(f"http://127.0.0.1:{port}/webhooks/whatsapp", form).status_code)
            except requests.RequestException:
                return False
            return True

        assert wait_until(answered, 60) and answers == [503]
    finally:
        web.kill()

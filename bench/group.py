"""The guides' group under load: 200 guides, 500 open questions, 50 new ones a minute, two workers killed (-9).

Run by `python -m bench group`. PostgreSQL and Redis are real (SAPA_TEST_POSTGRES, SAPA_TEST_REDIS), Twilio is
tests/fakes/twilio.py as slow as a real one, the workers are the real ones with shorter waits after a kill.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import redis
from sqlalchemy import create_engine, text

from bench.machine import machine
from settings import ROOT
from tests.conftest import POSTGRES, REDIS
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio
from tests.test_kills import Process, clear_redis

GUIDES, OPEN, PER_MINUTE, MINUTES, RIVALS, WORKERS = 200, 500, 50, 3, 3, 2
KILL_EVERY = 20.0
"""Seconds."""
LATENCY = 0.15
"""Seconds that the pretended Twilio takes for a message."""
PATIENCE = 900.0
RESULTS = ROOT / "bench" / "results"


@dataclass
class Load:
    """What came of it; delays in seconds."""

    guides: int
    open_before: int
    asked: int
    kills: int
    claimed_twice: int
    answered_twice: int
    lost: int
    posts: int
    """Posts written for members."""
    messages: int
    """WhatsApp messages that carried them, and everything else."""
    seen_p50_s: float = 0.0
    seen_p95_s: float = 0.0
    claim_p50_s: float = 0.0
    claim_p95_s: float = 0.0
    answer_p50_s: float = 0.0
    answer_p95_s: float = 0.0


@dataclass
class _Clock:
    """When things were asked for, and when they arrived at the pretended Twilio."""

    began: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)

    def delays(self, kind: str) -> list[float]:
        found = [key for key in self.began if key.startswith(kind) and key in self.arrived]
        return sorted(self.arrived[key] - self.began[key] for key in found)


def measure(work: Path, say: Callable[[str], None]) -> Load:
    """`work`: an empty folder; settings are read in this process for the first time here."""
    name = f"sapa_bench_{uuid.uuid4().hex[:10]}"
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = f"{POSTGRES}/{name}"
    with FakeTwilio() as twilio:
        twilio.latency = LATENCY
        os.environ.update(
            SAPA_DATA_DIR=str(work),
            SAPA_DATABASE_URL=url,
            SAPA_REDIS_URL=REDIS,
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_WHATSAPP_NUMBER=NUMBER,
            TWILIO_API_BASE=twilio.url,
        )
        command = [sys.executable, "-m", "tests.fakes.worker"]
        workers = []
        try:
            from storage import database

            database.migrate(url, lambda line: None)
            workers += [Process(f"worker{n}", command, dict(os.environ), work) for n in range(WORKERS)]
            return _load(twilio, workers, say)
        finally:
            for worker in workers:
                worker.kill()
            database.engine().dispose()
            clear_redis(REDIS, url)
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            redis.Redis.from_url(REDIS).close()


def _load(twilio: FakeTwilio, workers: list[Process], say: Callable[[str], None]) -> Load:
    from storage.group.tables import Entry, Post
    from tests.fakes import group
    from tests.fakes.court import rows

    guides = [group.guide(f"Pemandu{n} Contoh", f"+62000002{n:04d}") for n in range(GUIDES)]
    clock, ended = _Clock(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(twilio, clock, ended), daemon=True)
    watcher.start()
    before = [_ask(number) for number in range(OPEN)]
    say(f"group: {GUIDES} guides, {len(before)} open questions; they go out while new ones come")
    numbers = _rush(guides, clock, workers, say)
    _wait(lambda: len(clock.delays("answer")) >= len(numbers))
    ended.set()
    entries = [entry for entry in rows(Entry) if entry.question_id in set(numbers)]
    claims = [entry.question_id for entry in entries if entry.kind == "claim"]
    answers = {(entry.question_id, entry.member_id) for entry in entries if entry.kind == "answer"}
    told = [m["body"] for m in twilio.messages if m["body"].startswith("*Jawaban #")]
    load = Load(
        guides=GUIDES,
        open_before=OPEN,
        asked=len(numbers),
        kills=sum(worker.kills for worker in workers),
        claimed_twice=len(claims) - len(set(claims)),
        answered_twice=len(told) - len({re.match(r"\*Jawaban #\d+", body).group() for body in told}),  # type: ignore[union-attr]
        lost=len(numbers) - len({question for question, _ in answers}),
        posts=len(rows(Post)),
        messages=len(twilio.messages),
    )
    for kind in ("seen", "claim", "answer"):
        cuts = statistics.quantiles(clock.delays(kind), n=20)
        setattr(load, f"{kind}_p50_s", cuts[9])
        setattr(load, f"{kind}_p95_s", cuts[18])
    return load


def _rush(guides: list, clock: _Clock, workers: list[Process], say: Callable[[str], None]) -> list[int]:
    """PER_MINUTE questions a minute; several guides claim and answer each of them."""
    numbers, started, last_kill = [], time.monotonic(), time.monotonic()
    for index in range(PER_MINUTE * MINUTES):
        number = _ask(OPEN + index)
        clock.began[f"seen {number}"] = time.monotonic()
        numbers.append(number)
        for rival in random.sample(guides, RIVALS):
            clock.began.setdefault(f"claim {number}", time.monotonic())
            _write(rival.phone, f"ambil #{number}")
            clock.began.setdefault(f"answer {number}", time.monotonic())
            _write(rival.phone, f"#{number} jawaban dari {rival.first_name}")
        if time.monotonic() - last_kill > KILL_EVERY:
            last_kill = time.monotonic()
            random.choice(workers).kill_and_restart()
            say(f"  {index + 1} questions, a worker killed")
        time.sleep(max(0.0, started + (index + 1) * 60 / PER_MINUTE - time.monotonic()))
    return numbers


def _ask(index: int) -> int:
    """A question that its citizen has agreed to, announced as the worker does after its answer; the number."""
    from connectors.incoming import make_incoming
    from office.group import handover
    from office.group.handover import Draft, HandoverMemory
    from office.opening import now
    from storage import messages
    from tasks import group as tasks
    from tests.fakes import group

    receipt = messages.receive(make_incoming("whatsapp", f"+62000005{index:04d}", uuid.uuid4().hex, "text", "ya"))
    agreed = HandoverMemory(Draft(group.OFFICE, "guides", "asked", None, f"pertanyaan contoh {index}"), None, True)
    told = handover.finish(receipt.conversation_id, receipt.inbound_id, agreed, "setuju?", "id", now())
    messages.complete(receipt.inbound_id, [{"text": told}])
    tasks.announce_new()
    return int(re.search(r"#(\d+)", told).group(1))  # type: ignore[union-attr]


def _write(phone: str, said: str) -> None:
    from connectors.incoming import make_incoming
    from tasks.conversations import accept

    accept(make_incoming("whatsapp", phone, uuid.uuid4().hex, "text", said))


def _watch(twilio: FakeTwilio, clock: _Clock, ended: threading.Event) -> None:
    """Notes when the first message of each kind about a question arrives."""
    seen = 0
    while not ended.wait(0.01):
        fresh, seen = twilio.messages[seen:], len(twilio.messages)
        for message in fresh:
            for kind, words in (
                ("seen", r"\*#(\d+)\*"),
                ("claim", r"^#(\d+) (?:Anda yang|sudah)"),
                ("answer", r"^\*Jawaban #(\d+)\*"),
            ):
                for number in re.findall(words, message["body"], re.MULTILINE):
                    clock.arrived.setdefault(f"{kind} {number}", time.monotonic())


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"nothing goes on for {PATIENCE:.0f} s")
        time.sleep(0.1)


def table(load: Load) -> str:
    """The measurements as a Markdown table."""
    rows = [
        ("guides / open questions / new ones", f"{load.guides} / {load.open_before} / {load.asked}"),
        ("kill -9 of a worker meanwhile", str(load.kills)),
        ("claimed twice / answered twice / lost", f"{load.claimed_twice} / {load.answered_twice} / {load.lost}"),
        ("from the yes to the first guide's phone, p50 / p95, s", f"{load.seen_p50_s:.1f} / {load.seen_p95_s:.1f}"),
        ("from a claim to its confirmation, p50 / p95, s", f"{load.claim_p50_s:.1f} / {load.claim_p95_s:.1f}"),
        ("from an answer to the citizen's phone, p50 / p95, s", f"{load.answer_p50_s:.1f} / {load.answer_p95_s:.1f}"),
        ("posts to members / WhatsApp messages in all", f"{load.posts} / {load.messages}"),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {label} | {value} |" for label, value in rows)])


def main() -> None:
    """Measure and write `bench/results/group.*`."""
    with tempfile.TemporaryDirectory(prefix="sapa-bench-") as folder:
        load = measure(Path(folder), lambda line: print(line, flush=True))
    note = (
        f"{PER_MINUTE} questions a minute for {MINUTES} minutes beside {OPEN} that are open already; {RIVALS} guides "
        f"claim and answer each at the same moment. {WORKERS} workers over PostgreSQL and Redis; Twilio is a pretended "
        f"one that takes {LATENCY * 1000:.0f} ms a message."
    )
    found = f"{machine()}\n\n{note}\n\n{table(load)}\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "group.md").write_text(f"# The guides' group under load\n\n`python -m bench group`, {found}")
    (RESULTS / "group.json").write_text(json.dumps(asdict(load), indent=2) + "\n")
    print(found)


if __name__ == "__main__":
    main()

"""The guides' group under load: 200 guides, 500 open questions, 50 new ones a minute, two workers killed (-9).

Run by `python -m bench group`. PostgreSQL and Redis are real (SAPA_TEST_POSTGRES, SAPA_TEST_REDIS), Twilio is
tests/fakes/twilio.py as slow as a real one, the workers are the real ones with shorter waits after a kill. The guides
have been told of the 500 before; what is measured is the new ones.
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
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import redis
from sqlalchemy import create_engine, func, or_, select, text, update

from bench.machine import machine
from settings import ROOT
from tests.conftest import POSTGRES, REDIS
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio
from tests.test_kills import Process, clear_redis

if TYPE_CHECKING:
    from storage.group.members import MemberView

GUIDES, OPEN, PER_MINUTE, MINUTES, RIVALS, WORKERS = 200, 500, 50, 3, 3, 2
KILL_EVERY = 40.0
"""Seconds."""
LATENCY = 0.15
"""Seconds that the pretended Twilio takes for a message."""
QUIET = 120.0
"""Seconds without a message after which what has not arrived counts as lost."""
GUIDE, CITIZEN = "+62000002", "+62000005"
"""How their numbers begin."""
RESULTS = ROOT / "bench" / "results"
ANSWER = re.compile(r"^\*Jawaban #(\d+)\*", re.MULTILINE)
QUESTION = re.compile(r"^\*#(\d+)\*", re.MULTILINE)
TAKEN = re.compile(r"^#(\d+) (?:Anda yang|sudah)", re.MULTILINE)
"""What the citizen reads, what the group reads, what a guide is told of a claim."""


@dataclass
class Load:
    """What came of it; delays in seconds."""

    guides: int
    open_before: int
    asked: int
    asking_s: float
    """How long that took: the asking waits for the group to be told of each."""
    kills: int
    claimed_twice: int
    answered_twice: int
    lost: int
    posts: int
    """Posts written for members."""
    messages: int
    """WhatsApp messages that carried them, and everything else."""
    seen_p50_s: float
    seen_p95_s: float
    claim_p50_s: float
    claim_p95_s: float
    answer_p50_s: float
    answer_p95_s: float


@dataclass
class _Clock:
    """When things were asked for, and when they arrived at the pretended Twilio; keys begin with their kind."""

    began: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)

    def cuts(self, kind: str) -> tuple[float, float]:
        """p50 and p95."""
        delays = [
            self.arrived[key] - at for key, at in self.began.items() if key.startswith(kind) and key in self.arrived
        ]
        twentieths = statistics.quantiles(delays, n=20)
        return twentieths[9], twentieths[18]


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
        workers: list[Process] = []
        try:
            from storage import database

            database.migrate(url, lambda line: None)
            guides = _standing(url, say)
            workers += [Process(f"worker{n}", command, dict(os.environ), work) for n in range(WORKERS)]
            return _load(twilio, guides, workers, say)
        finally:
            for worker in workers:
                worker.kill()
            database.engine().dispose()
            clear_redis(REDIS, url)
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            redis.Redis.from_url(REDIS).close()


def _standing(url: str, say: Callable[[str], None]) -> list[MemberView]:
    """The guides, who have been told of OPEN questions that nobody has taken up yet."""
    from storage.database import writing
    from storage.outbox import IS_OPEN
    from storage.tables import Outbox
    from tests.fakes import group

    guides = [group.guide(f"Pemandu{n} Contoh", f"{GUIDE}{n:04d}") for n in range(GUIDES)]
    for number in range(OPEN):
        _ask(number)
    with writing() as session:
        told = session.execute(update(Outbox).where(IS_OPEN).values(status="sent", sent_at=func.now())).rowcount  # type: ignore[attr-defined]
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))  # as autovacuum does meanwhile, where it is on
    say(f"group: {GUIDES} guides have been told of {OPEN} open questions, in {told} messages")
    return guides


def _load(twilio: FakeTwilio, guides: list[MemberView], workers: list[Process], say: Callable[[str], None]) -> Load:
    from storage.database import reading
    from storage.group.tables import Entry, Post
    from tests.fakes.court import rows

    clock, ended = _Clock(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(twilio, clock, ended), daemon=True)
    watcher.start()
    started = time.monotonic()
    numbers = _rush(guides, clock, workers, say)
    asking = time.monotonic() - started
    say(f"  all asked after {asking:.0f} s")
    _wait(twilio)
    ended.set()
    watcher.join()
    with reading() as session:
        posts = session.scalar(select(func.count()).select_from(Post)) or 0
    claims = [entry.question_id for entry in rows(Entry) if entry.kind == "claim"]
    answered = Counter(
        found[1] for one in twilio.messages if _is_to(one, CITIZEN) and (found := ANSWER.search(one["body"]))
    )
    (seen, claim, answer) = (clock.cuts(kind) for kind in ("seen", "claim", "answer"))
    return Load(
        guides=GUIDES,
        open_before=OPEN,
        asked=len(numbers),
        asking_s=asking,
        kills=sum(worker.kills for worker in workers),
        claimed_twice=len(claims) - len(set(claims)),
        answered_twice=sum(answered.values()) - len(answered),
        lost=len(numbers) - len(answered),
        posts=posts,
        messages=len(twilio.messages),
        seen_p50_s=seen[0],
        seen_p95_s=seen[1],
        claim_p50_s=claim[0],
        claim_p95_s=claim[1],
        answer_p50_s=answer[0],
        answer_p95_s=answer[1],
    )


def _rush(guides: list[MemberView], clock: _Clock, workers: list[Process], say: Callable[[str], None]) -> list[int]:
    """PER_MINUTE questions a minute; several guides claim and answer each of them."""
    numbers, started, last_kill = [], time.monotonic(), time.monotonic()
    for index in range(PER_MINUTE * MINUTES):
        agreed = time.monotonic()
        number = _ask(OPEN + index)
        clock.began[f"seen {number}"] = agreed
        numbers.append(number)
        for rival in random.sample(guides, RIVALS):
            clock.began[f"claim {number} {rival.phone}"] = time.monotonic()
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

    receipt = messages.receive(make_incoming("whatsapp", f"{CITIZEN}{index:04d}", uuid.uuid4().hex, "text", "ya"))
    agreed = HandoverMemory(Draft(group.OFFICE, "guides", "asked", None, f"pertanyaan contoh {index}"), None, True)
    told = handover.finish(receipt.conversation_id, receipt.inbound_id, agreed, "setuju?", "id", now())
    messages.complete(receipt.inbound_id, [{"text": told}])
    tasks.announce_new()
    return int(re.search(r"#(\d+)", told).group(1))  # type: ignore[union-attr]


def _write(phone: str, said: str) -> None:
    from connectors.incoming import make_incoming
    from tasks.conversations import accept

    accept(make_incoming("whatsapp", phone, uuid.uuid4().hex, "text", said))


def _is_to(message: dict[str, Any], whom: str) -> bool:
    return str(message["to"]).startswith(f"whatsapp:{whom}")


def _watch(twilio: FakeTwilio, clock: _Clock, ended: threading.Event) -> None:
    """Notes when the first message of each kind about a question arrives."""
    seen = 0
    while not ended.wait(0.01):
        fresh, seen = twilio.messages[seen:], len(twilio.messages)
        at = time.monotonic()
        for message in fresh:
            phone, body = message["to"].removeprefix("whatsapp:"), message["body"]
            if _is_to(message, CITIZEN):
                keys = [f"answer {number}" for number in ANSWER.findall(body)]
            else:
                keys = [f"seen {number}" for number in QUESTION.findall(body)]
                keys += [f"claim {number} {phone}" for number in TAKEN.findall(body)]
            for key in keys:
                clock.arrived.setdefault(key, at)


def _wait(twilio: FakeTwilio) -> None:
    """Until everything that was written is handled, and what it made is delivered; or nothing goes on any longer."""
    from storage.database import reading
    from storage.outbox import IS_OPEN
    from storage.tables import Conversation, Inbound, Outbox

    writers = or_(Conversation.address.startswith(CITIZEN), Outbox.inbound_id.is_not(None))
    owed = select(Outbox.id).join(Conversation, Conversation.id == Outbox.conversation_id).where(IS_OPEN, writers)
    sent, since = len(twilio.messages), time.monotonic()
    while time.monotonic() - since < QUIET:
        with reading() as session:
            waiting = session.scalars(select(Inbound.id).filter_by(handled_at=None).limit(1)).first()
            if waiting is None and session.scalars(owed.limit(1)).first() is None:
                return
        if len(twilio.messages) != sent:
            sent, since = len(twilio.messages), time.monotonic()
        time.sleep(1.0)


def table(load: Load) -> str:
    """The measurements as a Markdown table."""
    rows = [
        ("guides / open questions / new ones", f"{load.guides} / {load.open_before} / {load.asked}"),
        ("seconds in which they were asked", f"{load.asking_s:.0f}"),
        ("kill -9 of a worker meanwhile", str(load.kills)),
        ("claimed twice / answered twice / lost", f"{load.claimed_twice} / {load.answered_twice} / {load.lost}"),
        ("from the yes to the first guide's phone, p50 / p95, s", f"{load.seen_p50_s:.1f} / {load.seen_p95_s:.1f}"),
        ("from a claim to what its guide is told, p50 / p95, s", f"{load.claim_p50_s:.1f} / {load.claim_p95_s:.1f}"),
        ("from an answer to the citizen's phone, p50 / p95, s", f"{load.answer_p50_s:.1f} / {load.answer_p95_s:.1f}"),
        ("posts to members / WhatsApp messages in all", f"{load.posts} / {load.messages}"),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {label} | {value} |" for label, value in rows)])


def main() -> None:
    """Measure and write `bench/results/group.*`."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="sapa-bench-") as folder:
        load = measure(Path(folder), lambda line: print(line, flush=True))
    note = (
        f"{PER_MINUTE} questions a minute for {MINUTES} minutes beside {OPEN} that the guides were told of before; "
        f"{RIVALS} guides claim and answer each at the same moment. {WORKERS} workers over PostgreSQL and Redis; "
        f"Twilio is a pretended one that takes {LATENCY * 1000:.0f} ms a message. The machine's load before and after "
        f"(processes that want a processor): {before:.1f} and {os.getloadavg()[0]:.1f}."
    )
    found = f"{machine()}\n\n{note}\n\n{table(load)}\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "group.md").write_text(f"# The guides' group under load\n\n`python -m bench group`, {found}")
    (RESULTS / "group.json").write_text(json.dumps(asdict(load), indent=2) + "\n")
    print(found)


if __name__ == "__main__":
    main()

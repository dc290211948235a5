"""The console over 1,000,000 messages: the list, its filters, the search and a thread, on SQLite and on PostgreSQL.

Run by `python -m bench console`; PostgreSQL as the tests have it (`SAPA_TEST_POSTGRES`). The messages are the
hand-written ones of `tests/nlu/heldout.jsonl` with two made-up words behind them; the databases are dropped afterwards.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bench.machine import machine
from settings import ROOT
from storage import database
from storage.console import conversations
from storage.console.conversations import Filter
from tests.conftest import POSTGRES

RESULTS = ROOT / "bench" / "results"
MESSAGES = 1_000_000
BITE = 20_000
PER_CONVERSATION = 10
DAYS = 365
LAST = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
CONSONANTS, VOWELS = "bcdghjklmnprstwy", "aeiou"
FLOOD = (0.40, 0.45)
"""A word that everybody wrote, for some weeks only: the hardest page lies just outside of them."""
ROUNDS = 40
SIZE, LINES = 50, 100
LIMIT_MS = 200

Row = tuple[Any, ...]


def build(url: str, count: int) -> None:
    """Fills an empty database with `count` messages, what was understood of each, answers, questions to people."""
    database.migrate(url, lambda line: None)
    engine = database.use(url)
    chance = random.Random(6)
    lines = [json.loads(line) for line in (ROOT / "tests/nlu/heldout.jsonl").read_text("utf-8").splitlines()]
    places = ["".join(chance.choice(kind) for kind in (CONSONANTS, VOWELS) * 3) for _ in range(5_000)]
    people = count // PER_CONVERSATION
    channels = chance.choices(("whatsapp", "web", "rest"), (80, 19, 1), k=people)
    first = LAST - dt.timedelta(days=DAYS)
    step = dt.timedelta(days=DAYS) / count

    def moment(index: float) -> str:
        return f"{first + index * step:%Y-%m-%d %H:%M:%S.%f}" + ("+00" if url.startswith("postgresql") else "")

    def writer(index: int) -> int:
        return max(0, int(index / count * people) - int(chance.expovariate(1 / 500)))

    whose = [writer(index) for index in range(count)]
    said = [chance.choice(lines) for _ in range(count)]
    sure = [chance.betavariate(5, 1.2) for _ in range(count)]

    def message(index: int) -> Row:
        flood = " banjir" if FLOOD[0] <= index / count < FLOOD[1] else ""
        words = f"{said[index]['text']} {chance.choice(places)} {chance.choice(places)}{flood}"
        at = moment(index)
        return index + 1, whose[index] + 1, channels[whose[index]], f"SM{index}", "text", words, "{}", at, at, 1

    def understood(index: int) -> Row:
        line, confidence = said[index], sure[index]
        band = "high" if confidence >= 0.8 else "middle" if confidence >= 0.5 else "low"
        lost = confidence < 0.5
        rejected = chance.random() < 0.01
        intent = "nlu_fallback" if lost else line["intent"]
        return index + 1, intent, confidence, band, line["lang"], line["service"], "[]", int(lost), int(rejected)

    def reply(index: int) -> Row:
        status = chance.choices(("read", "delivered", "failed"), (70, 29, 1))[0]
        return index + 1, whose[index] + 1, index + 1, 0, "Syaratnya: KTP dan KK.", "[]", status, 1, moment(index + 0.5)

    def question(number: int) -> Row:
        index = number * 100
        rating = chance.choices((4, 3, 2, 1, None), (40, 15, 3, 2, 40))[0]
        return (
            number + 1, whose[index] + 1, index + 1, "kecamatan_mojosari", "guides", "asked", "id", "Bagaimana?", "Ya",
            "closed", moment(index), rating,
        )  # fmt: skip

    citizens = ((n + 1, channels[n], f"+62000{n:07d}", moment(n * PER_CONVERSATION)) for n in range(people))
    for table, columns, rows in (
        ("conversations", "id,channel,address,created_at", citizens),
        (
            "inbound",
            "id,conversation_id,channel,provider_id,kind,text,details,received_at,handled_at,attempts",
            map(message, range(count)),
        ),
        (
            "understandings",
            "inbound_id,intent,confidence,confidence_band,language,service,entities,fallback,rejected",
            map(understood, range(count)),
        ),
        (
            "outbox",
            "id,conversation_id,inbound_id,position,text,buttons,status,attempts,created_at",
            map(reply, range(count)),
        ),
        (
            "group_questions",
            "id,conversation_id,inbound_id,agency,audience,reason,language,text,consent,state,asked_at,rating",
            map(question, range(count // 100)),
        ),
    ):
        _load(engine.raw_connection(), engine.dialect.name, table, columns, rows)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))


def _load(connection: Any, kind: str, table: str, columns: str, rows: Iterable[Row]) -> None:
    cursor = connection.cursor()
    places = ",".join("?" * (columns.count(",") + 1))
    rows = iter(rows)
    if kind == "sqlite":
        cursor.execute("BEGIN IMMEDIATE")
    while bite := list(itertools.islice(rows, BITE)):
        if kind == "sqlite":
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", bite)
            continue
        sheet = io.StringIO()
        csv.writer(sheet).writerows(bite)
        sheet.seek(0)
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv)", sheet)
    connection.commit()
    connection.close()


@dataclass
class Reading:
    """Milliseconds that one kind of page takes, at the newest end and at random places."""

    kind: str
    found: int
    """Messages on the last page that was read."""
    newest_p50_ms: float
    newest_p95_ms: float
    anywhere_p50_ms: float
    anywhere_p95_ms: float


def kinds(count: int) -> dict[str, Filter]:
    """What is asked: the list, each filter alone, words from frequent to absent, and filters that hardly meet."""
    days = dt.timedelta(days=DAYS)
    return {
        "no filter": Filter(),
        "a week half a year ago": Filter(since=LAST - days / 2, until=LAST - days / 2 + dt.timedelta(days=7)),
        "channel (1%)": Filter(channel="rest"),
        "language": Filter(language="jv"),
        "intent": Filter(intent="greet"),
        "service": Filter(service="akta_kelahiran"),
        "confidence": Filter(band="low"),
        "not understood": Filter(fallback=True),
        "rejected (1%)": Filter(rejected=True),
        "rating 4": Filter(rating=4),
        "rating 1 (0,2%)": Filter(rating=1),
        "handed over (10%)": Filter(handed_over=True),
        "word: saya": Filter(words="saya"),
        "word: k": Filter(words="k"),
        "word: persyaratan": Filter(words="persyaratan"),
        "words: ktp hilang": Filter(words="ktp hilang"),
        "word of some weeks: banjir": Filter(words="banjir"),
        "word: none has it": Filter(words="xyzzyq"),
        "language, confidence": Filter(language="jv", band="low"),
        "service, rejected": Filter(service="akta_kelahiran", rejected=True),
        "service, not understood, channel": Filter(service="ktp_hilang", fallback=True, channel="web"),
        "handed over, rejected": Filter(handed_over=True, rejected=True),
        "word, rejected": Filter(words="ktp", rejected=True),
        "word, channel": Filter(words="ktp", channel="rest"),
        "word, rating": Filter(words="saya", rating=1),
        "word and language that hardly meet": Filter(words="saya", language="jv"),
        "two that never meet": Filter(fallback=True, intent="greet"),
    }


def measure(url: str, count: int, say: Callable[[str], None]) -> list[Reading]:
    """Reads pages of each kind from a database that `build` has filled."""
    database.use(url)
    chance = random.Random(7)
    readings = []
    for kind, wanted in kinds(count).items():
        found = 0

        def read(before: int | None, wanted: Filter = wanted) -> float:
            nonlocal found
            begun = time.perf_counter()
            found = len(conversations.page(wanted, SIZE, before=before).messages)
            return (time.perf_counter() - begun) * 1000

        read(None)
        newest = statistics.quantiles([read(None) for _ in range(ROUNDS)], n=20)
        # One in four just after the weeks in which everybody wrote one word.
        places = [chance.choice((chance.randint(count // 20, count), int(FLOOD[0] * count))) for _ in range(ROUNDS)]
        anywhere = statistics.quantiles([read(place) for place in places], n=20)
        readings.append(Reading(kind, found, newest[9], newest[18], anywhere[9], anywhere[18]))
        say(f"  {kind}: {newest[18]:.0f} ms, {anywhere[18]:.0f} ms")
    thread: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        conversations.thread(chance.randint(1, count // PER_CONVERSATION), LINES)
        thread.append((time.perf_counter() - begun) * 1000)
    cuts = statistics.quantiles(thread, n=20)
    readings.append(Reading("a thread", 0, cuts[9], cuts[18], cuts[9], cuts[18]))
    return readings


def table(found: dict[str, list[Reading]]) -> str:
    """The measurements as a Markdown table: p50 / p95 in milliseconds."""
    heads = [f"{database}, {place}" for database in found for place in ("newest", "anywhere")]
    lines = [f"| page | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for readings in zip(*found.values(), strict=True):
        cells = []
        for one in readings:
            cells.append(f"{one.newest_p50_ms:.0f} / {one.newest_p95_ms:.0f}")
            cells.append(f"{one.anywhere_p50_ms:.0f} / {one.anywhere_p95_ms:.0f}")
        lines.append(f"| {readings[0].kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


@contextmanager
def _postgres() -> Iterator[str]:
    name = f"sapa_bench_{uuid.uuid4().hex[:10]}"
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        database.engine().dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def write(found: dict[str, list[Reading]], remark: str) -> None:
    """Writes `bench/results/console.md` and `.json`."""
    slow = [
        f"{kind}, {one.kind}"
        for kind, readings in found.items()
        for one in readings
        if max(one.newest_p95_ms, one.anywhere_p95_ms) > LIMIT_MS
    ]
    verdict = f"Over {LIMIT_MS} ms (p95): {'; '.join(slow) if slow else 'none'}."
    words = f"`python -m bench console`, {machine()}. {MESSAGES:,} messages, pages of {SIZE}. p50 / p95 in ms. {remark}"
    (RESULTS / "console.md").write_text(f"# The console's pages\n\n{words}\n\n{table(found)}\n\n{verdict}\n")
    data = {kind: [asdict(one) for one in readings] for kind, readings in found.items()}
    (RESULTS / "console.json").write_text(json.dumps(data, indent=2) + "\n")
    print(table(found), verdict, sep="\n")


def main() -> None:
    """Builds, measures and writes both results."""

    def say(line: str) -> None:
        print(line, flush=True)

    busy = os.getloadavg()[1]
    found = {}
    with tempfile.TemporaryDirectory() as folder, _postgres() as postgres:
        for kind, url in (("SQLite", f"sqlite:///{Path(folder) / 'sapa.sqlite3'}"), ("PostgreSQL", postgres)):
            begun = time.monotonic()
            build(url, MESSAGES)
            say(f"{kind}: {MESSAGES:,} messages in {time.monotonic() - begun:.0f} s")
            found[kind] = measure(url, MESSAGES, say)
            database.engine().dispose()
    write(found, f"Load of the machine before: {busy:.1f}.")


if __name__ == "__main__":
    main()

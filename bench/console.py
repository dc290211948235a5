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
import random
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from settings import ROOT
from storage import database

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

"""From a change in SIPP to the followers' phones: 1,000 followers, the worker killed (-9) meanwhile.

Run by `python -m bench court`. SIPP is the demonstration's file, Twilio is tests/fakes/twilio.py as slow as a real one,
and the worker the real one with shorter waits after a kill (tests/fakes/worker.py).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import create_engine, select, update

from bench.machine import machine
from settings import ROOT
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio
from tests.test_kills import Process

FOLLOWERS, KILLS = 1000, 5
LATENCY = 0.15
"""Seconds that the pretended Twilio takes for a message."""
PATIENCE = 600.0
RESULTS = ROOT / "bench" / "results"


@dataclass
class Round:
    """One change of every followed case. Seconds from the change in SIPP until Twilio had a follower's message."""

    name: str
    followers: int
    kills: int
    lost: int
    doubled: int
    p50_s: float
    p95_s: float
    last_s: float


def measure(work: Path, say: Callable[[str], None]) -> list[Round]:
    """Both rounds, on SQLite. `work`: an empty folder; settings are read in this process for the first time here."""
    with FakeTwilio() as twilio:
        twilio.latency = LATENCY
        given = {
            "SAPA_DATA_DIR": str(work),
            "SAPA_DATABASE_URL": "",
            "SAPA_REDIS_URL": "",
            "SAPA_SIPP_URL": "",
            "SAPA_SIPP_INTERVAL": "59",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_WHATSAPP_NUMBER": NUMBER,
            "TWILIO_API_BASE": twilio.url,
        }
        os.environ.update(given)
        cases = _prepare(say)
        worker = Process("worker", [sys.executable, "-m", "tests.fakes.worker"], dict(os.environ), work)
        try:
            _wait((work / "worker.alive").exists)
            return [
                _round("undisturbed", "13:30", 0, cases, twilio, worker, say),
                _round("worker killed", "14:30", KILLS, cases, twilio, worker, say),
            ]
        finally:
            worker.kill()


def _prepare(say: Callable[[str], None]) -> list[int]:
    """The mirror, and followers for every case with a hearing ahead; returns the hearings to move, one a case."""
    from office.court.sync import synchronise
    from settings import get_settings
    from storage import database
    from storage.court.tables import Hearing
    from tests.fakes import court

    assert get_settings().data_dir == Path(os.environ["SAPA_DATA_DIR"]), "settings had been read before"
    database.migrate(get_settings().storage_url, lambda line: None)
    report = synchronise()
    ahead: dict[int, int] = {}
    for hearing in court.rows(Hearing):
        if hearing.day > dt.date.today() + dt.timedelta(days=2) and not hearing.adjourned:
            ahead.setdefault(hearing.case_id, hearing.id)
    cases = [*ahead]
    for number in range(FOLLOWERS):
        court.follow(court.citizen(f"+62000{number:05d}"), cases[number % len(cases)])
    say(f"notices: {report.cases} cases, {FOLLOWERS} followers of {len(cases)} of them")
    return [*ahead.values()]


def _round(
    name: str,
    clock: str,
    kills: int,
    hearings: list[int],
    twilio: FakeTwilio,
    worker: Process,
    say: Callable[[str], None],
) -> Round:
    already, arrived = len(twilio.messages), []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            arrived.extend([time.monotonic()] * (len(twilio.messages) - already - len(arrived)))

    threading.Thread(target=watch, daemon=True).start()
    started = time.monotonic()
    _change(hearings, clock)
    for index in range(kills):
        _wait(lambda index=index: len(arrived) > FOLLOWERS * index // (kills + 1))
        worker.kill_and_restart()
    _wait(lambda: len(arrived) >= FOLLOWERS)
    time.sleep(8)  # whatever would come a second time has come by now: longer than any wait after a kill
    ended.set()
    told = Counter(message["to"] for message in twilio.messages[already:])
    delays = sorted(moment - started for moment in arrived)
    cuts = statistics.quantiles(delays, n=20)
    doubled = sum(count - 1 for count in told.values())
    found = Round(name, FOLLOWERS, kills, FOLLOWERS - len(told), doubled, cuts[9], cuts[18], delays[-1])
    say(f"  {name}: p50 {found.p50_s:.1f} s, p95 {found.p95_s:.1f} s, lost {found.lost}, doubled {found.doubled}")
    return found


def _change(hearings: list[int], clock: str) -> None:
    """Moves the hearings in SIPP and synchronises at once, as `sapa sipp sync` does."""
    from office.court.sync import synchronise
    from settings import get_settings
    from storage.sipp import demo, schema

    engine = create_engine(f"sqlite:///{get_settings().data_dir / demo.FILE}")
    with engine.begin() as connection:
        table = schema.HEARING
        found = connection.execute(select(table.c.id).where(table.c.id.in_(hearings))).all()
        assert len(found) == len(hearings)
        moved = {"jam_sidang": dt.time.fromisoformat(clock), "sampai_jam": None}
        connection.execute(update(table).where(table.c.id.in_(hearings)).values(**moved))
    engine.dispose()
    synchronise()


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"nothing goes on for {PATIENCE:.0f} s")
        time.sleep(0.02)


def table(rounds: list[Round]) -> str:
    """The measurements as a Markdown table."""
    rows = [
        ("followers told", [f"{r.followers - r.lost} of {r.followers}" for r in rounds]),
        ("told twice", [str(r.doubled) for r in rounds]),
        ("kill -9 of the worker meanwhile", [str(r.kills) for r in rounds]),
        ("from the change to the message, p50 / p95, s", [f"{r.p50_s:.1f} / {r.p95_s:.1f}" for r in rounds]),
        ("until the last one, s", [f"{r.last_s:.1f}" for r in rounds]),
    ]
    lines = [f"| | {' | '.join(r.name for r in rounds)} |", f"|---|{'---|' * len(rounds)}"]
    return "\n".join(lines + [f"| {label} | {' | '.join(values)} |" for label, values in rows])


def main() -> None:
    """Measure and write `bench/results/court_notices.*`."""
    with tempfile.TemporaryDirectory(prefix="sapa-bench-") as folder:
        rounds = measure(Path(folder), lambda line: print(line, flush=True))
    note = (
        "Every followed hearing is moved in SIPP at one moment and a synchronisation begins at once; in service up to "
        f"`SAPA_SIPP_INTERVAL` minutes come before it. Twilio is a pretended one that takes {LATENCY * 1000:.0f} ms a "
        "message; the database is SQLite."
    )
    text = f"{machine()}\n\n{note}\n\n{table(rounds)}\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "court_notices.md").write_text(f"# Notices to 1,000 followers\n\n`make bench`, {text}")
    (RESULTS / "court_notices.json").write_text(json.dumps([asdict(found) for found in rounds], indent=2) + "\n")
    print(text)


if __name__ == "__main__":
    main()

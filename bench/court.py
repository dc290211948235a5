"""The mirror of a court's SIPP on MariaDB: first synchronisation, further ones, looking a case up.

Run by `python -m bench court`, with the notices of `bench.court_notices`. Needs a MariaDB as the tests do
(`SAPA_TEST_MARIADB`); its database is dropped afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert, text

from bench.machine import machine
from settings import ROOT

RESULTS = ROOT / "bench" / "results"
MARIADB = os.environ.get("SAPA_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306")
CASES, HEARINGS, OPEN, CHANGES, LOOKUPS = 60_000, 250_000, 2_500, 500, 5_000
"""`OPEN`: undecided cases; a court of class 1A has some thousand cases a year."""
YEARS = 12
BITE = 5_000
Rows = list[dict[str, object]]


@dataclass
class Mirror:
    """What was measured; seconds, unless the name says otherwise."""

    cases: int
    hearings: int
    first_s: float
    memory_mb: float
    """Largest resident memory of the process, all its libraries included."""
    database_mb: float
    unchanged_s: float
    """A look that finds nothing new."""
    open_cases: int
    changes: int
    changed_s: float
    events: int
    full_s: float
    """The nightly comparison of everything."""
    lookup_p50_ms: float
    lookup_p95_ms: float
    """Case by its number, its hearings and people, and the age of the data."""


def measure(work: Path, say: Callable[[str], None]) -> Mirror:
    """`work`: an empty folder; settings are read in this process for the first time here."""
    with _sipp(say) as (url, engine):
        given = {"SAPA_DATA_DIR": str(work), "SAPA_DATABASE_URL": "", "SAPA_SIPP_URL": url, "SAPA_SIPP_CA": ""}
        os.environ.update(given)
        from office.court.sync import synchronise
        from settings import get_settings
        from storage import database
        from storage.court import mirror

        database.migrate(get_settings().storage_url, lambda line: None)
        first = synchronise()
        say(f"first synchronisation: {first.cases} cases in {first.seconds:.1f} s")
        unchanged = synchronise()
        changed = _change(engine)
        after = synchronise()
        if after.changes != changed or after.events != changed:
            raise RuntimeError(f"{changed} cases were changed, found were {after.changes} with {after.events} events")
        say(f"{changed} changes found in {after.seconds:.1f} s, nothing found in {unchanged.seconds:.1f} s")
        full = synchronise(full=True)
        if full.changes:
            raise RuntimeError(f"the full comparison found {full.changes} changes that were overlooked")
        times = _look_up()
        cuts = statistics.quantiles(times, n=20)
        return Mirror(
            *mirror.size(),
            first_s=first.seconds,
            memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            database_mb=sum(file.stat().st_size for file in work.glob("sapa.sqlite3*")) / 2**20,
            unchanged_s=unchanged.seconds,
            open_cases=after.cases,
            changes=changed,
            changed_s=after.seconds,
            events=after.events,
            full_s=full.seconds,
            lookup_p50_ms=cuts[9] * 1000,
            lookup_p95_ms=cuts[18] * 1000,
        )


@contextmanager
def _sipp(say: Callable[[str], None]) -> Iterator[tuple[str, Engine]]:
    name = f"sapa_bench_{uuid.uuid4().hex[:8]}"
    admin = create_engine(f"{MARIADB}/mysql", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    url = f"{MARIADB}/{name}"
    engine = create_engine(url)
    try:
        say(f"filling a SIPP with {CASES} cases and {HEARINGS} hearings")
        _fill(engine)
        yield url, engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        admin.dispose()


def _fill(engine: Engine) -> None:
    from storage.sipp import schema

    with engine.begin() as connection:
        schema.METADATA.create_all(connection)
        court = {61: "097123", 62: "PENGADILAN NEGERI CONTOH", 80: "bench"}
        connection.execute(
            insert(schema.CONFIG), [{"id": key, "name": str(key), "value": value} for key, value in court.items()]
        )
    draw = random.Random(4)
    today = dt.date.today()
    hearing_id = 0
    for start in range(0, CASES, BITE):
        rows: dict[object, Rows] = {}
        for case_id in range(start + 1, start + BITE + 1):
            undecided = case_id > CASES - OPEN
            age = draw.randint(5, 150) if undecided else 150 + (CASES - case_id) * YEARS * 365 // CASES
            registered = today - dt.timedelta(days=age)
            count = HEARINGS * case_id // CASES - HEARINGS * (case_id - 1) // CASES
            hearings: Rows = []
            for place in range(count):
                day = registered + dt.timedelta(days=10 + 7 * place)
                if undecided:
                    day = today + dt.timedelta(days=7 * (place - count + 2) + case_id % 5)
                hearing_id += 1
                hearings.append(
                    {
                        "id": hearing_id,
                        "perkara_id": case_id,
                        "urutan": place + 1,
                        "tanggal_sidang": day,
                        "jam_sidang": dt.time(9, 0),
                        "agenda": draw.choice(("Jawaban Tergugat", "Replik", "Duplik", "Pembuktian", "Kesimpulan")),
                        "ruangan": draw.choice(("Cakra", "Tirta", "Candra")),
                        "ditunda": "Y" if day < today else "T",
                        "alasan_ditunda": "Untuk acara berikutnya" if day < today else None,
                        "edoc_bas": "bas.rtf" if day < today else None,
                    }
                )
            rows.setdefault(schema.HEARING, []).extend(hearings)
            rows.setdefault(schema.CASE, []).append(
                {
                    "perkara_id": case_id,
                    "nomor_perkara": f"{case_id}/Pdt.G/{registered.year}/PN Mjk",
                    "alur_perkara_id": 1,
                    "jenis_perkara_nama": "Wanprestasi",
                    "tanggal_pendaftaran": registered,
                    "pihak_dipublikasikan": "Y",
                    "tahapan_terakhir_text": "Persidangan",
                    "proses_terakhir_text": "Persidangan",
                }
            )
            rows.setdefault(schema.APPOINTMENT, []).append(
                {"perkara_id": case_id, "penetapan_majelis_hakim": registered, "sidang_pertama": registered}
            )
            for number in range(3):
                judge = {"hakim_id": 1 + (case_id + number) % 9, "hakim_nama": "Hakim Contoh", "aktif": "Y"}
                rows.setdefault(schema.JUDGE, []).append(
                    {"perkara_id": case_id, "jabatan_hakim_id": 1 + (number > 0), **judge}
                )
            clerk = {"panitera_id": 1 + case_id % 12, "panitera_nama": "Panitera Contoh", "aktif": "Y"}
            rows.setdefault(schema.CLERK, []).append({"perkara_id": case_id, **clerk})
            if not undecided:
                end = registered + dt.timedelta(days=60)
                decision = {"tanggal_putusan": end, "status_putusan_nama": "Dikabulkan", "tanggal_minutasi": end}
                rows.setdefault(schema.DECISION, []).append({"perkara_id": case_id, **decision, "tanggal_bht": end})
        with engine.begin() as connection:
            for table, of_table in rows.items():
                connection.execute(insert(table), of_table)  # type: ignore[call-overload]


def _change(engine: Engine) -> int:
    """Moves a hearing in each of CHANGES cases; returns how many cases that were."""
    with engine.begin() as connection:
        query = text(
            "SELECT MAX(id) FROM perkara_jadwal_sidang WHERE tanggal_sidang > CURDATE() + INTERVAL 2 DAY "
            f"GROUP BY perkara_id LIMIT {CHANGES}"
        )
        ids = list(connection.scalars(query))
        move = text("UPDATE perkara_jadwal_sidang SET jam_sidang = '13:00' WHERE id = :id")
        connection.execute(move, [{"id": hearing_id} for hearing_id in ids])
        return len(ids)


def _look_up() -> list[float]:
    from storage.court import cases

    draw = random.Random(5)
    known = sorted(cases.live_ids())
    keys = [case.key for case_id in draw.choices(known, k=LOOKUPS) if (case := cases.get(case_id))]
    times = []
    for key in keys:
        begun = time.perf_counter()
        case = cases.find(key)
        assert case is not None
        cases.hearings(case.id)
        cases.assignments(case.id)
        cases.as_of()
        times.append(time.perf_counter() - begun)
    return times


def table(found: Mirror) -> str:
    """The measurement as a Markdown table."""
    rows = [
        (f"first synchronisation, {found.cases:,} cases and {found.hearings:,} hearings", f"{found.first_s:.1f} s"),
        ("largest memory of the process", f"{found.memory_mb:.0f} MB"),
        ("the mirror in SQLite", f"{found.database_mb:.0f} MB"),
        (f"a look that finds nothing new ({found.open_cases:,} cases compared)", f"{found.unchanged_s:.2f} s"),
        (f"a look that finds {found.changes} changes ({found.events} events)", f"{found.changed_s:.2f} s"),
        ("the nightly comparison of everything", f"{found.full_s:.1f} s"),
        (
            "looking a case up with hearings and people, p50 / p95",
            f"{found.lookup_p50_ms:.1f} / {found.lookup_p95_ms:.1f} ms",
        ),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {label} | {value} |" for label, value in rows)])


def main() -> None:
    """Measure and write `bench/results/court.*`."""
    with tempfile.TemporaryDirectory(prefix="sapa-bench-") as folder:
        found = measure(Path(folder), lambda line: print(line, flush=True))
    note = "SIPP lies in a MariaDB on the same machine, the mirror in SQLite."
    shown = f"{machine()}\n\n{note}\n\n{table(found)}\n"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "court.md").write_text(f"# The mirror of a court's SIPP\n\n`make bench`, {shown}")
    (RESULTS / "court.json").write_text(json.dumps(asdict(found), indent=2) + "\n")
    print(shown)


if __name__ == "__main__":
    main()

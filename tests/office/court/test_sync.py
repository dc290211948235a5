"""The mirror follows a real SIPP on MariaDB: whole, step by step, killed, cut off, emptied."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from errors import SippError
from office import opening
from office.court import case_number, sync
from office.court.sync import SyncRunning, full_is_due, synchronise
from settings import ROOT, Settings
from storage.court import cases, mirror
from storage.court.tables import Case, Event, Follow, Sync
from storage.database import reading, writing
from storage.sipp import demo, schema, source
from storage.tables import Conversation
from tests.fakes.court import rows


def today() -> dt.date:
    return opening.now().date()


YEAR = (today() - demo.YEAR_LASTS).year
NUMBER = case_number.key(f"12/Pdt.G/{YEAR}/PN Mjk")


def change(url: str, *statements: str, **values: object) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()


@pytest.fixture
def sipp_url(mariadb_url, monkeypatch, tmp_path) -> str:
    """A court's SIPP on MariaDB, which the settings name."""
    demo.fill(mariadb_url, today())
    change(mariadb_url, "UPDATE sys_config SET value = '097123' WHERE id = 61")
    use(monkeypatch, tmp_path, mariadb_url)
    monkeypatch.setattr(source, "PAUSES", (0.01, 0.01, 0.01))
    return mariadb_url


def use(monkeypatch, folder: Path, url: str) -> None:
    settings = Settings(sipp_url=url, data_dir=folder)
    monkeypatch.setattr(sync, "get_settings", lambda: settings)


def next_hearing(key: str | None = None) -> cases.HearingView:
    case = cases.find(key) if key else cases.get(1)
    return next(h for h in cases.hearings(case.id) if h.day > today() and not h.removed_at)


def events() -> list[tuple[str, int | None]]:
    return [(event.kind, event.hearing_id) for event in rows(Event)]


def last_sync() -> Sync:
    with reading() as session:
        return session.query(Sync).order_by(Sync.id.desc()).first()


# -- whole ------------------------------------------------------------------------------------------------------------


def test_the_first_synchronisation_takes_everything_and_makes_no_event(database, sipp_url):
    said = []
    done = synchronise(say=said.append)
    assert (done.full, done.cases, done.changes, done.events) == (True, len(demo.CASES), len(demo.CASES), 0)
    assert done.court.startswith("PENGADILAN NEGERI MOJOKERTO") and said
    assert mirror.size()[0] == len(demo.CASES) and events() == []
    assert cases.source() == "097123" and not cases.demonstration()
    assert cases.as_of() == last_sync().started_at

    case = cases.find(case_number.key(f"012/PDT.G/{YEAR}/pn. mjk"))
    assert case.number == f"12/Pdt.G/{YEAR}/PN Mjk"
    assert (case.kind, case.closed, case.decided_on) == ("Perbuatan Melawan Hukum", False, None)
    assert {a.duty for a in cases.assignments(case.id)} == {"chair", "judge", "clerk", "bailiff"}
    heard = cases.hearings(case.id)
    assert heard == sorted(heard, key=lambda h: h.day)


def test_nothing_changed_is_nothing_written(database, sipp_url):
    synchronise()
    before = cases.files([1, 2, 3])
    for full in (False, True):
        done = synchronise(full)
        assert (done.changes, done.events) == (0, 0) and done.cases > 20
    assert cases.files([1, 2, 3]) == before


def test_of_closed_cases_neither_kind_nor_stage_nor_reason_is_kept(sqlite_database, sipp_url):
    synchronise()
    closed = [case for case in map(cases.get, cases.live_ids()) if case.closed]
    assert len(closed) >= 6
    for case in closed:
        assert (case.kind, case.stage, case.process, case.verdict, case.mediation_result) == (None,) * 5
        assert {hearing.adjourned_because for hearing in cases.hearings(case.id)} == {None}
    assert len({case.key for case in closed} & {*map(case_number.key, cases.similar(NUMBER))}) == 0


def test_what_was_known_of_a_case_goes_when_it_becomes_a_closed_one(database, sipp_url):
    """Also of hearings that SIPP no longer has, and from what was noted for followers."""
    synchronise()
    heard = next_hearing().id
    change(
        sipp_url,
        "UPDATE perkara_jadwal_sidang SET ditunda = 'Y', alasan_ditunda = 'RAHASIA' WHERE id = :id",
        id=heard,
    )
    synchronise()
    change(sipp_url, "DELETE FROM perkara_jadwal_sidang WHERE id = :id", id=heard)
    synchronise()
    change(sipp_url, "UPDATE perkara SET pihak_dipublikasikan = 'T' WHERE perkara_id = 1")
    synchronise()
    assert cases.get(1).closed and next(h for h in cases.hearings(1) if h.id == heard).removed_at
    assert {h.adjourned_because for h in cases.hearings(1)} == {None}
    with reading() as session:
        assert "RAHASIA" not in str([(event.before, event.after) for event in session.query(Event)])


def test_similar_numbers_are_those_of_the_same_ordinal_and_year(sqlite_database, sipp_url):
    synchronise()
    assert cases.similar(f"12/pdtp/{YEAR}/pnmjk") == [f"12/Pid.B/{YEAR}/PN Mjk", f"12/Pdt.G/{YEAR}/PN Mjk"]
    change(sipp_url, "UPDATE perkara SET pihak_dipublikasikan = 'T' WHERE perkara_id = 1")
    synchronise()
    assert cases.similar(f"12/pdtp/{YEAR}/pnmjk") == [f"12/Pid.B/{YEAR}/PN Mjk"]
    assert cases.similar("12") == cases.similar("12/%/%/x") == []


# -- step by step -----------------------------------------------------------------------------------------------------


def test_what_happens_in_sipp_becomes_events_once(database, sipp_url):
    synchronise()
    heard = next_hearing()
    change(sipp_url, "UPDATE perkara_jadwal_sidang SET jam_sidang = '13:30' WHERE id = :id", id=heard.id)
    done = synchronise()
    assert (done.full, done.changes, done.events) == (False, 1, 1)
    [event] = rows(Event)
    assert (event.kind, event.case_id, event.hearing_id) == ("moved", 1, heard.id)
    assert (event.before["starts"], event.after["starts"]) == ("09:00", "13:30")

    change(sipp_url, "DELETE FROM perkara_jadwal_sidang WHERE id = :id", id=heard.id)
    synchronise()
    change(sipp_url, "UPDATE perkara_jadwal_sidang SET agenda = 'Lain' WHERE perkara_id = 1")
    synchronise()
    change(
        sipp_url,
        "INSERT INTO perkara_putusan (perkara_id, tanggal_putusan, status_putusan_nama) VALUES (1, :day, 'Dicabut')",
        day=today(),
    )
    synchronise()
    assert events() == [("moved", heard.id), ("cancelled", heard.id), ("decided", None)]
    [gone] = [hearing for hearing in cases.hearings(1) if hearing.removed_at]
    assert gone.id == heard.id and cases.get(1).verdict == "Dicabut"
    assert synchronise(full=True).changes == 0


def test_every_look_finds_what_may_change_whatever_the_stamps_say(sqlite_database, sipp_url):
    """New and deleted cases, decisions typed in with an old date, minutes, people: without any diinput_tanggal."""
    synchronise()
    engine = create_engine(sipp_url)
    with engine.begin() as connection:
        connection.execute(
            insert(schema.CASE).values(
                perkara_id=900, nomor_perkara="90/Pdt.P/2026/PN Mjk", alur_perkara_id=2, tanggal_pendaftaran=today()
            )
        )
    engine.dispose()
    change(
        sipp_url,
        "INSERT INTO perkara_putusan (perkara_id, tanggal_putusan) VALUES (2, '2020-02-03')",
        "UPDATE perkara_hakim_pn SET aktif = 'T' WHERE perkara_id = 3",
        "DELETE FROM perkara WHERE perkara_id = 4",
        "UPDATE perkara SET nomor_perkara = '77/Pdt.G/2026/PN Mjk' WHERE perkara_id = 5",
        "UPDATE perkara_putusan SET tanggal_minutasi = CURDATE() WHERE tanggal_minutasi IS NULL",
    )
    done = synchronise()
    assert not done.full
    assert cases.get(900).number == "90/Pdt.P/2026/PN Mjk"
    assert cases.get(2).decided_on == dt.date(2020, 2, 3)
    assert {a.duty for a in cases.assignments(3)} == {"clerk", "bailiff"}
    assert cases.get(4).removed_at and cases.assignments(4) == []
    assert all(hearing.removed_at for hearing in cases.hearings(4))
    assert cases.find("77/pdtg/2026/pnmjk").id == 5
    with reading() as session:
        assert session.query(Case).filter(Case.decided_on.is_not(None), Case.minuted_on.is_(None)).count() == 0
    assert ("cancelled" in dict(events())) and synchronise(full=True).changes == 0


def test_a_change_in_an_old_case_is_found_at_night(sqlite_database, sipp_url):
    change(
        sipp_url,
        "UPDATE perkara SET tanggal_pendaftaran = '2019-01-02' WHERE perkara_id = 7",
        "UPDATE perkara_putusan SET tanggal_putusan = '2019-03-04', tanggal_minutasi = '2019-03-05' "
        "WHERE perkara_id = 7",
        "DELETE FROM perkara_jadwal_sidang WHERE perkara_id = 7",
    )
    synchronise()
    change(sipp_url, "UPDATE perkara_putusan SET status_putusan_nama = 'Ditolak' WHERE perkara_id = 7")
    assert synchronise().changes == 0
    assert synchronise(full=True).changes == 1 and cases.get(7).verdict == "Ditolak"


def test_a_deleted_case_comes_back_or_its_id_is_given_to_another(sqlite_database, sipp_url):
    synchronise()
    with writing() as session:
        citizen = Conversation(channel="whatsapp", address="+62000111")
        session.add(citizen)
        session.flush()
        session.add_all(Follow(conversation_id=citizen.id, case_id=n, language="id", consent="?") for n in (1, 2))
    heard = next_hearing()
    change(sipp_url, "CREATE TABLE away AS SELECT * FROM perkara WHERE perkara_id IN (1, 2)")
    change(sipp_url, "DELETE FROM perkara WHERE perkara_id IN (1, 2)")
    synchronise()
    assert cases.find(NUMBER) is None and cases.get(1).removed_at
    change(sipp_url, "UPDATE away SET nomor_perkara = '999/Pdt.G/2026/PN Mjk' WHERE perkara_id = 2")
    change(sipp_url, "INSERT INTO perkara SELECT * FROM away")
    synchronise()
    assert cases.get(1).removed_at is None and not next_hearing().removed_at
    assert ("new", heard.id) in events(), "restored"
    with reading() as session:
        assert [follow.case_id for follow in session.query(Follow)] == [1], "nobody follows what he did not ask for"
    assert cases.find("999/pdtg/2026/pnmjk").id == 2


def test_an_id_of_a_hearing_that_is_given_to_another_case(sqlite_database, sipp_url):
    synchronise()
    heard = next_hearing()
    change(sipp_url, "UPDATE perkara_jadwal_sidang SET perkara_id = 2 WHERE id = :id", id=heard.id)
    synchronise()
    assert heard.id in {h.id for h in cases.hearings(2)} and heard.id not in {h.id for h in cases.hearings(1)}
    assert synchronise(full=True).changes == 0


# -- killed -----------------------------------------------------------------------------------------------------------

SYNC_AND_DIE = """
import sys
from office.court import sync
from storage.court import mirror
import os, signal, time
sync.BATCH = 3
after, inside = int(sys.argv[1]), sys.argv[2] == "inside"
batches = 0
def die(): os.kill(os.getpid(), signal.SIGKILL)
write, store = mirror.write, mirror._store
def counted(*arguments):
    global batches
    if batches == after and not inside: die()
    write(*arguments)
    batches += 1
def stored(session, table, rows, known):
    store(session, table, rows, known)
    if batches == after and inside and table.__name__ == "Event": die()
mirror.write, mirror._store = counted, stored
end = time.monotonic() + 60
while True:
    try:
        sync.synchronise(full=True)
        break
    except sync.SyncRunning:  # PostgreSQL has not noticed yet that the one before was killed
        if time.monotonic() > end: raise
        time.sleep(0.1)
"""


def killed_sync(url: str, database: str, folder: Path, after: int, where: str) -> int:
    environment = os.environ | {"SAPA_SIPP_URL": url, "SAPA_DATABASE_URL": database, "SAPA_DATA_DIR": str(folder)}
    command = [sys.executable, "-c", SYNC_AND_DIE, str(after), where]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def after_the_dead() -> sync.Report:
    """A synchronisation as soon as the database has noticed that the one before was killed."""
    end = time.monotonic() + 60
    while True:
        try:
            return synchronise()
        except SyncRunning:
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.mark.parametrize("where", ["before", "inside"])
def test_kills_between_and_inside_batches_lose_and_double_nothing(database, sipp_url, tmp_path, where):
    first = [killed_sync(sipp_url, database, tmp_path, after, where) for after in (0, 1, 4)]
    assert first == [-signal.SIGKILL] * 3 and cases.as_of() is None, "not finished yet"
    assert after_the_dead().full and events() == []

    change(sipp_url, "UPDATE perkara_jadwal_sidang SET ruangan = 'Ruang Baru' WHERE tanggal_sidang > CURDATE() + 1")
    for after in (0, 1, 2, 0, 3):
        assert killed_sync(sipp_url, database, tmp_path, after, where) == -signal.SIGKILL
    after_the_dead()
    with reading() as session:
        moved = Counter(hearing_id for kind, hearing_id in session.query(Event.kind, Event.hearing_id))
        assert {error for (error,) in session.query(Sync.error)} == {None, "interrupted"}
    engine = create_engine(sipp_url)
    with engine.connect() as connection:
        ids = list(connection.scalars(text("SELECT id FROM perkara_jadwal_sidang WHERE ruangan = 'Ruang Baru'")))
    engine.dispose()
    assert len(ids) > 20 and moved == Counter(ids)
    assert synchronise(full=True).changes == 0


def test_two_never_run_at_once(database, sipp_url):
    with mirror.alone() as first:
        assert first
        with pytest.raises(SyncRunning, match="already"):
            synchronise()
    assert synchronise().cases == len(demo.CASES)


# -- cut off, emptied, another's --------------------------------------------------------------------------------------


def test_a_broken_connection_is_recorded_and_the_mirror_goes_on_serving(
    sqlite_database, sipp_url, monkeypatch, tmp_path
):
    synchronise()
    true_as_of = cases.as_of()
    use(monkeypatch, tmp_path, "mysql+pymysql://sapa:geheim@127.0.0.1:9/sipp")
    for _ in range(2):
        with pytest.raises(SippError, match="no connection"):
            synchronise()
    assert "no connection" in last_sync().error and "geheim" not in last_sync().error
    assert last_sync().finished_at is None and last_sync().source == "097123"
    assert cases.as_of() == true_as_of and cases.find(NUMBER)
    use(monkeypatch, tmp_path, sipp_url)
    assert synchronise().changes == 0 and cases.as_of() > true_as_of


def test_connections_killed_in_the_middle_are_taken_up_again(sqlite_database, sipp_url, monkeypatch):
    monkeypatch.setattr(sync, "BATCH", 5)
    monkeypatch.setattr(source, "PAUSES", (0.05,) * 50)
    name = make_url(sipp_url).database
    engine = create_engine(f"{sipp_url.rpartition('/')[0]}/mysql", isolation_level="AUTOCOMMIT")
    killed = []

    def kill(line: str) -> None:
        with engine.connect() as connection:
            ids = connection.scalars(text("SELECT id FROM information_schema.processlist WHERE db = :db"), {"db": name})
            for number in list(ids):
                with suppress(OperationalError):  # one that was killed before and is only now gone
                    connection.execute(text(f"KILL CONNECTION {number}"))
                    killed.append(number)

    assert synchronise(say=kill).cases == len(demo.CASES)
    assert len(killed) > 3
    engine.dispose()


@pytest.mark.parametrize("table", ["perkara", "perkara_jadwal_sidang"])
def test_an_emptied_sipp_does_not_empty_the_mirror(sqlite_database, sipp_url, table):
    synchronise()
    before = mirror.size()
    change(sipp_url, f"DELETE FROM {table}")
    with pytest.raises(SippError, match="restored"):
        synchronise(full=True)
    assert mirror.size() == before and events() == [] and "restored" in last_sync().error


def test_half_a_schema_changes_nothing(sqlite_database, sipp_url):
    synchronise()
    change(sipp_url, "ALTER TABLE perkara_jadwal_sidang DROP COLUMN tanggal_sidang")
    with pytest.raises(SippError, match=r"perkara_jadwal_sidang\.tanggal_sidang"):
        synchronise()
    assert mirror.size()[0] == len(demo.CASES)


def test_from_the_demonstration_to_the_court_and_never_back(sqlite_database, sipp_url, monkeypatch, tmp_path):
    use(monkeypatch, tmp_path, "")
    synchronise()
    assert cases.demonstration() and cases.source() == cases.DEMONSTRATION
    change(sipp_url, "DELETE FROM perkara WHERE perkara_id = 3")
    use(monkeypatch, tmp_path, sipp_url)
    done = synchronise()
    assert done.full and done.cases == done.changes == len(demo.CASES) - 1
    assert not cases.demonstration() and cases.get(3) is None
    use(monkeypatch, tmp_path, "")
    with pytest.raises(SippError, match="code 097123, but now it would be the demonstration"):
        synchronise()
    assert cases.source() == "097123" and cases.find(NUMBER)
    change(sipp_url, "UPDATE sys_config SET value = '097999' WHERE id = 61")
    use(monkeypatch, tmp_path, sipp_url)
    with pytest.raises(SippError, match="code 097123, but now it would be PENGADILAN"):
        synchronise()


def test_the_demonstration_goes_on_day_by_day(sqlite_database, monkeypatch, tmp_path):
    use(monkeypatch, tmp_path, "")
    day = dt.datetime(2026, 11, 18, 8, tzinfo=opening.WIB)
    monkeypatch.setattr(opening, "now", lambda: day)
    synchronise()
    monkeypatch.setattr(opening, "now", lambda: day + dt.timedelta(days=7))
    assert synchronise().events > 10
    assert {kind for kind, _ in events()} == {"new", "adjourned"}, "nothing is moved or cancelled by the calendar"


# -- records ----------------------------------------------------------------------------------------------------------


def test_the_first_look_after_half_past_one_is_a_full_one(sqlite_database):
    def wib(day: int, hour: int, minute: int = 0) -> dt.datetime:
        return dt.datetime(2026, 11, day, hour, minute, tzinfo=opening.WIB)

    assert full_is_due(wib(18, 9))
    with writing() as session:
        session.add(Sync(source="x", full=True, started_at=wib(18, 9), finished_at=wib(18, 9, 5)))
        session.add(Sync(source="x", full=False, started_at=wib(19, 1), finished_at=wib(19, 1, 1)))
        session.add(Sync(source="x", full=True, started_at=wib(19, 3), error="broken"))
    assert not full_is_due(wib(18, 23)) and not full_is_due(wib(19, 1, 29))
    assert full_is_due(wib(19, 1, 30)) and full_is_due(wib(19, 4)) and full_is_due(wib(21, 0, 10))


def test_old_records_go_but_not_the_last_finished_ones(sqlite_database):
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=90)
    with writing() as session:
        session.add(Sync(id=1, source="x", full=True, started_at=old, finished_at=old))
        session.add(Sync(id=2, source="x", full=True, started_at=old, finished_at=old))
        session.add(Sync(id=3, source="x", full=False, started_at=old, finished_at=old))
        session.add(Sync(id=4, source="x", full=False, started_at=old, error="broken"))
    mirror.begin("x", full=False)
    with reading() as session:
        assert [number for (number,) in session.query(Sync.id).order_by(Sync.id)] == [2, 3, 5]


def test_a_file_with_other_content_has_another_fingerprint(sqlite_database, sipp_url):
    synchronise()
    file = cases.files([1])[1]
    others = [
        replace(file, case=replace(file.case, process="Minutasi")),
        replace(file, hearings=file.hearings[:-1]),
        replace(file, hearings=(replace(file.hearings[0], has_minutes=False), *file.hearings[1:])),
        replace(file, assignments=file.assignments[1:]),
    ]
    assert len({file.fingerprint, *(other.fingerprint for other in others)}) == 5

"""Reading SIPP from a real MariaDB: with the grants of the documentation, and everything that can be wrong."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pymysql
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from errors import SippError
from settings import ROOT
from storage.sipp import demo, schema, source
from storage.sipp.source import READ, Court, Sipp
from tests import mariadb
from tests.conftest import MARIADB, absent

TODAY = dt.date(2026, 11, 18)
PASSWORD = "rahasia-Contoh-9"


def run(url: str, *statements: str) -> None:
    place = make_url(url)
    with pymysql.connect(
        host=place.host,
        port=place.port or 3306,
        user=place.username,
        password=place.password or "",
        database=place.database,
        autocommit=True,
    ) as connection:
        for statement in statements:
            connection.cursor().execute(statement)


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def documented_grants(url: str) -> list[str]:
    """The SQL of docs/court.md, for this database and a user called like it."""
    [block] = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "court.md").read_text("utf-8"), re.DOTALL)
    name = name_of(url)
    sql = " ".join(block.split()).replace("'sapa'@'192.0.2.10'", f"'{name}'@'%'").replace("ON sipp.", f"ON {name}.")
    return [line.strip() for line in sql.replace("'PASSWORD'", f"'{PASSWORD}'").split(";") if line.strip()]


@pytest.fixture
def sipp_url(mariadb_url) -> str:
    """A SIPP with the invented cases on MariaDB, for root."""
    demo.fill(mariadb_url, TODAY)
    return mariadb_url


@pytest.fixture
def reader_url(sipp_url) -> str:
    """The same, for the user of the documentation."""
    run(sipp_url, *documented_grants(sipp_url))
    return sipp_url.replace("//root@", f"//{name_of(sipp_url)}:{PASSWORD}@")


@pytest.fixture
def at_once(monkeypatch) -> None:
    monkeypatch.setattr(source, "PAUSES", (0.01, 0.01, 0.01))


def test_the_documented_grants_are_what_is_read_and_nothing_more(sipp_url):
    granted = {}
    for line in documented_grants(sipp_url)[1:]:
        columns, table = re.fullmatch(r"GRANT SELECT \((.*)\) ON \w+\.(\w+) TO .*", line).groups()
        granted[table] = set(columns.split(", "))
    assert granted == {table.name: {column.name for column in columns} for table, columns in READ.items()}


def test_the_documented_user_reads_all_that_is_needed(reader_url):
    sipp = Sipp(reader_url)
    assert sipp.court() == Court("CONTOH", "PENGADILAN NEGERI MOJOKERTO (DATA CONTOH)", "contoh")
    assert sipp.excess() == [] and sipp.without() == []
    assert "MariaDB" in sipp.server()
    assert sipp.sizes()[0] == len(demo.CASES) == len(sipp.all_ids())
    first = sipp.read([1])[0]
    assert (first.number, first.flow, first.kind) == ("12/Pdt.G/2026/PN Mjk", 1, "Perbuatan Melawan Hukum")
    assert {(h.starts, h.room) for h in first.hearings} == {("09:00", "Ruang Sidang Cakra")}
    assert [(a.duty, a.name) for a in first.assignments][:2] == [
        ("bailiff", "Jurusita Contoh A"),
        ("chair", "Hakim Contoh B"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pihak1_text FROM perkara",
        "SELECT amar_putusan FROM perkara_putusan",
        "SELECT * FROM perkara",
        "UPDATE perkara SET nomor_perkara = 'x'",
        "DELETE FROM perkara_jadwal_sidang",
    ],
)
def test_the_documented_user_reads_no_party_and_changes_nothing(reader_url, statement):
    with pytest.raises(Exception, match="denied"):
        run(reader_url, statement)


def test_nothing_that_leaves_the_court_names_a_party(sipp_url):
    everything = repr(Sipp(sipp_url).read(list(range(1, len(demo.CASES) + 1))))
    assert "Pihak Contoh" not in everything and "MENGADILI" not in everything


def test_the_session_cannot_write_even_where_the_user_could(sipp_url):
    sipp = Sipp(sipp_url)
    with pytest.raises(SippError, match="READ ONLY"):
        sipp._ask(lambda connection: connection.execute(text("DELETE FROM perkara")))


@pytest.mark.parametrize(
    ("grant", "found"),
    [
        ("GRANT SELECT ON {name}.* TO '{name}'@'%'", "SELECT ON {name}.*"),
        ("GRANT SELECT (pihak1_text) ON {name}.perkara TO '{name}'@'%'", "pihak1_text"),
        ("GRANT INSERT ON {name}.perkara TO '{name}'@'%'", "INSERT"),
        ("GRANT SELECT (perkara_id) ON {name}.perkara TO '{name}'@'%' WITH GRANT OPTION", "perkara"),
    ],
)
def test_grants_that_are_too_many_are_told_without_the_password(reader_url, grant, found):
    name = name_of(reader_url)
    run(f"{MARIADB}/mysql", grant.format(name=name))
    told = " ".join(Sipp(reader_url).excess())
    assert found.format(name=name) in told
    assert "PASSWORD" not in told and PASSWORD not in told


def test_values_as_old_databases_have_them(sipp_url):
    run(
        sipp_url,
        "SET sql_mode = ''",
        "UPDATE perkara SET jenis_perkara_nama = '  Wanprestasi<br>&amp; lain  ', "
        "nomor_perkara = ' 12/Pdt.G/2026/PN Mjk ', pihak_dipublikasikan = NULL, tanggal_pendaftaran = '0000-00-00' "
        "WHERE perkara_id = 1",
        "UPDATE perkara_jadwal_sidang SET jam_sidang = '00:00:00', sampai_jam = '09:30:00', ruangan = '', "
        "agenda = NULL, ditunda = NULL WHERE perkara_id = 1",
        "INSERT INTO perkara_jadwal_sidang (id, perkara_id, tanggal_sidang) VALUES (7, 1, '0000-00-00'), (8, 1, NULL)",
        "UPDATE perkara SET nomor_perkara = NULL WHERE perkara_id = 2",
        "UPDATE perkara SET alur_perkara_id = NULL WHERE perkara_id = 3",
    )
    one, three = Sipp(sipp_url).read([1, 2, 3, 999])
    assert (one.number, one.kind, one.registered_on) == ("12/Pdt.G/2026/PN Mjk", "Wanprestasi & lain", None)
    assert {(h.starts, h.ends, h.room, h.agenda, h.adjourned) for h in one.hearings} == {
        (None, "09:30", None, None, False)
    }
    assert not {7, 8} & {h.id for h in one.hearings}
    assert three.flow == 0


# -- what can be wrong ------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_named_and_never_shown(reader_url, at_once):
    with pytest.raises(SippError, match=r"user .* or its password is wrong; see SAPA_SIPP_URL") as caught:
        Sipp(reader_url.replace(PASSWORD, "salah-sekali")).court()
    assert "salah-sekali" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql+pymysql://u:ge@heim@host/db", "mysql+pymysql://u:p@ge/heim@host/db", "no url"])
def test_an_address_that_cannot_be_understood_shows_no_piece_of_the_password(url):
    with pytest.raises(SippError, match="SAPA_SIPP_URL cannot be understood") as caught:
        Sipp(url)
    assert "heim" not in str(caught.value)


def test_a_database_that_is_not_there(sipp_url):
    with pytest.raises(SippError, match="no such database"):
        Sipp(f"{sipp_url}x").court()


def test_a_server_that_is_not_there(at_once):
    with pytest.raises(SippError, match="no connection; does the server run"):
        Sipp("mysql+pymysql://sapa@127.0.0.1:9/sipp").court()


def test_half_a_schema_names_what_is_missing(sipp_url):
    run(sipp_url, "DROP TABLE perkara_putusan", "ALTER TABLE perkara DROP COLUMN alur_perkara_id")
    with pytest.raises(SippError, match=r"perkara\.alur_perkara_id, perkara_putusan\."):
        Sipp(sipp_url).court()


def test_a_column_that_is_not_granted_is_named(reader_url):
    name = name_of(reader_url)
    run(f"{MARIADB}/mysql", f"REVOKE SELECT (agenda) ON {name}.perkara_jadwal_sidang FROM '{name}'@'%'")
    with pytest.raises(SippError, match=r"not granted to user .*: perkara_jadwal_sidang\.agenda\."):
        Sipp(reader_url).court()


def test_without_detentions_everything_else_works(sipp_url):
    run(sipp_url, "DROP TABLE penahanan_terdakwa")
    sipp = Sipp(sipp_url)
    assert sipp.court() and sipp.without() == [schema.DETENTION.name]
    assert {case.detention_ends_on for case in sipp.read([18, 19, 20])} == {None}


def test_a_database_without_a_court(sipp_url):
    run(sipp_url, "DELETE FROM sys_config WHERE id = 62")
    with pytest.raises(SippError, match="not the SIPP of a court"):
        Sipp(sipp_url).court()


def test_a_killed_connection_is_tried_again(sipp_url, at_once):
    sipp = Sipp(sipp_url)
    asked = []

    def question(connection):
        asked.append(connection.scalar(text("SELECT CONNECTION_ID()")))
        if len(asked) == 1:
            run(sipp_url, f"KILL CONNECTION {asked[0]}")
        return connection.scalar(text("SELECT COUNT(*) FROM perkara"))

    assert sipp._ask(question) == len(demo.CASES)
    assert len(set(asked)) == 2


def test_a_statement_that_takes_too_long_is_ended(sipp_url, at_once, monkeypatch):
    monkeypatch.setattr(source, "STATEMENT_SECONDS", 0.05)
    crowd = (
        "FROM perkara_jadwal_sidang a, perkara_jadwal_sidang b, perkara_jadwal_sidang c WHERE a.id + b.id = c.agenda"
    )
    with pytest.raises(SippError, match="max_statement_time"):
        Sipp(sipp_url)._ask(lambda connection: connection.scalar(text(f"SELECT COUNT(*) {crowd}")))


# -- a server of our own ----------------------------------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path, request):
    """A server with the invented cases in `sipp`; with a parameter: encrypted, with a certificate for that host."""
    if not (shutil.which("mariadbd") and shutil.which("mariadb-install-db")):
        absent("MariaDB's server program")
    host = getattr(request, "param", None)
    server = mariadb.Server(tmp_path, mariadb.certificate(tmp_path / "cert.pem", host) if host else None)
    server.run("CREATE DATABASE sipp CHARACTER SET utf8mb4")
    demo.fill(f"{server.url}/sipp", TODAY)
    yield server
    server.stop()


def test_a_server_that_restarts_is_waited_for(own_server, monkeypatch):
    monkeypatch.setattr(source, "PAUSES", (0.2,) * 100)
    sipp = Sipp(f"{own_server.url}/sipp")
    assert len(sipp.all_ids()) == len(demo.CASES)
    own_server.stop()
    back = threading.Timer(0.5, own_server.start)
    back.start()
    assert len(sipp.all_ids()) == len(demo.CASES)
    back.join()


@pytest.mark.parametrize("own_server", ["localhost"], indirect=True)
def test_the_connection_is_encrypted_and_the_server_is_who_it_says(own_server, tmp_path, at_once):
    ca = str(tmp_path / "cert.pem")
    url = f"{own_server.url}/sipp"
    sipp = Sipp(url.replace("127.0.0.1", "localhost"), ca)
    assert sipp.court().code == "CONTOH"
    assert sipp._ask(lambda it: it.execute(text("SHOW STATUS LIKE 'Ssl_cipher'")).one())[1]
    with pytest.raises(SippError, match="not for this host name"):
        Sipp(url, ca).court()
    other = str(mariadb.certificate(tmp_path / "other.pem", "localhost"))
    with pytest.raises(SippError, match="not one of SAPA_SIPP_CA"):
        Sipp(url.replace("127.0.0.1", "localhost"), other).court()


def test_a_server_without_encryption_is_refused_where_it_is_wanted(sipp_url, tmp_path, at_once):
    ca = str(mariadb.certificate(tmp_path / "ca.pem", "localhost"))
    with pytest.raises(SippError, match="no encrypted connection; see SAPA_SIPP_CA"):
        Sipp(sipp_url, ca).court()


def test_a_certificate_file_that_is_none(tmp_path):
    with pytest.raises(SippError, match=r"SAPA_SIPP_CA .*missing\.pem cannot be used"):
        Sipp("mysql+pymysql://sapa@127.0.0.1/sipp", str(tmp_path / "missing.pem"))


# -- the demonstration ------------------------------------------------------------------------------------------------


def invented(day: dt.date, folder: Path) -> dict[str, source.SippCase]:
    sipp = Sipp(demo.prepare(folder, day))
    assert sipp.court().name.endswith("(DATA CONTOH)")
    return {case.number: case for case in sipp.read(sorted(sipp.all_ids()))}


@pytest.mark.parametrize(
    "day", [dt.date(2026, 11, 18) + dt.timedelta(days=n) for n in range(7)] + [dt.date(2027, 1, 1)]
)
def test_the_demonstration_shows_every_kind_on_any_day(tmp_path, day):
    cases = invented(day, tmp_path).values()
    assert len(cases) >= 25
    assert len({case.number for case in cases}) == len(cases)
    assert {case.flow for case in cases} >= {1, 2, 7, 8, 111, 112, 113, 114, 118, 119}
    days = [h.day for case in cases for h in case.hearings]
    assert sum(heard > day for heard in days) > 20 and sum(heard < day for heard in days) > 50
    assert all(heard.isoweekday() <= 5 for heard in days)
    assert any(len([h for h in case.hearings if h.day == x.day]) > 1 for case in cases for x in case.hearings)
    assert any(h.adjourned and h.adjourned_because for case in cases for h in case.hearings)
    assert any(case.decided_on and case.minuted_on for case in cases)
    assert any(case.decided_on and not case.minuted_on for case in cases)
    assert {case.mediation_result for case in cases} >= {None, "Y1"}
    assert any(case.mediation_from and not case.mediation_until for case in cases)
    assert any(not case.bench_set_on for case in cases) and any(not case.hearings for case in cases)
    assert any(not case.parties_published for case in cases)
    assert any(case.detention_ends_on and case.detention_ends_on <= day + dt.timedelta(days=15) for case in cases)


def test_the_demonstration_is_renewed_daily_and_hearings_stay_who_they_are(tmp_path):
    before = invented(TODAY, tmp_path)
    made = (tmp_path / demo.FILE).stat().st_mtime_ns
    invented(TODAY, tmp_path)
    assert (tmp_path / demo.FILE).stat().st_mtime_ns == made, "not made anew on the same day"
    after = invented(TODAY + dt.timedelta(days=7), tmp_path)
    assert before.keys() == after.keys()
    old = {h.id: h.day for case in before.values() for h in case.hearings}
    new = {h.id: h.day for case in after.values() for h in case.hearings}
    assert all(new[hearing_id] == day for hearing_id, day in old.items() if hearing_id in new)
    assert len(old.keys() & new.keys()) > len(old) / 2


def test_a_broken_demonstration_is_made_anew(tmp_path):
    (tmp_path / demo.FILE).write_bytes(b"no database at all")
    assert invented(TODAY, tmp_path)


# -- sapa sipp check --------------------------------------------------------------------------------------------------


def check(tmp_path: Path, url: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "SAPA_DATA_DIR": str(tmp_path), "SAPA_SIPP_URL": url}
    command = [sys.executable, "-m", "cli", "sipp", "check"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_sapa_sipp_check(reader_url, tmp_path):
    done = check(tmp_path, reader_url)
    assert done.returncode == 0, done.stderr
    assert "court: PENGADILAN NEGERI MOJOKERTO (DATA CONTOH)" in done.stdout
    assert "grants: no more than needed" in done.stdout
    done = check(tmp_path, reader_url.replace(PASSWORD, "salah-sekali"))
    assert done.returncode == 1 and "password is wrong" in done.stderr
    assert "salah-sekali" not in done.stdout + done.stderr and "Traceback" not in done.stderr

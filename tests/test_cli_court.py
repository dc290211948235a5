"""MOX-06: `sapa staff`, `sapa letters` and `sapa call` as the PTIP unit types them."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner

from cli import court, main
from office.opening import now
from settings import get_settings
from storage import database
from storage.court.calls import newest
from storage.court.staff import everybody
from storage.tables import Outbox
from tasks import delivery
from tasks import staff as tasks
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes import staff
from tests.fakes.court import rows


@pytest.fixture
def sapa(sqlite_database, monkeypatch, twilio):
    """Runs a command; WhatsApp is on, what is enqueued stays in the queue."""
    settings = settings_with(twilio_api_base=twilio.url)
    for module in (tasks, delivery):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    own = get_settings().copy(update={"database_url": sqlite_database})
    monkeypatch.setattr(court, "get_settings", lambda: own)
    tasks.huey.flush()

    def run(*arguments: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == exit_code, (done.output, done.exception)
        return done.output

    yield run
    tasks.huey.flush()


def add(sapa, name="Hakim Contoh A", phone="081200000001", *more):
    return sapa("staff", "add", name, "--role", "judge", "--phone", phone, *more)


def test_people_are_added_shown_disabled_and_removed(sapa):
    assert add(sapa) == "1: Hakim Contoh A is registered\n"
    assert add(sapa, "Hakim Contoh B") == "1: Hakim Contoh B is altered\n"
    add(sapa, "Hakim Contoh C", "081200000003", "--superior-phone", "081200000001", "--duty", "judge", "--person", "11")
    shown = sapa("staff", "list")
    assert "+62…001" in shown and "0000001" not in shown and "judge 11" in shown
    assert "+6281200000001" in sapa("staff", "list", "--show-numbers")
    assert sapa("staff", "disable", "1", "7", exit_code=1) == "1: disabled\n7: nobody has this id\n"
    assert not everybody()[0].active
    assert sapa("staff", "enable", "1") == "1: enabled\n"
    assert sapa("staff", "remove", "1", "--yes") == "1: removed\n"
    [left] = everybody()
    assert left.name == "Hakim Contoh C" and left.superior_id is None


def test_a_wrong_number_is_told_clearly(sapa):
    said = sapa("staff", "add", "A", "--role", "judge", "--phone", "0812", exit_code=1)
    assert said == "Error: phone: '0812' is no phone number; write e.g. 0812..., or +62... with 8 to 15 digits\n"


def test_files(sapa, tmp_path):
    people, letters = tmp_path / "pegawai.csv", tmp_path / "surat.csv"
    people.write_text("name,role,phone\nA,judge,081200000001\n", "utf-8")
    assert sapa("staff", "import", str(people)) == "1 registered, 0 altered\n"
    assert sapa("staff", "import", str(people)) == "0 registered, 1 altered\n"
    letters.write_text("number,sender,subject,received_on\nA/1,Camat,Undangan,2026-11-20\n", "utf-8")
    assert sapa("letters", "import", str(letters)) == "1 entered, 0 known already\n"
    letters.write_text("number,sender,subject,received_on\nA/1,Camat,,2026-11-20\n", "utf-8")
    assert "line 2: subject: is missing" in sapa("letters", "import", str(letters), exit_code=1)


def test_a_letter_from_entering_to_finishing(sapa):
    add(sapa)
    assert sapa("letters", "add", "A/1", "--sender", "Camat", "--subject", "Undangan") == "1: entered\n"
    assert "masuk" in sapa("letters", "list") and now().date().isoformat() in sapa("letters", "list")
    assert sapa("letters", "dispose", "1", "--to", "1") == "1: given to Hakim Contoh A\n"
    assert "disposisi" in sapa("letters", "list") and len(rows(Outbox)) == 1
    assert sapa("letters", "finish", "1") == "1: finished\n"
    assert "A/1" not in sapa("letters", "list") and "selesai" in sapa("letters", "list", "--all")


def test_a_call_and_how_it_stands(sapa):
    staff.case(7, "12/Pdt.G/2026/PN Mjk")
    staff.chair()
    said = sapa("call", "12/Pdt.G/2026", "--room", "Cakra", "--time", "09.30")
    assert said == "1 called; `sapa call list` shows who has answered\n"
    [one] = newest(5)
    assert one.at.astimezone(now().tzinfo).time() == dt.time(9, 30)
    shown = sapa("call", "list")
    assert "12/Pdt.G/2026/PN Mjk  Cakra  Hakim Contoh A  waiting: first number, message created" in shown
    assert "is no time of day; write e.g. 09:30" in sapa(
        "call", "9/Pdt.G/2026", "--room", "x", "--time", "25", exit_code=1
    )
    assert "no case '9/Pdt.G/2026'" in sapa("call", "9/Pdt.G/2026", "--room", "x", exit_code=1)


def test_the_tables_are_made_where_there_are_none(sapa, tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    monkeypatch.setattr(court, "get_settings", lambda: get_settings().copy(update={"database_url": url}))
    database.use(url)
    assert sapa("staff", "list").startswith("id  name")

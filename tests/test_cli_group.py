"""`sapa guides` and `sapa proposals` as an office types them."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner

from cli import group as commands
from cli import main
from settings import get_settings
from storage.group import members
from storage.group.members import Application
from storage.tables import Outbox
from tasks import delivery
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes import group
from tests.fakes.court import rows
from tests.office.group.test_relay import Room
from tests.training.test_proposals import proposed

OFFICE = group.OFFICE


@pytest.fixture
def sapa(sqlite_database, monkeypatch, twilio):
    """Runs a command; WhatsApp is on, what is enqueued stays in the queue."""
    monkeypatch.setattr(delivery, "get_settings", lambda: settings_with(twilio_api_base=twilio.url))
    own = get_settings().copy(update={"database_url": sqlite_database})
    monkeypatch.setattr(commands, "get_settings", lambda: own)
    delivery.huey.flush()

    def run(*arguments: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == exit_code, (done.output, done.exception)
        return done.output

    yield run
    delivery.huey.flush()


def applied(name: str = "Ayu Contoh", phone: str = "+62000000401") -> int:
    written = (name, "SMAN 1 Contoh", 2010, "Desa Contoh", "ya?", "Ibu Contoh", "ya?")
    return members.apply(Application(OFFICE, group.cohort(), phone, *written))


def test_a_cohort_and_an_applicant_who_is_accepted(sapa):
    opened = sapa("guides", "cohort", OFFICE, "2027", "--from", "2027-01-01", "--until", "2027-02-28")
    assert opened == "1: 2027, applications from 2027-01-01 until 2027-02-28\n"
    assert members.open_cohort(dt.date(2027, 1, 15)) and not members.open_cohort(dt.date(2027, 3, 1))
    wrong = sapa("guides", "cohort", OFFICE, "x", "--from", "2027-02-01", "--until", "2027-01-01", exit_code=1)
    assert "--until lies before --from" in wrong
    assert "is no office of data/catalogue" in sapa(
        "guides", "cohort", "kecamatan_x", "x", "--from", "2027-02-01", "--until", "2027-03-01", exit_code=1
    )
    number = applied()
    shown = sapa("guides", "list", "--applied")
    assert "Ayu Contoh" in shown and "Ibu Contoh" in shown and "+62…401" in shown and "00000401" not in shown
    assert sapa("guides", "accept", str(number), "77", exit_code=1) == (
        f"{number}: accepted\n77: nobody with this id has applied\n"
    )
    assert members.get(number).state == "active" and not members.get(number).experienced
    assert sapa("guides", "promote", str(number)) == f"{number}: experienced\n"
    assert "guide, experienced" in sapa("guides", "list")
    assert sapa("guides", "remove", str(number), "--yes") == f"{number}: removed\n"
    assert "Ayu" not in sapa("guides", "list")


def test_an_accepted_guide_who_wrote_today_is_welcomed(sapa):
    room = Room()
    room.receive("+62000000401", "daftar pemandu")
    sapa("guides", "accept", str(applied()))
    assert "Selamat, Ayu!" in rows(Outbox)[-1].text and "dilihat dulu" in rows(Outbox)[-1].text


def test_officers(sapa):
    assert sapa("guides", "officer", OFFICE, "Petugas Contoh", "--phone", "0812-0000-0001") == (
        "1: Petugas Contoh is registered\n"
    )
    assert "altered" in sapa("guides", "officer", OFFICE, "Petugas Lain", "--phone", "+6281200000001")
    assert "is no phone number" in sapa("guides", "officer", OFFICE, "X", "--phone", "08", exit_code=1)
    applied(phone="+6281200000002")
    assert "the number is a guide's" in sapa("guides", "officer", OFFICE, "X", "--phone", "081200000002", exit_code=1)


def test_questions_held_back_and_figures(sapa):
    room = Room()
    number = room.ask("akta anak saya salah")
    assert f"#{number}" in sapa("guides", "questions", OFFICE) and "akta anak saya salah" in sapa(
        "guides", "questions", OFFICE
    )
    room.do(room.sari, f"#{number} jawaban lihat bit.ly/contoh")
    assert "B1" in sapa("guides", "held") and "link" in sapa("guides", "held")
    room.do(room.sari, f"#{number} Bawa KK.")
    room.say(f"nilai #{number}: 4")
    assert "Sari Contoh" in sapa("guides", "report")
    assert "Sari Contoh,1," in sapa("guides", "report", "--csv")
    assert "Sari" not in sapa("guides", "report", "--month", "2020-01")


def test_proposals(sapa):
    catalogue, utterance = proposed("catalogue"), proposed("utterance")
    shown = sapa("proposals", "list")
    assert f"{catalogue}  catalogue  open" in shown and "rated 4 of 4" in shown
    assert "ask an officer for the source" in sapa("proposals", "accept", str(catalogue))
    assert "--intent" in sapa("proposals", "accept", str(utterance), exit_code=1)
    assert sapa("proposals", "refuse", str(utterance)) == f"{utterance}: refused\n"
    assert sapa("proposals", "list") == "" and "accepted" in sapa("proposals", "list", "--all")

"""`sapa report users`: counted is what can be counted, by month in WIB."""

import csv
import datetime as dt
import io

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

import cli
from connectors.incoming import make_incoming
from errors import SapaError
from office.answers import Answers
from office.catalogue import Catalogue
from office.context import Memory
from office.opening import WIB
from office.parameters import Parameters
from office.reach import greeting
from office.wording import say
from outreach import report
from storage import messages, statuses
from storage.court.tables import Staff
from storage.database import writing
from storage.tables import Conversation, Inbound
from tests.connectors.test_whatsapp_webhook import settings_with

NOVEMBER = dt.date(2026, 11, 1)
MOMENT = dt.datetime(2026, 12, 5, 9, 0, tzinfo=WIB)
ANSWERS = Answers(Catalogue.load(), Parameters.load(), "jv", MOMENT)
FACT = {"text": ANSWERS.about_service("ask_requirements", "ktp_hilang", Memory(agency="kecamatan_mojosari")).text}
UNKNOWN = {"text": ANSWERS.about_service("ask_duration", "gugatan", Memory(agency="pn_mojokerto")).text}
"""Begins with an urgent notice and its source, and does not know what was asked."""
HEARING = {"text": f"Sidang: Senin\n\n{say('court.stamp', 'jv', day='Senin', time='08.00')}"}
GREETING = {"text": "Halo, selamat datang!"}


def talk(address, texts, reply, *, channel="whatsapp", at="2026-11-20T10:00", status="read", details=None):
    """Messages of a citizen, and what he got; `at` is WIB."""
    moment = dt.datetime.fromisoformat(at).replace(tzinfo=WIB)
    for number, text in enumerate(texts):
        sid = f"{address}-{at}-{number}"
        receipt = messages.receive(make_incoming(channel, address, sid, "text", text, details))
        kept = "created" if channel == "whatsapp" else "sent"
        (outbox_id,) = messages.complete(receipt.inbound_id, [reply], status=kept)
        if channel == "whatsapp" and status != "created":
            statuses.mark_sent(outbox_id, f"out-{sid}")
            statuses.record(f"out-{sid}", status, None)
        with writing() as session:
            session.execute(update(Inbound).filter_by(id=receipt.inbound_id).values(received_at=moment))
            first = select(func.min(Inbound.received_at)).filter_by(conversation_id=receipt.conversation_id)
            begun = update(Conversation).filter_by(id=receipt.conversation_id)
            session.execute(begun.values(created_at=first.scalar_subquery()))


def count(visitors=None, retention=90, moment=MOMENT):
    return report.report(NOVEMBER, visitors, retention, moment)


def test_new_citizens_are_counted_by_the_source_of_their_first_message(database):
    talk("+620000000001", [greeting("poster"), "syarat ktp"], FACT)
    talk("+620000000002", [f"{greeting('poster')} syarat KTP"], FACT)
    talk("+620000000003", ["syarat KTP", greeting("loket")], FACT)
    talk("a" * 40, ["jam buka"], FACT, channel="web", details={"source": "desa-sooko"})
    talk("b" * 40, ["jam buka"], FACT, channel="web")
    counted = count().counted
    assert counted.new == {
        ("poster", "whatsapp"): 2, (None, "whatsapp"): 1, ("desa-sooko", "web"): 1, (None, "web"): 1,
    }  # fmt: skip
    assert counted.wrote == {"whatsapp": 3, "web": 2} and counted.messages == {"whatsapp": 5, "web": 2}


def test_a_month_begins_and_ends_in_mojokerto(database):
    talk("+620000000001", ["halo"], FACT, at="2026-10-31T23:59")
    talk("+620000000002", ["halo"], FACT, at="2026-11-01T00:00")
    talk("+620000000003", ["halo"], FACT, at="2026-11-30T23:59")
    talk("+620000000004", ["halo"], FACT, at="2026-12-01T00:00")
    talk("+620000000001", ["lagi"], FACT, at="2026-11-15T12:00")
    counted = count().counted
    assert counted.new == {(None, "whatsapp"): 2}, "who first wrote in October is not new in November"
    assert counted.wrote == {"whatsapp": 3}


def test_only_an_answer_that_names_a_source_and_was_sent_is_one(database):
    talk("+620000000001", ["syarat"], FACT)
    talk("+620000000001", ["jadwal sidang"], HEARING, at="2026-11-20T11:00")
    talk("+620000000001", ["halo"], GREETING, at="2026-11-21T10:00")
    talk("+620000000002", ["syarat"], UNKNOWN)
    talk("+620000000003", ["syarat"], FACT, status="failed")
    talk("+620000000004", ["syarat"], FACT, status="created")
    counted = count().counted
    assert counted.messages == {"whatsapp": 6} and counted.wrote == {"whatsapp": 4}
    assert counted.answered == {"whatsapp": 2} and counted.served == {"whatsapp": 1}


def test_staff_and_programs_are_no_citizens(database):
    with writing() as session:
        session.add(Staff(name="Petugas", role="clerk", phone="+620000000001", second_phone="+620000000002"))
    for address in ("+620000000001", "+620000000002", "+620000000003"):
        talk(address, ["syarat"], FACT)
    talk("probe", ["jam buka"], FACT, channel="rest")
    counted = count().counted
    assert counted.new == {(None, "whatsapp"): 1} and counted.served == {"whatsapp": 1} == counted.wrote


def test_the_table(database):
    talk("+620000000001", [greeting("poster"), "syarat ktp"], FACT)
    talk("a" * 40, ["jam buka"], FACT, channel="web")
    shown = report.table(count(visitors=40))
    lines = {line[:52].strip(): line[52:].split() for line in shown.splitlines() if len(line) > 52}
    assert shown.startswith("Pengguna Sapa, November 2026\n")
    assert lines["poster"] == ["1", "0", "1"] and lines["(tanpa kode)"] == ["0", "1", "1"]
    assert lines["jumlah"] == ["1", "1", "2"] and lines["pesan dari warga"] == ["2", "1", "3"]
    assert lines["pengunjung kantor (angka dari petugas)"] == ["40"]
    assert lines["warga yang terjawab per 100 pengunjung kantor"] == ["5,0"]
    assert "belum selesai" not in shown and "tidak lengkap" not in shown
    assert "+62" not in shown and "a" * 40 not in shown, "nobody is named"


@pytest.mark.parametrize(
    "moment, retention, words",
    [
        (dt.datetime(2026, 11, 20, 9, 0, tzinfo=WIB), 90, "belum selesai"),
        (dt.datetime(2026, 12, 20, 9, 0, tzinfo=WIB), 30, "sudah tidak lengkap"),
    ],
)
def test_a_month_of_which_not_all_is_there_says_so(sqlite_database, moment, retention, words):
    found = count(moment=moment, retention=retention)
    assert words in report.table(found) and ",tidak," in report.as_csv(found)


def test_the_month(sqlite_database):
    assert report.month_of(None, MOMENT) == dt.date(2026, 12, 1)
    assert report.month_of("2026-11", MOMENT) == NOVEMBER
    for wrong, words in [("2026-13", "is no month"), ("11-2026", "is no month"), ("0000-01", "is no month"),
                         ("2027-01", "has not begun")]:  # fmt: skip
        with pytest.raises(SapaError, match=f"--month: .*{words}"):
            report.month_of(wrong, MOMENT)


def test_the_command(database, monkeypatch):
    monkeypatch.setattr(cli, "get_settings", lambda: settings_with(database_url=database))
    monkeypatch.setattr("office.opening.now", lambda: MOMENT)
    talk("+620000000001", [greeting("poster")], FACT)
    sapa = CliRunner()
    done = sapa.invoke(cli.main, ["report", "users", "--month", "2026-11", "--visitors", "40", "--csv"])
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert {"bulan": "2026-11", "lengkap": "ya", "ukuran": "warga baru", "sumber": "poster", "kanal": "whatsapp",
            "jumlah": "1"} in rows  # fmt: skip
    assert rows[-1]["jumlah"] == "40" and {row["kanal"] for row in rows} == {"whatsapp", "web", ""}
    assert "Pengguna Sapa, November 2026" in sapa.invoke(cli.main, ["report", "users", "--month", "2026-11"]).output
    for arguments, words in [(["--month", "besok"], "'besok' is no month"), (["--visitors", "0"], "--visitors")]:
        done = sapa.invoke(cli.main, ["report", "users", *arguments])
        assert done.exit_code and words in done.output

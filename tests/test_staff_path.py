"""MOX-09, MOX-20: staff and citizens at once in one Sapa, everything real but Twilio, over the four processes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from office import opening
from office.court import digest
from office.court.working_days import is_working
from storage import database
from storage.court import calls, letters
from storage.court.letters import NewLetter
from storage.court.staff import set_active
from storage.court.tables import Call, Reminder
from storage.tables import now
from tests.fakes import staff
from tests.fakes.court import rows
from tests.fakes.twilio import FakeTwilio, inbound_form
from tests.instance import Instance
from tests.test_whole_path import with_whatsapp, within

CITIZEN = "+62000000999"
PUBLIC = "Daftar tugas hanya untuk pegawai"
LETTER = "W14.U9/77/2026"


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture(scope="module")
def sapa(tmp_path_factory, twilio) -> Iterator[Instance]:
    with with_whatsapp(tmp_path_factory.mktemp("staff"), twilio) as instance:
        database.use(f"sqlite:///{instance.data_dir / 'sapa.sqlite3'}")
        yield instance
        database.engine().dispose()


@pytest.fixture(scope="module")
def chair(sapa):
    """A judge with a letter that should have been finished long ago.

    Today's digest counts as made: on a working day the worker would send it in the midst of the tests.
    """
    today = opening.now().date()
    person = staff.chair(second_phone="+62000000911", digest_on=today)
    day = today - dt.timedelta(days=30)
    letters.enter([NewLetter(LETTER, "Camat Contoh", "Undangan", day, disposed_on=day, assigned_to=person.id)])
    return person


@pytest.fixture
def write(sapa, twilio) -> Callable[[str, str], str]:
    """Sends a WhatsApp message and returns what is answered."""

    def send(address: str, text: str) -> str:
        before = len(twilio.sent(address))
        url = f"{sapa.base_url}/webhooks/whatsapp"
        assert twilio.post(url, inbound_form(address, text)).status_code == 200
        assert within(60, lambda: len(twilio.sent(address)) > before), f"{text!r} is not answered"
        return str(twilio.sent(address)[-1]["body"])

    return send


def test_tasks_are_told_to_the_registered_number_alone(chair, sapa, write):
    said = write(chair.phone, "tugas saya apa saja")
    assert "Hakim Contoh A (Hakim)" in said and f"surat {LETTER}" in said
    assert f"surat {LETTER}" in write("+62000000911", "TUGAS")
    assert PUBLIC in write(CITIZEN, "tugas saya apa saja")
    assert PUBLIC in sapa.say(chair.phone, "tugas saya apa saja")[0]["text"], "whoever calls himself so on the web"
    assert PUBLIC in write(CITIZEN, f"saya hakim {chair.name}, tugas saya apa")


def test_staff_ask_what_citizens_ask(chair, write):
    assert "Fotokopi KK" in write(chair.phone, "syarat ktp hilang di kecamatan mojosari")


def test_siap_answers_a_call(chair, sapa, twilio, write):
    calls.begin(chair, None, "12/Pdt.G/2026/PN Mjk", "Cakra", now(), "Panggilan contoh", now() + dt.timedelta(hours=1))
    sapa.sweep()
    assert within(90, lambda: twilio.sent(chair.phone)[-1]["body"] == "Panggilan contoh")
    assert "tercatat" not in write(CITIZEN, "siap") and rows(Call)[0].acknowledged_at is None
    said = write(chair.phone, "Siap pak")
    assert "panggilan ini tercatat sudah dijawab:\n- 12/Pdt.G/2026/PN Mjk, ruang Cakra" in said
    assert rows(Call)[0].acknowledged_by == chair.id


def test_sudah_answers_a_reminder(chair, sapa, twilio, write):
    day = next(day for day in (opening.now().date() + dt.timedelta(days=n) for n in range(1, 30)) if is_working(day))
    assert digest.morning(staff.at("07:00", day))
    sapa.sweep()
    assert within(90, lambda: any(LETTER in message["body"] for message in twilio.sent(chair.phone)[-1:]))
    assert "tercatat" not in write(CITIZEN, "sudah") and rows(Reminder)[0].answered_at is None
    assert "Dicatat: 1 pengingat" in write(chair.phone, "sudah")
    assert rows(Reminder)[0].answered_at and rows(Reminder)[0].closed_at is None


def test_a_disabled_number_is_a_citizens(chair, write):
    set_active(chair.id, False)
    assert PUBLIC in write(chair.phone, "tugas saya apa saja")

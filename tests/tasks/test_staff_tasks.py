"""MOX-01, MOX-03, MOX-08: from the mirror to a message at Twilio, over the real tasks, outbox and delivery."""

import datetime as dt
import json

import pytest

from connectors.whatsapp import Sender
from errors import SapaError
from office.court import calls
from storage.court.letters import NewLetter, enter
from storage.court.tables import Call, Reminder, Staff
from storage.tables import Outbox
from tasks import delivery
from tasks import staff as tasks
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes import court, staff
from tests.fakes.court import rows
from tests.fakes.staff import MONDAY, at

NUMBER = "12/Pdt.G/2026/PN Mjk"


@pytest.fixture
def clock(monkeypatch):
    """{"now": moment}: what the tasks take for the present."""
    clock = {"now": at("07:00")}
    monkeypatch.setattr(tasks, "now", lambda: clock["now"])
    monkeypatch.setattr(calls, "present", lambda: clock["now"])
    return clock


@pytest.fixture
def desk(database, twilio, monkeypatch, clock):
    """The tasks in huey's immediate mode: what is enqueued runs at once."""
    settings = settings_with(twilio_api_base=twilio.url, twilio_reengage_template="HX1")
    for module in (tasks, delivery):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    monkeypatch.setattr(delivery, "sender", lambda: Sender(settings))
    tasks.huey.flush()
    tasks.huey.immediate = True
    staff.case(7, NUMBER, decided_on=MONDAY - dt.timedelta(days=6))
    court.synchronised(at("06:55"))
    yield settings
    tasks.huey.immediate = False


def test_the_digest_reaches_a_person_who_has_never_written(desk, twilio):
    """Outside the 24-hour window: by template, whole and in one line."""
    clerk = staff.clerk()
    tasks.remind()
    (message,) = twilio.sent(clerk.phone)
    assert message["content_sid"] == "HX1"
    said = json.loads(twilio.requests[0][2]["ContentVariables"])["1"]
    assert said.startswith("*Tugas Anda, 23 November 2026*: 1 hal menunggu.") and said.endswith("daftar surat.")
    assert NUMBER in said and "Data SIPP per 23 November 2026 pukul 06.55 WIB" in said and "\n" not in said
    tasks.remind()
    assert len(twilio.sent()) == 1


def test_the_digest_within_the_window(desk, twilio):
    clerk = staff.clerk()
    court.citizen(clerk.phone)
    tasks.remind()
    (message,) = twilio.sent(clerk.phone)
    assert message["content_sid"] is None and "\n- " in message["body"]


def test_a_call_from_the_terminal_goes_on_by_itself(desk, twilio, clock):
    chair, clerk = staff.chair(second_phone="+62000000911"), staff.clerk()
    assert tasks.call(NUMBER, "Cakra", None, None) == 1
    for minutes in range(1, 20):
        clock["now"] = at("07:00") + dt.timedelta(minutes=minutes)
        tasks.pursue_calls()
    assert [message["to"] for message in twilio.sent()] == [
        f"whatsapp:{number}" for number in (chair.phone, "+62000000911", clerk.phone)
    ]
    assert rows(Call)[0].closed_at == at("07:15")


def test_a_disposition_reaches_the_person(desk, twilio):
    clerk = staff.clerk()
    [(letter_id, _)] = enter([NewLetter("A/1", "Camat Contoh", "Undangan", MONDAY)])
    assert tasks.dispose(letter_id, clerk.phone) == clerk
    assert "Surat masuk" in twilio.sent(clerk.phone)[0]["body"]


def test_without_whatsapp_nothing_is_heaped_up(desk, twilio, monkeypatch):
    staff.clerk()
    monkeypatch.setattr(tasks, "get_settings", lambda: settings_with(twilio_account_sid=""))
    tasks.remind()
    with pytest.raises(SapaError, match="TWILIO_ACCOUNT_SID"):
        tasks.call(NUMBER, "Cakra", None, None)
    assert rows(Outbox) == rows(Reminder) == rows(Call) == [] and rows(Staff)[0].digest_on is None
    [(letter_id, _)] = enter([NewLetter("A/1", "Camat Contoh", "Undangan", MONDAY)])
    tasks.dispose(letter_id, "1")
    assert rows(Outbox) == []

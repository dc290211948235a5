"""MOX-05, MOX-08, MOX-11: from an event of SIPP to a message at Twilio, over the real tasks, outbox and delivery."""

import datetime as dt
import json
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from connectors.whatsapp import Sender
from office import opening
from office.court import following, sync
from office.court import notices as office
from office.opening import WIB
from storage import outbox
from storage.court.tables import Hearing, Notice
from storage.database import writing
from storage.sipp import demo
from storage.tables import Conversation, Outbox, now
from tasks import conversations, delivery
from tasks import court as court_tasks
from tasks import notices as tasks
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes import court
from tests.fakes.court import HEARING, PHONE, change, citizen, follow, rows
from tests.fakes.messages import announce

FRIDAY = dt.datetime(2026, 11, 20, 10, tzinfo=WIB)


@pytest.fixture
def house(database, twilio, monkeypatch):
    """The tasks in huey's immediate mode on a Friday at ten: what is enqueued runs at once."""
    settings = settings_with(twilio_api_base=twilio.url, twilio_reengage_template="HX1")
    for module in (tasks, delivery):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    monkeypatch.setattr(delivery, "sender", lambda: Sender(settings))
    monkeypatch.setattr(tasks, "clock", lambda: FRIDAY)
    tasks.huey.flush()
    tasks.huey.immediate = True
    yield settings
    tasks.huey.immediate = False


@pytest.fixture
def desk(house):
    """With a case that is heard on the Monday after."""
    court.synchronised(FRIDAY)
    court.add_case()
    court.add_hearing(HEARING, dt.date(2026, 11, 23))
    return house


def test_from_sipp_to_the_phone(house, twilio, monkeypatch, tmp_path):
    """MOX-05: nobody types anything; a second look into SIPP tells nothing a second time."""
    here = house.copy(update={"data_dir": tmp_path, "sipp_url": ""})
    today = opening.now().date()
    monkeypatch.setattr(sync, "get_settings", lambda: here)
    monkeypatch.setattr(tasks, "clock", lambda: dt.datetime.combine(today, dt.time(10), WIB))
    synchronise = court_tasks.sync_court.call_local
    synchronise()
    ahead = next(h for h in rows(Hearing) if h.day > today + dt.timedelta(days=2))
    follow(citizen(), ahead.case_id)
    with closing(sqlite3.connect(tmp_path / demo.FILE)) as sipp, sipp:
        sipp.execute("UPDATE perkara_jadwal_sidang SET ruangan = 'Ruang Sidang Lain' WHERE id = ?", (ahead.id,))
    synchronise()
    synchronise()
    (message,) = twilio.sent(PHONE)
    assert message["body"].startswith("DATA CONTOH") and "*berubah*: Ruang Sidang Lain" in message["body"]


def silent_for(hours: int) -> None:
    with writing() as session:
        session.execute(update(Conversation).values(last_inbound_at=now() - dt.timedelta(hours=hours)))


def test_from_the_event_to_the_phone(desk, twilio):
    follow(citizen())
    change(HEARING, "moved", starts="10:00")
    tasks.plan()
    (message,) = twilio.sent(PHONE)
    assert message["content_sid"] is None and "pukul 10.00 WIB" in message["body"]
    assert "Data SIPP per 20 November 2026 pukul 10.00 WIB" in message["body"], "MOX-08: source and time of the data"
    tasks.plan()
    assert len(twilio.sent()) == 1 and rows(Notice)[0].outbox_id == rows(Outbox)[0].id


def test_outside_the_window_by_template_in_one_line(desk, twilio):
    follow(citizen())
    silent_for(25)
    change(HEARING, "adjourned", adjourned=True, adjourned_because="saksi sakit")
    court.new(82, dt.date(2026, 11, 30))
    tasks.plan()
    (request,) = [form for method, _, form in twilio.requests if method == "POST"]
    text = json.loads(request["ContentVariables"])["1"]
    assert request["ContentSid"] == "HX1" and "Body" not in request
    assert text == " ".join(rows(Outbox)[0].text.split()) and "\n" not in text and len(text) <= 900
    assert text.startswith(
        "Kabar perkara *12/Pdt.G/2026/PN Mjk*: Sidang Senin, 23 November 2026, pukul 09.00 WIB *ditunda*"
    )
    assert text.endswith("Balas STOP untuk berhenti dikabari.")


def test_without_a_template_it_lies_among_the_dead_letters(desk, twilio, monkeypatch):
    settings = settings_with(twilio_api_base=twilio.url)
    monkeypatch.setattr(delivery, "sender", lambda: Sender(settings))
    follow(citizen())
    silent_for(25)
    change(HEARING, "moved", starts="10:00")
    tasks.plan()
    (dead,) = outbox.dead_letters()
    assert dead.error_code == 63016 and twilio.sent() == []


def test_no_whatsapp_user_is_a_dead_letter_and_left_alone(desk, twilio):
    follow(citizen())
    twilio.script(63024)
    change(HEARING, "moved", starts="10:00")
    tasks.plan()
    assert [dead.error_code for dead in outbox.dead_letters()] == [63024]
    change(HEARING, "moved", starts="11:00")
    tasks.plan()
    assert twilio.creations() == 1 and rows(Notice)[1].outcome == "unreachable"
    citizen()
    change(HEARING, "moved", starts="13:00")
    tasks.plan()
    assert len(twilio.sent(PHONE)) == 1


def test_blocked_is_told_afterwards_by_a_callback(desk, twilio):
    follow(citizen())
    change(HEARING, "moved", starts="10:00")
    tasks.plan()
    delivery.status_arrived(twilio.sent()[0]["sid"], "undelivered", 63014)
    change(HEARING, "moved", starts="11:00")
    tasks.plan()
    assert len(twilio.sent()) == 1


def test_taken_in_bites(desk, twilio, monkeypatch):
    monkeypatch.setattr(tasks, "BITE", 4)
    for number in range(10):
        follow(citizen(f"+62000000{number:02d}"))
    change(HEARING, "moved", starts="10:00")
    before = tasks.huey.scheduled_count()
    tasks.plan()
    assert len(twilio.sent()) == 4 and tasks.huey.scheduled_count() == before + 1, "the next bite is under way"
    for _ in range(3):
        tasks.send()
    assert len(twilio.sent()) == len({message["to"] for message in twilio.sent()}) == 10


def test_a_full_queue_is_not_filled_further(desk, twilio, monkeypatch):
    follow(citizen())
    change(HEARING, "moved", starts="10:00")
    monkeypatch.setattr(tasks.huey, "pending_count", lambda: tasks.BITE)
    tasks.plan()
    assert rows(Outbox) == [] and rows(Notice)[0].settled_at is None


def test_a_lost_delivery_is_found_by_the_sweep(desk, twilio, monkeypatch):
    """A kill between the transaction and the queue."""
    follow(citizen())
    change(HEARING, "moved", starts="10:00")
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "deliver", lambda outbox_id: None)
        tasks.plan()
    assert twilio.sent() == [] and rows(Notice)[0].outcome == "sent"
    conversations.sweep()
    assert len(twilio.sent(PHONE)) == 1


def test_whatsapp_off_plans_and_waits(desk, twilio, monkeypatch):
    follow(citizen())
    change(HEARING, "moved", starts="10:00")
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "get_settings", lambda: settings_with(twilio_auth_token=""))
        tasks.plan()
    assert rows(Outbox) == [] and rows(Notice)[0].settled_at is None
    tasks.plan()
    assert len(twilio.sent(PHONE)) == 1


def test_a_mistake_of_ours_holds_up_nobody_else(desk, twilio, monkeypatch):
    follow(citizen("+6200000001"))
    court.add_case(8, "8/Pdt.G/2026/PN Mjk")
    court.add_hearing(88, dt.date(2026, 11, 24), case_id=8)
    follow(citizen("+6200000002"), 8)
    change(HEARING, "moved", starts="not a time")
    change(88, "moved", starts="10:00")
    message = office.message

    def fail(dossier, *arguments):
        if dossier.number == court.NUMBER:
            raise ValueError(f"rahasia {PHONE}")
        return message(dossier, *arguments)

    monkeypatch.setattr(office, "message", fail)
    with capture_logs() as logs:
        tasks.plan()
    assert [sent["to"] for sent in twilio.sent()] == ["whatsapp:+6200000002"]
    assert [notice.outcome for notice in rows(Notice)] == ["failed", "sent"]
    assert PHONE not in str(logs) and "notice_failed" in str(logs)


def test_stop_takes_back_what_has_not_left_yet(desk, twilio, monkeypatch):
    """Twilio was away when it was written; what answers something stays."""
    conversation = citizen()
    for case_id in (court.CASE, 8):
        if case_id == 8:
            court.add_case(8, "8/Pdt.G/2026/PN Mjk")
            court.add_hearing(88, dt.date(2026, 11, 24), case_id=8)
        follow(conversation, case_id)
    change(HEARING, "moved", starts="10:00")
    change(88, "moved", starts="11:00")
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "deliver", lambda outbox_id: None)
        tasks.plan()
    (answer,) = announce(conversation, [{"text": "Jawaban contoh"}])
    assert following.unfollow(conversation, court.CASE) == [court.NUMBER]
    assert [notice.outcome for notice in rows(Notice)] == ["unfollowed", "sent"]
    following.stop_all(conversation)
    assert [row.id for row in rows(Outbox)] == [answer]
    conversations.sweep()
    assert [message["body"] for message in twilio.sent()] == ["Jawaban contoh"]


def test_stop_ends_it(desk, twilio):
    conversation = citizen()
    follow(conversation)
    assert following.stop_all(conversation) == 1
    change(HEARING, "moved", starts="10:00")
    tasks.plan()
    assert twilio.sent() == [] and rows(Notice) == []

import os
import threading
import time
from dataclasses import replace
from random import Random

import pytest
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sqlalchemy import update
from structlog.testing import capture_logs

from assistant import Assistant
from connectors.incoming import make_incoming
from connectors.whatsapp import Sender
from office import notices
from storage import database as storage_database
from storage import messages, outbox, replies
from storage.database import StorageError, reading, writing
from storage.tables import Conversation, Inbound, Outbox, now
from tasks import conversations as tasks
from tasks import delivery as outgoing
from tasks.queue import consumer_options
from tests.connectors.test_whatsapp_webhook import settings_with
from tests.fakes.engine import Engine, serve

CITIZEN = "+6281234567890"


@pytest.fixture(autouse=True)
def _empty_queue():
    """Other tests of the same run may have left tasks in the queue."""
    tasks.huey.flush()


@pytest.fixture
def engine(tmp_path):
    made = Engine(tmp_path / "trackers")
    server = serve(made)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk(database, engine, twilio, monkeypatch):
    """tasks in huey's immediate mode: what is enqueued runs at once, what is scheduled is only noted."""
    settings = settings_with(twilio_api_base=twilio.url)
    made = Assistant(engine.url, timeout=2.0)
    sender = Sender(settings)
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    monkeypatch.setattr(tasks, "assistant", lambda: made)
    monkeypatch.setattr(outgoing, "sender", lambda: sender)
    monkeypatch.setattr(outgoing, "get_settings", lambda: settings)
    tasks.huey.immediate = True
    yield tasks
    tasks.huey.immediate = False


@pytest.fixture(params=["sqlite"])
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'sapa.sqlite3'}"


def say(text, sid="SM1", kind="text", channel="whatsapp"):
    incoming = make_incoming(channel, CITIZEN, sid, "text" if kind == "hurry" else kind, text)
    return tasks.accept(replace(incoming, kind=kind))


def rows(table):
    with reading() as session:
        return session.query(table).order_by(table.id).all()


def hurry():
    with writing() as session:
        session.execute(update(Inbound).values(next_attempt_at=None))
        session.execute(update(Outbox).values(next_attempt_at=None))


def test_the_whole_path(desk, engine, twilio):
    receipt = say("syarat akta")
    assert [m["body"] for m in twilio.sent(CITIZEN)] == ["Jawaban 1 untuk syarat akta\n\nSekian."]
    assert engine.asked[0]["sender"] == f"c{receipt.conversation_id}", "never a phone number"
    assert "62812" not in str(engine.asked)
    say("syarat akta")
    assert len(twilio.sent()) == 1 and len(engine.asked) == 1, "the same MessageSid is one message"


def test_a_reply_for_the_web_lies_ready(desk, twilio):
    receipt = say("halo", channel="web")
    assert [reply.text for reply in replies.answers_to([receipt.inbound_id])[receipt.inbound_id]]
    assert rows(Outbox)[0].status == "sent" and twilio.requests == []


@pytest.mark.parametrize(
    "kind, text, notice",
    [
        ("media", "", notices.MEDIA),
        ("location", "", notices.LOCATION),
        ("text", "", notices.EMPTY),
        ("text", "  \n ", notices.EMPTY),
        ("text", "///", notices.EMPTY),
        ("media", " \n", notices.MEDIA),
        ("hurry", "syarat KTP", notices.HURRY),
    ],
)
def test_answered_without_the_engine(desk, engine, twilio, kind, text, notice):
    say(text, kind=kind)
    assert twilio.sent(CITIZEN)[0]["body"] == notice and engine.asked == []


@pytest.mark.parametrize(
    "text, asked",
    [
        ("/restart", "restart"),
        (" //session_start", "session_start"),
        ("/ /x", "x"),
        ("/\u2003/restart", "restart"),
        ("\uff0f\x1b/\u2060/restart", "restart"),
    ],
)
def test_no_commands_to_rasa(desk, engine, text, asked):
    say(text)
    assert engine.asked[0]["message"] == asked


@pytest.mark.parametrize("kind", ["media", "location"])
def test_what_is_written_beside_a_photo_is_answered(desk, engine, twilio, kind):
    say("syarat KTP?", kind=kind)
    assert engine.asked[0]["message"] == "syarat KTP?" and twilio.sent(CITIZEN)[0]["body"].startswith("Jawaban 1")


def test_notices_speak_both_languages():
    for notice in (*notices.WITHOUT_WORDS.values(), notices.EMPTY, notices.APOLOGY, notices.HURRY):
        indonesian, javanese = notice.split("\n\n")
        assert "Anda" in indonesian and "panjenengan" in javanese and len(notice) < 500
    assert "*" not in notices.LOCATION, "no office as an example: which are known is the catalogue's affair"


COMMAND = '/ask_hours{"service": "akta_kelahiran"}'
BEFORE_A_COMMAND = [
    *"/ \t\n\v\f\r\x00\x01\x1b\x1c\x1f\x7f\x85\xa0\xad\u061c\u1680\u180e\u2000\u2003\u200b\u200d\u200e\u2028\u2029",
    *"\u202e\u202f\u205f\u2060\u2066\u3000\ufeff\uff0f\U000e0001\U000e0020",
]


def taken_for_a_command(text):
    message = Message({TEXT: text})
    read = RegexMessageHandler().process([message], Domain.from_dict({"intents": ["ask_hours", "restart"]}))[0]
    return read is not message


def test_rasas_own_reader_takes_no_text_for_a_command():
    assert taken_for_a_command(COMMAND) and taken_for_a_command(f" \u2003{COMMAND}"), "so it is without our care"
    random = Random(7)
    leads = [*BEFORE_A_COMMAND, *(a + b for a in BEFORE_A_COMMAND for b in BEFORE_A_COMMAND)]
    leads += ["".join(random.choices(BEFORE_A_COMMAND, k=random.randint(3, 9))) for _ in range(3000)]
    for lead in leads:
        for between in ("/", "/\u2003", ""):
            text = tasks.without_command(f"{lead}{between}{COMMAND}")
            assert text == COMMAND[1:] and not taken_for_a_command(text), ascii(lead + between)


def test_no_character_at_all_hides_a_command():
    for code in range(0x110000):
        left = tasks.without_command(chr(code) + COMMAND)
        assert not left.strip().startswith("/"), hex(code)


@pytest.mark.parametrize(
    "text", ["syarat KTP/KK?", "1/2", "¿jam?", "👋 halo", "\u0301a", "", "akta /restart", "½ hari"]
)
def test_other_texts_stay_as_they_are(text):
    assert tasks.without_command(f"  {text}\n") == text


def test_a_number_stands_for_its_choice(desk, engine, twilio):
    say("pilih", "SM1")
    assert twilio.sent(CITIZEN)[0]["body"] == "Yang mana?\n\n1. Akta Kelahiran\n2. KTP"
    say("nomer loro", "SM2")
    say("2", "SM3")
    assert [asked["message"] for asked in engine.asked] == ["pilih", "ktp", "2"], "the newest answer offered nothing"


def test_nobody_is_met_with_silence(desk, engine, twilio):
    """Asked again first: an action server that restarts makes Rasa silent."""
    say("diam")
    while len(engine.asked) < tasks.SILENCES:
        assert not twilio.sent(CITIZEN) and rows(Inbound)[0].attempts == len(engine.asked)
        hurry()
        tasks.sweep()
    assert [message["body"] for message in twilio.sent(CITIZEN)] == [notices.APOLOGY]


def test_engine_down_and_back(desk, engine, twilio):
    engine.failing = True
    say("satu", "SM1")
    say("dua", "SM2")
    first = rows(Inbound)[0]
    assert (first.attempts, first.handled_at) == (1, None) and first.next_attempt_at > now() and "500" in first.error
    assert tasks.huey.scheduled_count() >= 1
    engine.failing = False
    hurry()
    tasks.sweep()
    assert [m["body"].split("\n")[0] for m in twilio.sent(CITIZEN)] == ["Jawaban 1 untuk satu", "Jawaban 2 untuk dua"]


def test_giving_up_after_minutes_with_one_apology(desk, engine, twilio, monkeypatch):
    engine.failing = True
    say("satu", "SM1")
    say("dua", "SM2")
    for _ in range(6):
        hurry()
        tasks.sweep()
    assert rows(Inbound)[0].attempts == 7 and twilio.sent() == [], "many attempts in a short time are no reason yet"
    monkeypatch.setattr(tasks, "GIVE_UP_AGE", tasks.dt.timedelta(0))
    hurry()
    tasks.sweep()
    assert [message["body"] for message in twilio.sent(CITIZEN)] == [notices.APOLOGY]
    assert all(row.handled_at and "500" in row.error for row in rows(Inbound))
    engine.failing = False
    say("tiga", "SM3")
    assert twilio.sent(CITIZEN)[-1]["body"].startswith("Jawaban 1 untuk tiga")


@pytest.mark.parametrize("where", ["answer", "store"])
def test_a_mistake_of_ours_holds_up_nobody_for_ever(desk, engine, twilio, monkeypatch, where):
    """An answer that nobody foresaw, or one that cannot be rendered or stored."""
    secret = "Sumiyati dari Jagalan"

    def fail(*_, **__):
        raise ValueError(f"cannot handle {secret}")

    with monkeypatch.context() as patched, capture_logs() as logs:
        broken = (tasks, "resolve_number") if where == "answer" else (tasks.plaintext, "render")
        patched.setattr(*broken, fail)
        say(secret, "SM1")
        say("dua", "SM2")
        for _ in range(tasks.GIVE_UP_ATTEMPTS - 1):
            hurry()
            tasks.sweep()
        first = rows(Inbound)[0]
        assert first.attempts == tasks.GIVE_UP_ATTEMPTS and first.handled_at is None and first.next_attempt_at > now()
        assert first.error.startswith("ValueError < test_tasks.py:") and "conversations.py:" in first.error
        assert secret not in str(logs) and {"message_postponed"} == {line["event"] for line in logs} - {"sweep"}
    monkeypatch.setattr(tasks, "GIVE_UP_AGE", tasks.dt.timedelta(0))
    monkeypatch.setattr(tasks, "resolve_number", fail)
    hurry()
    tasks.sweep()
    assert [message["body"] for message in twilio.sent(CITIZEN)] == [notices.APOLOGY]


def test_pauses_grow():
    assert list(tasks.PAUSES) == sorted(tasks.PAUSES)
    assert sum(tasks.PAUSES[: tasks.GIVE_UP_ATTEMPTS]) < tasks.GIVE_UP_AGE.total_seconds() < sum(tasks.PAUSES)


def test_an_answer_from_before_a_kill_is_taken_over(desk, engine, twilio):
    receipt = messages.receive(make_incoming("whatsapp", CITIZEN, "SM1", "text", "halo"))
    begun = messages.begin(receipt.conversation_id)
    tasks.assistant().reply(f"c{receipt.conversation_id}", "halo", begun.id, retry=False)
    tasks.sweep()  # here the worker was killed and another one has started
    assert len(engine.asked) == 1 and [m["body"] for m in twilio.sent()] == ["Jawaban 1 untuk halo\n\nSekian."]


def test_a_locked_conversation_is_left_to_its_holder_and_looked_at_again(desk, engine):
    receipt = messages.receive(make_incoming("whatsapp", CITIZEN, "SM1", "text", "halo"))
    before = tasks.huey.scheduled_count()
    with tasks.huey.lock_task(f"conversation-{receipt.conversation_id}"):
        tasks.handle_conversation(receipt.conversation_id)
    assert engine.asked == [] and tasks.huey.scheduled_count() == before + 1


def test_a_message_that_comes_at_the_last_moment_is_not_left_behind(desk, engine, monkeypatch):
    late = make_incoming("whatsapp", CITIZEN, "SM2", "text", "terlambat")
    store = tasks._store

    def and_then_another_one_comes(*arguments):
        stored = store(*arguments)
        if len(rows(Inbound)) == 1:
            tasks.accept(late)  # its task finds the lock taken and goes away
        return stored

    monkeypatch.setattr(tasks, "_store", and_then_another_one_comes)
    say("halo")
    assert [asked["message"] for asked in engine.asked] == ["halo", "terlambat"]


def test_queue_down(desk, engine, monkeypatch):
    def refuse(*_):
        raise OSError("queue down")

    monkeypatch.setattr(tasks.huey.storage, "put_if_empty", refuse)
    monkeypatch.setattr(tasks, "handle_conversation", refuse)
    receipt = say("halo")
    assert receipt.new and messages.conversations_waiting() == [receipt.conversation_id]


def test_resend_and_status(desk, twilio):
    twilio.script(21211)
    say("halo")
    (dead,) = outbox.dead_letters()
    assert outgoing.resend(dead.id) and not outgoing.resend(dead.id)
    sid = twilio.sent(CITIZEN)[0]["sid"]
    outgoing.status_arrived(sid, "delivered", None)
    assert rows(Outbox)[0].status == "delivered"


def test_rate_limit_told_afterwards_is_scheduled(desk, twilio):
    say("halo")
    before = tasks.huey.scheduled_count()
    outgoing.status_arrived(twilio.sent()[0]["sid"], "failed", 63018)
    assert tasks.huey.scheduled_count() == before + 1
    hurry()
    tasks.sweep()
    assert len(twilio.sent()) == 2 and rows(Outbox)[0].status == "sent"


def test_a_failed_delivery_is_scheduled_and_swept_up(desk, twilio):
    twilio.script(500)
    say("halo")
    assert twilio.sent() == [] and tasks.huey.scheduled_count() >= 1
    hurry()
    tasks.sweep()
    assert len(twilio.sent()) == 1


def test_whatsapp_off_keeps_what_is_owed(desk, twilio, monkeypatch):
    monkeypatch.setattr(outgoing, "get_settings", lambda: settings_with(twilio_auth_token=""))
    say("halo")
    assert rows(Outbox)[0].status == "created" and twilio.requests == []


def test_retention(desk):
    say("halo")
    long_ago = now() - tasks.dt.timedelta(days=91)
    with writing() as session:
        session.execute(update(Inbound).values(received_at=long_ago))
        session.execute(update(Outbox).values(created_at=long_ago))
        session.execute(update(Conversation).values(last_inbound_at=long_ago, created_at=long_ago))
    tasks.forget_old_messages()
    assert rows(Inbound) == rows(Outbox) == rows(Conversation) == []


def test_retention_missed_at_night_is_made_up_for(desk, monkeypatch, tmp_path):
    settings = settings_with(data_dir=tmp_path)
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    stamp, moments = tmp_path / tasks.FORGOTTEN, []
    monkeypatch.setattr(tasks.retention, "delete_before", lambda moment: moments.append(moment) or 0)
    tasks.sweep()
    tasks.sweep()
    assert len(moments) == 1 and stamp.exists(), "never done before"
    yesterday = time.time() - tasks.FORGET_AFTER - 60
    os.utime(stamp, (yesterday, yesterday))
    with tasks.huey.lock_task("retention"):
        tasks.sweep()
        assert len(moments) == 1, "another one is at it"
    tasks.sweep()
    tasks.sweep()
    assert len(moments) == 2
    monkeypatch.setattr(tasks, "_started", threading.Event())
    tasks.recover()
    assert len(moments) == 3, "at every start"


def test_stale_locks_are_freed_at_the_start(sqlite_database, monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "get_settings", lambda: settings_with(data_dir=tmp_path))
    assert not tasks.huey.immediate
    monkeypatch.setattr(tasks, "_started", threading.Event())
    tasks.huey.lock_task("conversation-77").acquire()
    tasks.huey._locks.clear()  # a new process knows no names
    tasks.recover()
    with tasks.huey.lock_task("conversation-77"):
        tasks.recover()
        assert tasks.huey.is_locked("conversation-77"), "only once in a process"
    end = time.monotonic() + 5
    while not (tmp_path / tasks.ALIVE).exists():  # a thread of its own touches it
        assert time.monotonic() < end, "/healthz sees that a worker lives"
        time.sleep(0.01)
    tasks.huey.flush()


def test_the_start_survives_a_database_that_is_away(monkeypatch, tmp_path):
    storage_database.use("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(tasks, "get_settings", lambda: settings_with(data_dir=tmp_path))
    monkeypatch.setattr(tasks, "_started", threading.Event())
    with pytest.raises(StorageError):  # huey logs it and goes on
        tasks.recover()
    assert tasks._started.is_set() and tasks.huey.pending_count() == 3, "both sweeps and the retention are under way"
    tasks.huey.flush()


def test_consumer_options_are_understood():
    from huey.consumer_options import ConsumerConfig, OptionParserHandler

    options, arguments = OptionParserHandler().get_option_parser().parse_args([*consumer_options(), "tasks.queue.huey"])
    config = ConsumerConfig(**{key: value for key, value in vars(options).items() if value is not None})
    config.validate()
    assert arguments == ["tasks.queue.huey"] and config.max_delay <= 0.05 and config.graceful_signal == "TERM"

"""The widget's protocol, Rasa's REST channel and Rasa's Socket.IO channel, without a browser."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import simple_websocket
import socketio
import structlog
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from app import create_app
from connectors import door, rest, slots
from connectors import socket as sessions
from connectors.incoming import make_incoming
from connectors.limits import POLLS_PER_MESSAGE
from connectors.watcher import Watcher
from settings import Settings
from storage import conversations, messages, replies, web
from storage import database as storage_database
from storage.database import StorageError
from tests.fakes.messages import announce
from tests.webserver import ANSWER, CHOICES, Server, StandIn, served

SESSION, OTHER = "a" * 40, "b" * 40


def identifier(number: int) -> str:
    return f"{number:040x}"


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """`create_app` sets the logs up for a process; the tests after these expect them as they were."""
    excepthook, handlers = threading.excepthook, logging.getLogger().handlers
    yield
    structlog.reset_defaults()
    threading.excepthook, logging.getLogger().handlers = excepthook, handlers


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(data_dir=tmp_path, sender_limit="1000/minute", address_limit="1000/minute")
    storage_database.migrate(settings.storage_url, lambda line: None)
    yield create_app(settings)
    storage_database.engine().dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def worker() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


def send(client: FlaskClient, text: str, number: int = 1, **more: Any):
    return client.post("/chat/send", json={"session": SESSION, "id": identifier(number), "text": text, **more})


def poll(client: FlaskClient, after: str = "", wait: float = 0, session: str = SESSION) -> dict[str, Any]:
    return client.post("/chat/poll", json={"session": session, "after": after, "wait": wait}).json


# -- our widget -------------------------------------------------------------------------------------------------------


def test_a_message_and_its_answer_come_back_once_each(client, app, worker):
    assert send(client, "syarat akta").json == {"accepted": True}
    news = poll(client, wait=10)
    assert [(m["from"], m["text"]) for m in news["messages"]] == [
        ("citizen", "syarat akta"),
        ("sapa", "Akta yang mana?"),
    ]
    assert news["messages"][0]["id"] == identifier(1) and news["messages"][1]["buttons"] == CHOICES
    assert not poll(client, after=news["after"])["messages"]
    assert len(poll(client)["messages"]) == 2


def test_waiting_ends_with_the_answer_not_with_the_limit(client, worker):
    worker.pause = 0.3
    send(client, "halo")
    began = time.monotonic()
    news = poll(client, after="1.0", wait=20)
    assert [m["text"] for m in news["messages"]] == ["Anda menulis: halo"] and time.monotonic() - began < 3


def test_waiting_ends_also_when_the_answer_is_silence(client, worker):
    worker.pause = 0.2
    send(client, "diam")
    news = poll(client, after="1.0", wait=20)
    assert news == {"messages": [], "after": "1.0", "waiting": False}


def test_while_an_answer_is_expected_the_client_is_told_so(client):
    send(client, "halo")
    assert poll(client)["waiting"] is True


def test_the_same_message_sent_again_is_one_message(client, worker):
    for _ in range(3):
        assert send(client, "halo").status_code == 200
    poll(client, after="1.0", wait=5)
    assert len(poll(client)["messages"]) == 2


def test_a_push_arrives_without_a_question(client, worker):
    send(client, "halo")
    after = poll(client, after="1.0", wait=5)["after"]
    announce(conversations.find("web", SESSION), [{"text": "Petugas menjawab"}])
    assert [m["text"] for m in poll(client, after=after)["messages"]] == ["Petugas menjawab"]


def test_a_conversation_is_seen_only_with_its_own_id(client, worker):
    send(client, "rahasia")
    poll(client, after="1.0", wait=5)
    assert poll(client, session=OTHER) == {"messages": [], "after": "0.0", "waiting": False}


def test_a_choice_is_shown_by_its_title_and_understood_by_its_payload(client):
    send(client, "syarat akta kelahiran", title="Akta Kelahiran")
    assert messages.begin(1).text == "syarat akta kelahiran"
    assert poll(client)["messages"][0]["text"] == "Akta Kelahiran"


def test_a_number_of_identity_is_masked_before_it_is_stored(client):
    send(client, "NIK saya 3516010101010001", title="KTP 3516010101010001")
    assert "3516" not in json.dumps(poll(client)) and "3516" not in messages.begin(1).text


def test_a_long_history_ends_with_the_latest(client):
    for number in range(1, 71):
        send(client, f"pesan {number}", number)
    said = poll(client)["messages"]
    assert len(said) == 60 and said[-1]["text"] == "pesan 70"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        json.dumps({"session": "short", "id": identifier(1), "text": "x"}),
        json.dumps({"session": SESSION, "id": "1", "text": "x"}),
        json.dumps({"session": SESSION, "id": identifier(1), "text": "  "}),
        json.dumps({"session": SESSION, "id": identifier(1), "text": 5}),
        json.dumps({"session": [SESSION], "id": identifier(1), "text": "x"}),
    ],
)
def test_a_malformed_message_is_refused_with_a_reason(client, body):
    answer = client.post("/chat/send", data=body)
    assert answer.status_code == 400 and answer.json["error"] == "bad_request" and answer.json["message"]


def test_a_malformed_poll_is_refused(client):
    assert client.post("/chat/poll", json={"session": SESSION, "after": "x"}).status_code == 400
    assert (
        client.post("/chat/poll", data=f'{{"session": "{SESSION}", "after": {"[" * 900 + "]" * 900}}}').status_code
        == 400
    )
    send(client, "halo")
    for wait in ('"lange"', "NaN", "-Infinity", "-1", "true", "null", "[]"):
        answer = client.post("/chat/poll", data=f'{{"session": "{SESSION}", "wait": {wait}}}')
        assert answer.status_code == 200 and answer.json["waiting"] is True


def test_a_title_that_cannot_be_written_does_not_break_the_conversation(client):
    body = f'{{"session": "{SESSION}", "id": "{identifier(1)}", "text": "kk", "title": "K\\u0000\\ud800K"}}'
    assert client.post("/chat/send", data=body).status_code == 200
    assert poll(client)["messages"][0]["text"] == "K?K"


def test_another_site_may_call_it_and_without_preflight(client):
    answer = client.post("/chat/send", data=json.dumps({"session": SESSION, "id": identifier(1), "text": "x"}))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    preflight = client.options("/webhooks/rest/webhook", headers={"Origin": "https://example.org"})
    assert preflight.status_code == 204 and "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]


# -- Rasa's REST channel ----------------------------------------------------------------------------------------------


def ask(client: FlaskClient, message: str, sender: str = "warga", **more: Any):
    return client.post("/webhooks/rest/webhook", json={"sender": sender, "message": message, **more})


def test_rest_answers_in_rasas_format(client, worker):
    assert ask(client, "syarat akta kelahiran").json == [{"recipient_id": "warga", "text": ANSWER}]
    assert ask(client, "syarat akta").json == [{"recipient_id": "warga", "text": "Akta yang mana?", "buttons": CHOICES}]
    assert [r["text"] for r in ask(client, "dua").json] == ["satu", "dua"]
    assert ask(client, "diam").json == []


def test_rest_takes_json_that_calls_itself_text(client, worker):
    body = json.dumps({"sender": "w", "message": "halo"})
    answer = client.post("/webhooks/rest/webhook", data=body, content_type="text/plain;charset=UTF-8")
    assert answer.json == [{"recipient_id": "w", "text": "Anda menulis: halo"}]


def test_rest_without_a_sender_makes_one(client, worker):
    answer = client.post("/webhooks/rest/webhook", json={"message": "halo"}).json
    assert len(answer[0]["recipient_id"]) == 32


def test_rest_each_caller_gets_his_own_answer(app, worker):
    worker.pause = 0.02
    answers: dict[int, Any] = {}

    def call(number: int) -> None:
        answers[number] = ask(app.test_client(), f"nomor {number}", sender=f"warga {number % 5}").json

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {n: a[0]["text"] for n, a in answers.items()} == {n: f"Anda menulis: nomor {n}" for n in range(20)}


def test_rest_a_repeated_call_is_one_message(client, worker):
    for _ in range(2):
        answer = ask(client, "halo", metadata={"message_id": "m1"})
        assert answer.json == [{"recipient_id": "warga", "text": "Anda menulis: halo"}]
    assert ask(client, "halo", sender="lain", metadata={"message_id": "m1"}).json[0]["recipient_id"] == "lain"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("{", "JSON"),
        ("", "JSON"),
        ("[1]", "object"),
        ('{"sender": "a"}', "message"),
        ('{"sender": "a", "message": null}', "message"),
        ('{"sender": {}, "message": "x"}', "sender"),
        ('{"sender": "", "message": "x"}', "sender"),
        ('{"sender": "\\ud800", "message": "x"}', "sender"),
        ('{"sender": "a\\u0000b", "message": "x"}', "sender"),
        (json.dumps({"sender": "x" * 201, "message": "x"}), "sender"),
        ('{"sender": ' + "9" * 5000 + ', "message": "x"}', "JSON"),
        ('{"sender": ' + "9" * 300 + ', "message": "x"}', "sender"),
        ('{"sender": "a", "message": "x", "metadata": {"message_id": "\\udfff"}}', "message_id"),
        ('{"sender": ' + "[" * 30_000 + "]" * 30_000 + "}", "nested"),
    ],
)
def test_rest_a_malformed_call_is_refused_with_a_reason(client, body, names):
    answer = client.post("/webhooks/rest/webhook", data=body)
    assert answer.status_code == 400 and names in answer.json["message"]


def test_rest_tells_who_waited_in_vain_what_happened(client, monkeypatch, tmp_path):
    settings = Settings(data_dir=tmp_path)
    monkeypatch.setattr(rest.blueprint, "__defaults__", (0.2,))
    monkeypatch.setenv("SAPA_ENGINE_URL", "http://127.0.0.1:1")
    answer = ask(create_app(settings).test_client(), "halo")
    assert answer.status_code == 504 and answer.json["error"] == "no_reply_yet"
    assert "engine" in answer.json["message"] and "tersimpan" in answer.json["message"]


def test_when_all_slots_wait_rest_says_so_and_polls_do_not_wait(client, app):
    waiting = app.extensions["sapa"].waiting
    assert sum(waiting.take() for _ in range(slots.WAITING + 5)) == slots.WAITING
    answer = ask(client, "halo")
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    send(client, "halo")
    began = time.monotonic()
    assert poll(client, wait=20)["waiting"] is True and time.monotonic() - began < 2


def test_rest_says_that_it_lives(client):
    assert client.get("/webhooks/rest/").json == {"status": "ok"}


# -- the watcher ------------------------------------------------------------------------------------------------------


def test_the_watcher_asks_nothing_while_nobody_waits(app, monkeypatch, worker):
    looks = []
    monkeypatch.setattr("connectors.watcher.web.pulses", lambda ids: looks.append(ids) or {})
    monkeypatch.setattr("connectors.watcher.web.Changes.any", lambda self: looks.append("?") or False)
    watcher = Watcher()
    assert watcher.wait(1, lambda pulse: False, 0.2) is False
    time.sleep(1)
    seen = len(looks)
    time.sleep(0.5)
    assert 3 <= seen == len(looks)


def test_what_anybody_writes_is_noticed(database):
    changes = web.Changes()
    assert changes.any()
    messages.receive(make_incoming("web", SESSION, "1", "text", "halo"))
    assert changes.any()
    assert changes.any() is not changes.cheap


def test_pulses_and_lines_on_either_database(database):
    first = messages.receive(make_incoming("web", SESSION, "1", "text", "halo"))
    second = messages.receive(make_incoming("web", SESSION, "2", "choice", "kk baru", {"title": "KK"}))
    other = messages.receive(make_incoming("web", OTHER, "3", "text", "lain"))
    stored = messages.complete(first.inbound_id, [{"text": "ya", "buttons": CHOICES}])
    found = web.pulses([first.conversation_id, other.conversation_id])
    assert found[first.conversation_id] == web.Pulse(stored[0], second.inbound_id)
    assert found[other.conversation_id] == web.Pulse(0, other.inbound_id)
    lines = web.lines(first.conversation_id, 0, 0)
    assert [(line.mine, line.text) for line in lines] == [(True, "halo"), (True, "KK"), (False, "ya")]
    assert web.lines(first.conversation_id, second.inbound_id, stored[0]) == []
    assert web.untouched_since() is not None


def test_figures_count_each_thing_once(database):
    start = web.mark()
    first = messages.receive(make_incoming("web", SESSION, "1", "text", "halo"))
    messages.receive(make_incoming("whatsapp", "+62812", "2", "text", "halo"))
    messages.complete(first.inbound_id, [{"text": "a"}, {"text": "b"}])
    figures = web.figures(start)
    assert figures.received == {"web": 1, "whatsapp": 1} and figures.replies == {"web": 2}
    assert figures.waiting == 1 and [channel for channel, _ in figures.seconds] == ["web"]
    again = web.figures(figures.mark)
    assert again.received == {} and again.replies == {} and again.seconds == [] and again.waiting == 1


def test_the_watcher_outlives_a_failing_database(app, monkeypatch):
    watcher, calls = Watcher(), []

    def broken(ids: set[int]) -> dict[int, Any]:
        calls.append(ids)
        if len(calls) < 3:
            raise RuntimeError("gone")
        return {}

    monkeypatch.setattr("connectors.watcher.web.pulses", broken)
    assert watcher.wait(1, lambda pulse: pulse.oldest_unhandled is None, 5) is True


def test_the_watcher_rests_while_nobody_waits_even_if_the_database_fails(app, monkeypatch):
    calls: list[set[int]] = []

    def broken(ids: set[int]) -> dict[int, Any]:
        calls.append(ids)
        raise RuntimeError("gone")

    monkeypatch.setattr("connectors.watcher.web.pulses", broken)
    with capture_logs() as logged:
        assert Watcher().wait(1, lambda pulse: True, 1.5) is False
        time.sleep(1)
        seen = len(calls)
        time.sleep(0.6)
    assert 2 <= seen == len(calls)
    assert [line["event"] for line in logged] == ["the outbox cannot be read"], "an outage is one line"


# -- Rasa's Socket.IO channel -----------------------------------------------------------------------------------------


@pytest.fixture
def server(one_server: Server) -> Server:
    one_server.use_database()
    return one_server


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("socket"), SAPA_SENDER_LIMIT="12/minute") as running, StandIn():
        yield running


class Chat:
    """A Socket.IO client that collects what it hears."""

    def __init__(self, server: Server, **options: Any):
        self.confirmed: list[Any] = []
        self.heard: list[dict[str, Any]] = []
        self.client = socketio.Client(reconnection=False)
        self.client.on("session_confirm", self.confirmed.append)
        self.client.on("bot_uttered", self.heard.append)
        self.client.connect(server.url, **options)

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < end:
            time.sleep(0.02)
        return self.heard


def wait_until(condition, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def test_socket_a_session_is_given_and_answers_come(server):
    with Chat(server) as chat:
        chat.client.emit("session_request", {"session_id": None})
        wait_until(lambda: chat.confirmed)
        session = chat.confirmed[0]
        chat.client.emit("user_uttered", {"message": "syarat akta", "customData": {}, "session_id": session})
        quick = [{"content_type": "text", **choice} for choice in CHOICES]
        assert chat.wait_for(1) == [{"text": "Akta yang mana?", "quick_replies": quick}]


def greet(wire: simple_websocket.Client) -> None:
    """Speaks first: this client overlooks a packet that comes together with the handshake until another one comes."""
    wire.send("40")
    assert wire.receive(5).startswith("0{") and wire.receive(5).startswith("40{")


def test_socket_speaks_websocket_too(server):
    address = server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    wire = simple_websocket.Client.connect(address)
    try:
        greet(wire)
        wire.send('42["session_request",{"session_id":"kabel"}]')
        assert wire.receive(5) == '42["session_confirm","kabel"]'
        wire.send('42["user_uttered",{"message":"halo","session_id":"kabel"}]')
        assert wire.receive(5) == '42["bot_uttered",{"text":"Anda menulis: halo"}]'
    finally:
        wire.close()


def test_socket_a_client_may_send_only_message_and_session(server):
    with Chat(server) as chat:
        chat.client.emit("user_uttered", {"message": "halo", "session_id": "hanya-ini"})
        assert chat.wait_for(1) == [{"text": "Anda menulis: halo"}]


def test_socket_a_client_without_any_session_is_answered(server):
    with Chat(server) as chat:
        chat.client.emit("user_uttered", {"message": "halo"})
        assert chat.wait_for(1) == [{"text": "Anda menulis: halo"}]


def test_socket_answers_go_only_to_their_session_and_to_all_its_windows(server):
    with Chat(server) as first, Chat(server) as second, Chat(server) as stranger:
        for chat, session in ((first, "satu"), (second, "satu"), (stranger, "dua")):
            chat.client.emit("session_request", {"session_id": session})
            wait_until(lambda: chat.confirmed)  # noqa: B023
        first.client.emit("user_uttered", {"message": "halo", "session_id": "satu"})
        assert first.wait_for(1) == second.wait_for(1) == [{"text": "Anda menulis: halo"}]
        time.sleep(0.3)
        assert stranger.heard == [] and len(first.heard) == 1


def test_socket_what_came_while_away_is_brought_on_return(server):
    with Chat(server) as chat:
        chat.client.emit("user_uttered", {"message": "halo", "session_id": "kembali"})
        chat.wait_for(1)
    announce(conversations.find("web", "kembali"), [{"text": "Petugas menjawab"}])
    time.sleep(0.2)
    with Chat(server) as chat:
        chat.client.emit("session_request", {"session_id": "kembali"})
        assert chat.wait_for(1) == [{"text": "Petugas menjawab"}]
        announce(conversations.find("web", "kembali"), [{"text": "Lagi"}])
        assert chat.wait_for(2)[1] == {"text": "Lagi"}


def test_socket_nonsense_breaks_nothing(server):
    with Chat(server) as chat:
        for data in (None, 5, "x", [], {"message": 5}, {"message": None, "session_id": {}}):
            chat.client.emit("user_uttered", data)
            time.sleep(0.05)
        chat.client.emit("user_uttered", {"message": "masih ada", "session_id": "nonsens"})
        assert chat.wait_for(1) == [{"text": "Anda menulis: masih ada"}]


@pytest.mark.parametrize("session", ["x" * 201, "a\0b", "\ud800", {}, 5, ""])
def test_socket_a_session_that_cannot_be_stored_is_replaced_by_a_new_one(server, session):
    with Chat(server) as chat:
        chat.client.emit("session_request", {"session_id": session})
        wait_until(lambda: chat.confirmed)
        assert len(chat.confirmed[0]) == 32
        chat.client.emit("user_uttered", {"message": "halo", "session_id": session})
        assert chat.wait_for(1) == [{"text": "Anda menulis: halo"}]


def test_socket_json_that_is_nested_too_deeply_breaks_nothing(server):
    wire = simple_websocket.Client.connect(server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket")
    try:
        greet(wire)
        wire.send('42["user_uttered",' + "[" * 30_000)
        wire.send("4" + '{"a":' * 10_000)
        wire.send('42["session_request",{"session_id":"tetap"}]')
        assert "session_confirm" in wire.receive(5)
    finally:
        wire.close()


def test_socket_a_sender_who_writes_too_often_is_told_so(server):
    with Chat(server) as chat:
        for number in range(14):
            chat.client.emit("user_uttered", {"message": f"n{number}", "session_id": "cerewet"})
            time.sleep(0.05)
        wait_until(lambda: any("Terlalu banyak" in heard["text"] for heard in chat.heard))


@pytest.fixture
def socket_client() -> Iterator[Callable[[Flask], Any]]:
    """Connects to an app of this process; leaves at the end, or the app's watcher would go on looking."""
    connected: list[Any] = []

    def connect(app: Flask) -> Any:
        connected.append(app.extensions["socketio"].test_client(app))
        return connected[-1]

    yield connect
    for client in connected:
        client.disconnect()


@pytest.mark.parametrize("event", ["session_request", "user_uttered"])
def test_socket_a_connection_speaks_for_a_few_sessions_only(app, socket_client, event):
    client = socket_client(app)
    for number in range(sessions.SESSIONS):
        client.emit(event, {"session_id": f"s{number}", "message": "halo"})
    client.get_received()
    client.emit(event, {"session_id": "satu lagi", "message": "halo"})
    # Beside the refusal there may be late answers to the others.
    said = [heard["args"][0]["text"] for heard in client.get_received() if heard["name"] == "bot_uttered"]
    assert len([text for text in said if "Terlalu banyak percakapan" in text]) == 1
    assert conversations.find("web", "satu lagi") is None
    client.emit("session_request", {"session_id": "s0"})
    assert {"name": "session_confirm", "args": ["s0"], "namespace": "/"} in client.get_received()


def test_socket_asking_for_sessions_is_limited(tmp_path, socket_client):
    used = Settings(data_dir=tmp_path, address_limit="1/minute")
    storage_database.migrate(used.storage_url, lambda line: None)
    app = create_app(used)
    client = socket_client(app)
    for _ in range(POLLS_PER_MESSAGE + 2):
        client.emit("session_request", {"session_id": "satu"})
    names = [heard["name"] for heard in client.get_received()]
    assert names == ["session_confirm"] * POLLS_PER_MESSAGE + ["bot_uttered"] * 2
    storage_database.engine().dispose()


def test_socket_a_session_is_not_deaf_after_a_failure_of_the_database(app, socket_client, worker, monkeypatch):
    messages.receive(make_incoming("web", "kembali", "1", "text", "halo"))
    client = socket_client(app)
    newest, failed = replies.newest_id, []

    def fails_once(conversation_id: int) -> int:
        if not failed:
            failed.append(True)
            raise StorageError("gone")
        return newest(conversation_id)

    monkeypatch.setattr("connectors.socket.replies.newest_id", fails_once)
    client.emit("session_request", {"session_id": "kembali"})
    client.emit("user_uttered", {"session_id": "kembali", "message": "masih"})
    heard: list[str] = []

    def arrived() -> bool:
        heard.extend(h["args"][0]["text"] for h in client.get_received() if h["name"] == "bot_uttered")
        return "Anda menulis: masih" in heard

    wait_until(arrived)
    assert failed


# -- the door before Socket.IO ----------------------------------------------------------------------------------------


def open_polling(server: Server, address: str) -> requests.Response:
    return requests.get(
        f"{server.url}/socket.io/?EIO=4&transport=polling",
        headers={"X-Forwarded-For": address, "X-Forwarded-Proto": "https"},
        timeout=10,
    )


def bare_websocket(server: Server) -> tuple[socket.socket, str]:
    """Opens a websocket that will never speak Socket.IO; the status it was answered with."""
    wire = socket.create_connection(("127.0.0.1", server.port), 10)
    wire.sendall(
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    return wire, wire.recv(4096).decode("latin-1").split()[1]


def has_ended(wire: socket.socket) -> bool:
    wire.settimeout(0.01)
    try:
        while wire.recv(4096):
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


def test_websockets_that_say_nothing_leave_threads_for_pages_and_webhooks(tmp_path):
    with served(tmp_path, threads=slots.SOCKETS_EACH + 8, TWILIO_ACCOUNT_SID="") as server:
        opened = [bare_websocket(server) for _ in range(60)]
        assert [status for _, status in opened] == ["101"] * slots.SOCKETS_EACH + ["503"] * (60 - slots.SOCKETS_EACH)
        assert requests.get(server.url, timeout=5).status_code == 200
        webhook = requests.post(f"{server.url}/webhooks/whatsapp", data={"Body": "halo"}, timeout=5)
        assert "WhatsApp is off" in webhook.text
        wires = [wire for wire, status in opened if status == "101"]
        wait_until(lambda: all(has_ended(wire) for wire in wires), 20)  # they did not greet in time
        with StandIn(), Chat(server) as chat:
            chat.client.emit("user_uttered", {"message": "halo"})
            assert chat.wait_for(1) == [{"text": "Anda menulis: halo"}]
            time.sleep(door.GREETING + 3)
            chat.client.emit("user_uttered", {"message": "masih"})
            assert chat.wait_for(2)[1] == {"text": "Anda menulis: masih"}
        assert "Traceback" not in server.log()


def test_behind_a_proxy_sockets_are_counted_by_citizen_and_carry_the_headers(tmp_path):
    with served(tmp_path, SAPA_TRUST_PROXY="true") as server:
        codes = [open_polling(server, "203.0.113.1").status_code for _ in range(slots.SOCKETS_EACH + 1)]
        assert codes == [200] * slots.SOCKETS_EACH + [503]
        answer = open_polling(server, "203.0.113.2")
        assert answer.status_code == 200 and answer.text.startswith("0{")
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Content-Security-Policy"]
        assert answer.headers["Strict-Transport-Security"]
        wait_until(lambda: open_polling(server, "203.0.113.1").status_code == 200, 60)  # the silent ones were closed


def test_a_share_is_limited_for_each_and_for_all():
    shares = slots.Shares(3, 2)
    assert [shares.take(who) for who in "aaabb"] == [True, True, False, True, False]
    shares.give_back("a")
    assert shares.take("b") and not shares.take("c")
    for who in "abb":
        shares.give_back(who)
    assert [shares.take(who) for who in "aabb"] == [True, True, True, False]


def test_the_log_of_the_server_carries_no_words(server):
    log = server.log()
    assert "masih ada" not in log and "hanya-ini" not in log and "Traceback" not in log

"""The web process as a whole: pages, headers, limits, health, metrics, logs."""

from __future__ import annotations

import gzip
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from app import create_app
from connectors.health import FRESH, Health
from connectors.incoming import HURRIED, make_incoming
from connectors.pages import readable, week
from errors import SettingsError
from office.catalogue import DAYS, Hours
from settings import Settings
from storage import database, messages, web
from tasks.conversations import ALIVE
from tests.webserver import StandIn

SESSION, OTHER = "a" * 40, "b" * 40


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """`create_app` sets the logs up for a process; the tests after these expect them as they were."""
    excepthook, handlers = threading.excepthook, logging.getLogger().handlers
    yield
    structlog.reset_defaults()
    threading.excepthook, logging.getLogger().handlers = excepthook, handlers


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    """Makes a client of an app with an empty SQLite database and the given settings."""

    def client(**settings: object) -> FlaskClient:
        used = Settings(data_dir=tmp_path, **settings)
        database.migrate(used.storage_url, lambda line: None)
        return create_app(used).test_client()

    yield client
    database.engine().dispose()


def identifier(number: int) -> str:
    return f"{number:040x}"


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_landing_page_names_offices_hours_and_that_it_is_free(make):
    page = make().get("/").get_data(as_text=True)
    assert "Kecamatan Mojosari" in page and "08.00–16.00" in page and "Pengadilan Negeri Mojokerto" in page
    assert "Gratis" in page and page.count("data-sapa-ask=") == 3 and "wa.me" not in page


def test_whatsapp_is_linked_only_when_it_is_on(make):
    page = make(twilio_account_sid="AC1", twilio_auth_token="x", twilio_whatsapp_number="whatsapp:+6281200000000").get(
        "/"
    )
    assert 'href="https://wa.me/6281200000000?text=Halo%20Sapa%20%28website%29"' in page.get_data(as_text=True)


def test_the_privacy_notice_names_the_retention_that_is_set(make):
    client = make(retention_days=17)
    assert "17 hari" in client.get("/privasi").get_data(as_text=True)
    assert "days: 17" in client.get("/widget.js").get_data(as_text=True)


def test_the_widget_is_small_and_loads_nothing_from_elsewhere(make):
    response = make().get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip" and len(response.data) <= 25_000
    source = gzip.decompress(response.data).decode()
    addresses = source.replace("http://www.w3.org/2000/svg", "").replace("https://SERVER/widget.js", "")
    addresses = addresses.replace('data-server="https://..."', "")
    assert "://" not in addresses.replace("https?:\\/\\/", "")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert forbidden not in source


def test_the_widget_is_revalidated_by_its_tag(make):
    client = make()
    first = client.get("/widget.js")
    again = client.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and first.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/privasi", "/widget.js", "/healthz", "/nirgends"])
def test_every_answer_carries_the_security_headers(make, path):
    headers = make().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("page", ["/", "/privasi"])
def test_pages_need_no_inline_script_or_style(make, page):
    text = make().get(page).get_data(as_text=True)
    assert "<style" not in text and " style=" not in text and "onclick" not in text
    assert all("src=" in tag for tag in text.split("<script")[1:])


def test_days_with_the_same_hours_are_told_together():
    days = {day: ["08:00-12:00", "13:00-16:00"] for day in DAYS[:4]} | {"fri": ["07:00-14:00"], "sat": [], "sun": []}
    assert week(Hours(source="x", days=days)) == [
        ("Senin–Kamis", "08.00–12.00 dan 13.00–16.00"),
        ("Jumat", "07.00–14.00"),
        ("Sabtu–Minggu", "tutup"),
    ]


def test_a_mobile_number_is_written_as_people_write_it():
    assert readable("+6281234567890") == "0812-3456-7890"
    assert readable("(0321) 322981") == "(0321) 322981"


# -- limits -----------------------------------------------------------------------------------------------------------


def send(client: FlaskClient, number: int, session: str = SESSION):
    return client.post("/chat/send", json={"session": session, "id": identifier(number), "text": "halo"})


def test_one_sender_may_write_only_so_often(make):
    client = make(sender_limit="2/minute")
    assert [send(client, number).status_code for number in range(3)] == [200, 200, 429]
    refused = send(client, 4)
    assert 0 < int(refused.headers["Retry-After"]) <= 60 and "Terlalu banyak" in refused.json["message"]
    assert send(client, 5, session=OTHER).status_code == 200
    assert "sapa_messages_refused_total 2.0" in client.get("/metrics").get_data(as_text=True)


def test_one_address_may_write_only_so_often_whoever_it_says_it_is(make):
    client = make(address_limit="3/minute")
    codes = [send(client, number, session=identifier(number)).status_code for number in range(4)]
    assert codes == [200, 200, 200, 429]
    assert [client.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/healthz").status_code == 200
    assert client.get("/widget.js").status_code == 200


def test_behind_a_proxy_the_citizen_is_the_one_who_is_counted(make):
    client = make(address_limit="1/minute", trust_proxy=True)
    codes = [client.get("/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in (1, 2, 1)]
    assert codes == [200, 200, 429]


def test_without_a_proxy_its_header_is_not_believed(make):
    client = make(address_limit="1/minute")
    assert [client.get("/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in (1, 2)] == [200, 429]


def test_a_dead_redis_stops_no_message(make):
    client = make(redis_url="redis://127.0.0.1:1/0", sender_limit="1/minute")
    assert send(client, 1).status_code == 200


def test_too_large_a_body_is_refused(make):
    client = make()
    for path in ("/chat/send", "/webhooks/rest/webhook"):
        response = client.post(path, data=b"{" + b" " * 70_000)
        assert response.status_code == 413 and response.json["message"]


# -- health and metrics -----------------------------------------------------------------------------------------------


class Part(threading.Thread):
    """A server that answers every request with one status."""

    def __init__(self, status: int = 200):
        super().__init__(daemon=True)

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.start()

    def run(self) -> None:
        self.server.serve_forever()


def test_health_tells_what_is_up_and_what_cannot_be_known(make):
    answer = make().get("/healthz")
    assert answer.status_code == 200 and answer.json["status"] == "up"
    assert answer.json["parts"]["database"] == {"status": "up"}
    assert answer.json["parts"]["engine"] == {"status": "unknown", "detail": "SAPA_ENGINE_URL is not set"}


def test_health_names_the_part_that_is_down(make, monkeypatch, tmp_path):
    monkeypatch.setenv("SAPA_ENGINE_URL", Part(409).url)
    monkeypatch.setenv("SAPA_ACTIONS_URL", Part().url + "/webhook")
    client = make()
    (tmp_path / ALIVE).touch()
    answer = client.get("/healthz")
    states = {name: part["status"] for name, part in answer.json["parts"].items()}
    assert answer.status_code == 503 and answer.json["status"] == "down"
    assert states == {"database": "up", "engine": "down", "actions": "up", "worker": "up"}
    assert 'sapa_up{part="engine"} 0.0' in client.get("/metrics").get_data(as_text=True)


def test_a_silent_worker_is_down(make, tmp_path):
    client = make()
    (tmp_path / ALIVE).touch()
    os.utime(tmp_path / ALIVE, (0, time.time() - 60))
    assert client.get("/healthz").json["parts"]["worker"]["status"] == "down"


def test_a_database_that_is_gone_is_named_and_pages_still_come(make, tmp_path, monkeypatch):
    client = make()
    database.use(f"sqlite:///{tmp_path}/no/such/folder.sqlite3")
    assert client.get("/healthz").json["parts"]["database"]["status"] == "down"
    assert client.get("/").status_code == 200 and client.get("/metrics").status_code == 200
    refused = send(client, 1)
    assert refused.status_code == 503 and refused.json["error"] == "storage"


def test_a_broken_database_is_told_in_full_to_the_log_only_and_once(make, monkeypatch, capfd):
    client = make()

    def refused() -> None:
        raise database.StorageError("connection to server at db.intern, user sapa_admin, failed")

    monkeypatch.setattr("app.database.check", refused)
    monkeypatch.setattr("connectors.health.FRESH", -1)
    for _ in range(3):
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json["parts"]["database"] == {"status": "down", "detail": "StorageError"}
        assert "intern" not in client.get("/metrics").get_data(as_text=True)
    assert capfd.readouterr().err.count("db.intern, user sapa_admin") == 1


def test_a_part_that_hangs_holds_only_one_who_asks():
    asked, end = [], threading.Event()

    def slow() -> None:
        asked.append(True)
        if len(asked) > 1:
            end.wait(2)

    standing = Health({"database": slow})
    assert standing.parts()["database"].status == "up"
    time.sleep(FRESH)
    first = threading.Thread(target=standing.parts)
    first.start()
    while len(asked) < 2:
        time.sleep(0.01)
    began = time.monotonic()
    assert standing.parts()["database"].status == "up" and time.monotonic() - began < 0.5
    end.set()
    first.join()


def test_metrics_do_not_read_the_database_for_each_who_asks(make, monkeypatch):
    client, reads, figures = make(), [], web.figures
    monkeypatch.setattr("connectors.metrics.web.figures", lambda mark: reads.append(mark) or figures(mark))
    for _ in range(20):
        assert client.get("/metrics").status_code == 200
    assert 1 <= len(reads) < 10


def test_metrics_count_by_channel(make, monkeypatch):
    monkeypatch.setattr("connectors.metrics.FRESH", -1)
    client = make()
    client.get("/metrics")
    with StandIn():
        client.post("/webhooks/rest/webhook", json={"sender": "x", "message": "halo"})
    messages.receive(make_incoming("whatsapp", "+62812", "SM1", "text", "halo"))
    text = client.get("/metrics").get_data(as_text=True)
    assert 'sapa_messages_received_total{channel="rest"} 1.0' in text
    assert 'sapa_messages_received_total{channel="whatsapp"} 1.0' in text
    assert 'sapa_replies_stored_total{channel="rest"} 1.0' in text
    assert 'sapa_reply_seconds_count{channel="rest"} 1.0' in text
    assert "sapa_messages_waiting 1.0" in text and 'sapa_up{part="database"} 1.0' in text


def test_logs_are_json_and_carry_nothing_personal(make, capfd):
    client = make(log_level="DEBUG")
    with StandIn():
        client.post(
            "/webhooks/rest/webhook", json={"sender": "pengirim-rahasia", "message": "rahasia 3516010101010001"}
        )
        client.post("/chat/poll", json={"session": SESSION})
        client.post("/webhooks/rest/webhook?x=rahasia", data="rahasia")
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    events = [json.loads(line) for line in lines]
    assert any(e.get("route") == "/webhooks/rest/webhook" and e["status"] == 200 for e in events)
    text = "\n".join(lines)
    assert "rahasia" not in text and "3516" not in text and SESSION not in text and "127.0.0.1" not in text


def test_an_unforeseen_error_is_told_politely_and_logged(make, monkeypatch, capfd):
    client = make()
    monkeypatch.setattr("connectors.pages.offices", lambda *_: 1 / 0)
    answer = client.get("/")
    assert answer.status_code == 500 and "Maaf" in answer.json["message"]
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_crash_with_personal_data_in_the_body_leaves_none_of_it_in_the_log(make, monkeypatch, capfd):
    client = make(log_level="DEBUG", twilio_account_sid="AC1", twilio_auth_token="x", twilio_whatsapp_number="+62000")
    said = "rahasia: NIK 3516010101010001, telepon 081234567890"

    def crash(incoming):
        written = said  # a local variable too
        raise RuntimeError(f"cannot handle {written!r} of {incoming.address}")

    monkeypatch.setattr("tasks.conversations.messages.receive", crash)
    answer = client.post("/webhooks/rest/webhook", json={"sender": "+6281234567890", "message": said})
    form = {"MessageSid": "SM1", "From": "whatsapp:+6281234567890", "Body": said}
    signature = RequestValidator("x").compute_signature("http://localhost/webhooks/whatsapp", form)
    assert answer.status_code == 500
    assert client.post("/webhooks/whatsapp", data=form, headers={"X-Twilio-Signature": signature}).status_code == 500
    try:
        crash(make_incoming("rest", "+6281234567890", "1", "text", said))
    except RuntimeError:  # as huey, gunicorn and engineio tell it in the worker and the web process
        logging.getLogger("huey").exception("Unhandled exception in task")
    thread = threading.Thread(target=crash, args=(make_incoming("rest", "+6281234567890", "1", "text", said),))
    thread.start()
    thread.join()
    log = capfd.readouterr().err
    assert log.count("RuntimeError") >= 4 and log.count('"name": "crash"') == 4
    for secret in ("rahasia", "3516", "81234567890"):
        assert secret not in log


def test_our_own_errors_keep_their_text_in_the_log_masked(make, monkeypatch, capfd):
    client = make()

    def crash(*_: object):
        raise SettingsError("SAPA_PORT: 99999 is too large for 081234567890")

    monkeypatch.setattr("connectors.pages.offices", crash)
    assert client.get("/").status_code == 500
    log = capfd.readouterr().err
    assert "SAPA_PORT: 99999 is too large" in log and "81234567890" not in log


# -- WhatsApp is never refused, but paced -----------------------------------------------------------------------------


def test_a_whatsapp_sender_in_a_hurry_is_told_once_and_nothing_is_lost(make):
    client = make(
        twilio_account_sid="AC1", twilio_auth_token="x", twilio_whatsapp_number="+620000000000", sender_limit="2/minute"
    )
    for number in range(4):
        form = {"MessageSid": f"SM{number}", "From": "whatsapp:+620000000001", "Body": f"syarat {number}"}
        signature = RequestValidator("x").compute_signature("http://localhost/webhooks/whatsapp", form)
        reply = client.post("/webhooks/whatsapp", data=form, headers={"X-Twilio-Signature": signature})
        assert reply.status_code == 200
    kinds = []
    while waiting := messages.begin(1):
        kinds.append(waiting.kind)
        messages.complete(waiting.id, [])
    assert kinds == ["text", "text", *HURRIED]


def test_the_privacy_page_names_the_data_protection_officer(make):
    officer = "Bagian Contoh, pdp@example.org"
    assert officer in make(data_protection_officer=officer).get("/privasi").get_data(as_text=True)
    assert "petugas kantor" in make().get("/privasi").get_data(as_text=True)

"""The code of a poster comes back: over Twilio's signed webhook, and over the widget's protocol."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
import structlog
from flask.testing import FlaskClient

from app import create_app
from settings import Settings
from storage import database, messages
from storage.database import reading
from storage.tables import Conversation, Inbound
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, inbound_form, signature

URL = "https://sapa.example"
SESSION, CITIZEN = "a" * 40, "+620000000001"


@pytest.fixture
def client(tmp_path) -> Iterator[FlaskClient]:
    excepthook, handlers = threading.excepthook, logging.getLogger().handlers
    account = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_whatsapp_number": NUMBER}
    used = Settings(data_dir=tmp_path, public_url=URL, **account)
    database.migrate(used.storage_url, lambda line: None)
    yield create_app(used).test_client()
    database.engine().dispose()
    structlog.reset_defaults()
    threading.excepthook, logging.getLogger().handlers = excepthook, handlers


def whatsapp(client: FlaskClient, body: str, **more: str) -> None:
    form, path = inbound_form(CITIZEN, body, **more), "/webhooks/whatsapp"
    answer = client.post(path, data=form, headers=signature(URL + path, form))
    assert answer.status_code == 200


def send(client: FlaskClient, number: int, **more: object) -> None:
    answer = client.post("/chat/send", json={"session": SESSION, "id": f"{number:040x}", "text": "jam buka", **more})
    assert answer.status_code == 200, answer.text


def sources() -> list[str | None]:
    with reading() as session:
        return [row.source for row in session.query(Conversation).order_by(Conversation.id)]


def test_over_whatsapp(client):
    whatsapp(client, "Halo Sapa (poster)")
    whatsapp(client, "Halo Sapa (loket) syarat KTP hilang")
    assert sources() == ["poster"], "the first one stays"
    first = messages.begin(1)
    assert first.text == "Halo Sapa", "so the engine hears a greeting"
    messages.complete(first.id, [])
    assert messages.begin(1).text == "syarat KTP hilang"


def test_over_whatsapp_with_a_picture_or_without_a_code(client):
    whatsapp(client, "Halo Sapa (desa-sooko)", NumMedia="1", MediaContentType0="image/jpeg")
    assert sources() == ["desa-sooko"]
    whatsapp(client, "syarat KTP (hilang)")
    with reading() as session:
        assert [row.text for row in session.query(Inbound)] == ["Halo Sapa", "syarat KTP (hilang)"]


def test_over_the_widget(client):
    send(client, 1, source="Desa-Sooko")
    send(client, 2, source="loket", title="Jam buka")
    assert sources() == ["desa-sooko"]
    with reading() as session:
        assert [row.details for row in session.query(Inbound)] == [
            {"source": "desa-sooko"},
            {"source": "loket", "title": "Jam buka"},
        ]


@pytest.mark.parametrize("source", [None, "", 7, ["poster"], "<script>", "x" * 50, "hp-0812-3456-7890"])
def test_a_code_that_is_none_does_not_stop_a_citizen(client, source):
    send(client, 1, source=source)
    assert sources() == [None]


@pytest.mark.parametrize("query, code", [("", "website"), ("source=desa-x", "desa-x"), ("source=<b>", "website")])
def test_the_page_hands_the_code_on_to_whatsapp(client, query, code):
    page = client.get(f"/?{query}").get_data(as_text=True)
    assert f'href="https://wa.me/{NUMBER.lstrip("+")}?text=Halo%20Sapa%20%28{code}%29"' in page

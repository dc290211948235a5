"""A web app over an SQLite database, and browsers that have logged in with a role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from office.console import accounts
from settings import Settings
from storage.console import accounts as stored

PASSWORD = "empat kata yang panjang"


class Console:
    """The app, and a client for each role; `post` sends the token of the page that the form stands on."""

    def __init__(self, app: Flask):
        self.app = app
        self._made: dict[str, FlaskClient] = {}

    def account(self, role: str, username: str = "") -> int:
        name = username or f"{role}.contoh"
        found = stored.find(name)
        return found.id if found else accounts.create("test", name, f"Contoh {role}", role, PASSWORD)

    def as_(self, role: str, username: str = "") -> FlaskClient:
        name = username or f"{role}.contoh"
        if name not in self._made:
            self.account(role, name)
            client = self.app.test_client()
            answer = post(client, "/konsol/masuk", {"username": name, "password": PASSWORD, "code": ""})
            assert answer.status_code == 302, answer.text
            self._made[name] = client
        return self._made[name]


def token(client: FlaskClient, page: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert found, f"{page} has no form"
    return found.group(1)


def post(
    client: FlaskClient, path: str, data: dict[str, object] | None = None, page: str | None = None
) -> TestResponse:
    """Sends a form as the browser does from `page`, by default the page of the same address."""
    return client.post(path, data={"csrf_token": token(client, page or path), **(data or {})})


@pytest.fixture
def settings(tmp_path: Path, sqlite_database: str) -> Settings:
    return Settings(data_dir=tmp_path, database_url=sqlite_database, address_limit="100000/minute")


@pytest.fixture
def console(settings: Settings) -> Iterator[Console]:
    app = create_app(settings)
    yield Console(app)

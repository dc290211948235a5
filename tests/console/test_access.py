"""Who reaches which page of the console: every route, every role, every form, and addresses that make no sense."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BaseConverter, Rule

from app import create_app
from console import access
from console.access import ANYBODY, PATH
from settings import Settings
from storage import database
from tests.console.conftest import Console, post, token

OPEN = {"console.login", "console.static"}
"""Reachable without logging in."""
EVERYBODY = {"console.home", "console.own_account"}
"""Some of what every role reaches."""
MAY = {
    "admin": {"dashboard", "conversations", "inbox", "training_data", "models", "catalogue", "people", "audit"},
    "annotator": {"dashboard", "conversations", "inbox", "training_data"},
    "officer": {"dashboard", "conversations", "catalogue"},
    "viewer": {"dashboard"},
}
PERMISSIONS = MAY["admin"]
ABSURD = ("9" * 25, str(2**70), "-1", "0", "kata", "%00", "..", "1.5", "9" * 2000)


def rules(app: Flask) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PATH)]
    assert len(found) > 10
    return found


def permission(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "permission", ""))


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def example(converter: BaseConverter) -> object:
    """A value that the converter takes."""
    if items := getattr(converter, "items", None):  # <any(a, b):name>
        return sorted(items)[0]
    return {"int": 1, "float": 1.5}.get(kind(converter), "contoh")


def kind(converter: BaseConverter) -> str:
    return type(converter).__name__.removesuffix("Converter").replace("Integer", "int").lower()


def address(rule: Rule) -> str:
    """The address of a rule with arguments of the right kind."""
    built = rule.build({name: example(rule._converters[name]) for name in rule.arguments}, append_unknown=False)
    assert built, rule
    return built[1]


def ask(client: FlaskClient, path: str, method: str, **form: str):
    return client.open(path, method=method, data=form if method != "GET" else None)


def every(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every rule of the console with an address of it and a method."""
    for rule in rules(app):
        for method in methods(rule):
            yield rule, address(rule), method


def test_every_view_says_who_may_see_it(console: Console):
    for rule in rules(console.app):
        if rule.endpoint != "console.static":
            assert permission(console.app, rule) in PERMISSIONS | {ANYBODY, access.OPEN}, rule
    opened = {rule.endpoint for rule in rules(console.app) if permission(console.app, rule) == access.OPEN}
    assert opened | {"console.static"} == OPEN


def test_without_logging_in_only_the_listed_pages_open(console: Console):
    client = console.app.test_client()
    reached = set()
    for rule, path, method in every(console.app):
        answer = ask(client, path, method)
        if answer.status_code == 401 or (answer.status_code == 302 and "/konsol/masuk" in answer.headers["Location"]):
            continue
        reached.add(rule.endpoint)
    assert reached == OPEN


@pytest.mark.parametrize("role", list(MAY))
def test_each_role_reaches_what_its_permissions_open_and_nothing_else(console: Console, role):
    client = console.as_(role)
    refused, let_in = set(), set()
    for rule, path, method in every(console.app):
        opens = permission(console.app, rule) in MAY[role] | {ANYBODY, access.OPEN}
        if opens and method != "GET":
            continue  # it would change something; the areas' own tests see that it opens
        form = {"csrf_token": token(client, f"{PATH}/saya")} if method != "GET" else {}
        answer = ask(client, path, method, **form)
        if rule.endpoint not in OPEN:
            assert (answer.status_code == 403) == (not opens), f"{method} {path}: {answer.status_code}"
            (let_in if opens else refused).add(rule.endpoint)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
    assert let_in >= EVERYBODY
    assert refused or role == "admin"


def test_no_form_is_taken_without_its_token(console: Console):
    client = console.as_("admin")
    taken = {rule.endpoint for rule, _, method in every(console.app) if method != "GET"}
    assert len(taken) > 8
    for _, path, method in every(console.app):
        if method != "GET":
            answer = ask(client, path, method, csrf_token="bukan")
            assert answer.status_code == 400, f"{method} {path}: {answer.status_code}"
    assert ask(console.app.test_client(), f"{PATH}/masuk", "POST").status_code == 400
    assert client.get(f"{PATH}/saya").status_code == 200  # nothing has logged out, closed or changed the account


@pytest.mark.parametrize("value", ABSURD, ids=[f"{value[:12]}-{len(value)}" for value in ABSURD])
def test_ids_that_make_no_sense_are_not_found(console: Console, value):
    client = console.as_("admin")
    own = token(client, f"{PATH}/saya")
    asked = 0
    for rule in rules(console.app):
        if not rule.arguments or rule.endpoint == "console.static":
            continue
        for name in rule.arguments:
            path = _with(rule, name, value)
            for method in methods(rule):
                answer = ask(client, path, method, csrf_token=own)
                # another route may take the address, e.g. without a segment; only a failure is none
                assert answer.status_code in (404, 405, 308, 400), f"{method} {path[:120]}: {answer.status_code}"
                asked += 1
    assert asked > 5


def _with(rule: Rule, name: str, value: str) -> str:
    """The address of a rule with any text in the place of one argument."""
    path = ""
    for is_argument, part in rule._trace:
        if is_argument:
            path += value if part == name else str(example(rule._converters[part]))
        else:
            path += part.removeprefix("|")
    return path


@pytest.mark.parametrize("page", ["catatan", "katalog/riwayat"])
@pytest.mark.parametrize("value", [*ABSURD[:3], "-" + ABSURD[0]])
def test_pages_of_a_list_that_make_no_sense_are_no_failure(console: Console, value, page):
    assert console.as_("admin").get(f"{PATH}/{page}?sebelum={value}").status_code == 200


def test_what_no_database_takes_is_refused_at_the_door(console: Console):
    admin = console.as_("admin")
    for page in ("catatan?oleh=%00", "katalog/riwayat?kantor=a%00", "masuk?next=%00", "saya?a=b&a=%00"):
        assert admin.get(f"{PATH}/{page}").status_code == 400
    assert post(admin, f"{PATH}/kotak-masuk/terima", {"group": "a\0"}, page=f"{PATH}/saya").status_code == 400
    sent = admin.get(f"{PATH}/masuk?next={PATH}/%0d%0aSet-Cookie:+a=b")
    assert sent.status_code == 302 and sent.headers["Location"] == f"{PATH}/"


def test_a_view_that_names_no_permission_is_closed(settings: Settings):
    app = create_app(settings)
    app.add_url_rule(f"{PATH}/lupa", "console.forgotten", lambda: "rahasia")
    client = Console(app).as_("admin")
    for reader in (client, app.test_client()):
        answer = reader.get(f"{PATH}/lupa")
        assert answer.status_code == 403 and "rahasia" not in answer.text


def test_a_page_that_does_not_exist_says_so_in_indonesian(console: Console):
    for reader in (console.as_("admin"), console.app.test_client()):
        answer = reader.get(f"{PATH}/tidak/ada")
        assert answer.status_code == 404 and "tidak ada" in answer.text


def test_a_broken_database_is_told_in_indonesian_and_nothing_of_it_is_shown(settings: Settings, console: Console):
    clients = [console.as_("admin"), console.app.test_client()]
    login = token(clients[1], f"{PATH}/masuk")
    database.use(f"sqlite:///{settings.data_dir / 'tidak' / 'ada' / 'sapa.sqlite3'}")
    for _, path, method in every(console.app):
        if method == "GET" and "static" not in path:
            answer = clients[0].get(path)
            assert answer.status_code == 503, path
            assert "Basis data tidak menjawab" in answer.text and "sqlite" not in answer.text.lower()
    answer = clients[1].post(f"{PATH}/masuk", data={"csrf_token": login, "username": "siti", "password": "kata sandi"})
    assert answer.status_code == 503 and "Coba lagi" in answer.text


def test_nothing_of_the_console_is_kept_by_a_browser_or_shown_in_a_frame(console: Console):
    answer = console.as_("viewer").get(f"{PATH}/saya")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(settings: Settings):
    app = create_app(settings.copy(update={"public_url": "https://sapa.example"}))
    answer = app.test_client().get(f"{PATH}/masuk", base_url="https://sapa.example")
    cookie = answer.headers["Set-Cookie"]
    for word in ("HttpOnly", "Secure", "SameSite=Lax", f"Path={PATH}"):
        assert word in cookie

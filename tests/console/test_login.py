"""Logging in, the second factor, the rest after failures, and one's own account."""

from __future__ import annotations

import re
import time

import pyotp
import pytest

from console.access import PATH
from office.console import accounts
from storage.console import accounts as stored
from storage.console import audit
from tests.console.conftest import PASSWORD, Console, post, token

LOGIN = f"{PATH}/masuk"
OWN = f"{PATH}/saya"


def log_in(client, username="admin.contoh", password=PASSWORD, code=""):
    return post(client, LOGIN, {"username": username, "password": password, "code": code})


def test_whoever_has_not_logged_in_is_sent_to_the_login_and_then_to_the_page_he_wanted(console: Console):
    console.account("admin")
    client = console.app.test_client()
    asked = client.get(f"{PATH}/akun?x=1")
    assert asked.status_code == 302
    wanted = asked.headers["Location"]
    assert wanted.startswith(LOGIN)
    answer = client.post(
        wanted,
        data={
            "csrf_token": token(client, wanted),
            "username": "Admin.Contoh",
            "password": PASSWORD,
        },
    )
    assert answer.headers["Location"] == f"{PATH}/akun?x=1"
    assert client.get(f"{PATH}/akun").status_code == 200


@pytest.mark.parametrize("next_page", ["https://jahat.example/konsol/", "//jahat.example", "/\\jahat.example", "/lain"])
def test_nobody_is_sent_away_to_another_site(console: Console, next_page):
    console.account("admin")
    client = console.app.test_client()
    page = f"{LOGIN}?next={next_page}"
    answer = post(client, page, {"username": "admin.contoh", "password": PASSWORD})
    assert answer.headers["Location"] == f"{PATH}/"


def test_an_unknown_name_and_a_wrong_password_look_the_same(console: Console):
    console.account("admin")
    client = console.app.test_client()
    wrong, unknown = log_in(client, password="bukan kata sandinya"), log_in(client, username="tak.dikenal")
    assert wrong.status_code == unknown.status_code == 401
    assert "tidak cocok" in wrong.text and "tidak cocok" in unknown.text


def test_after_five_wrong_passwords_an_account_rests_even_for_the_right_one(console: Console):
    console.account("admin")
    client = console.app.test_client()
    for _ in range(accounts.FAILURES):
        assert log_in(client, password="salah salah salah").status_code == 401
    answer = log_in(client)
    assert answer.status_code == 401 and "Coba lagi dalam" in answer.text
    accounts.set_password(console.account("admin"), "test", PASSWORD)
    assert log_in(client).status_code == 302


def test_the_second_factor_is_turned_on_by_a_code_and_asked_for_and_works_once(console: Console):
    client = console.as_("admin")
    secret = re.search("<code>([A-Z2-7]{32})</code>", client.get(OWN).text).group(1)
    refused = post(client, f"{OWN}/kode", {"code": "000000"}, page=OWN)
    assert refused.status_code == 400 and "tidak cocok" in refused.text
    totp = pyotp.TOTP(secret)
    assert post(client, f"{OWN}/kode", {"code": totp.now()}, page=OWN).status_code == 302
    assert stored.find("admin.contoh").has_totp

    other = console.app.test_client()
    assert "kode enam angka" in log_in(other).text
    assert log_in(other, code="123").status_code == 401
    later = totp.at(int(time.time()) + accounts.TOTP_SECONDS)
    assert log_in(other, code=later).status_code == 302
    assert log_in(console.app.test_client(), code=later).status_code == 401
    assert client.get(OWN).status_code == 200, "whoever turned it on stays logged in"

    refused = post(client, f"{OWN}/kode/hapus", {"present": "bukan kata sandinya"}, page=OWN)
    assert refused.status_code == 400 and stored.find("admin.contoh").has_totp
    assert post(client, f"{OWN}/kode/hapus", {"present": PASSWORD}, page=OWN).status_code == 302
    assert not stored.find("admin.contoh").has_totp


def test_a_code_without_a_secret_that_was_shown_is_refused(console: Console):
    client = console.as_("admin")
    answer = post(client, f"{OWN}/kode", {"code": "123456"}, page=f"{PATH}/akun")
    assert answer.status_code == 400 and not stored.find("admin.contoh").has_totp


def test_another_password_ends_the_other_sessions(console: Console):
    client = console.as_("admin")
    other = console.app.test_client()
    log_in(other)
    wrong = post(client, f"{OWN}/sandi", {"present": "salah", "new": "lima kata lain sekali", "again": "x"}, page=OWN)
    assert wrong.status_code == 400
    new = {"present": PASSWORD, "new": "lima kata lain sekali", "again": "lima kata lain sekali"}
    assert post(client, f"{OWN}/sandi", new, page=OWN).status_code == 302
    assert client.get(OWN).status_code == 200
    assert other.get(OWN).status_code == 302


@pytest.mark.parametrize("password", ["pendek", "aaaaaaaaaaaaaa", "admin.contoh-12345", "x" * 201])
def test_a_weak_password_is_refused(console: Console, password):
    client = console.as_("admin")
    answer = post(client, f"{OWN}/sandi", {"present": PASSWORD, "new": password, "again": password}, page=OWN)
    assert answer.status_code == 400 and "Kata sandi" in answer.text
    assert log_in(console.app.test_client()).status_code == 302


def test_logging_out_ends_the_session(console: Console):
    client = console.as_("viewer")
    assert post(client, f"{PATH}/keluar", page=OWN).status_code == 302
    assert client.get(OWN).status_code == 302


def test_looking_at_pages_does_not_make_a_session_last_longer(console: Console):
    client = console.as_("viewer")
    client.get(f"{PATH}/ringkasan")  # the first page after the login keeps the token of the forms
    for page in ("ringkasan", "ringkasan/angka", "ringkasan/grafik/hari.svg"):
        answer = client.get(f"{PATH}/{page}")
        assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_a_closed_account_is_out_at_once_and_the_last_admin_cannot_be_closed(console: Console):
    admin, viewer = console.as_("admin"), console.as_("viewer")
    viewer_id, admin_id = console.account("viewer"), console.account("admin")
    page = f"{PATH}/akun/{viewer_id}"
    assert post(admin, f"{page}/tutup", page=page).status_code == 302
    assert viewer.get(OWN).status_code == 302
    assert log_in(console.app.test_client(), "viewer.contoh").status_code == 401
    own_page = f"{PATH}/akun/{admin_id}"
    refused = post(admin, f"{own_page}/tutup", page=own_page)
    assert refused.status_code == 400 and "satu-satunya admin" in refused.text
    refused = post(admin, f"{own_page}/peran", {"role": "viewer"}, page=own_page)
    assert refused.status_code == 400
    assert admin.get(OWN).status_code == 200


def test_what_is_done_to_accounts_is_in_the_log_without_secrets(console: Console):
    admin = console.as_("admin")
    made = {"username": "siti", "name": "Siti Contoh", "role": "annotator", "password": "kata sandi yang pertama"}
    assert post(admin, f"{PATH}/akun", made).status_code == 302
    twice = post(admin, f"{PATH}/akun", made)
    assert twice.status_code == 400 and "sudah dipakai" in twice.text
    page = f"{PATH}/akun/{stored.find('siti').id}"
    post(admin, f"{page}/peran", {"role": "officer"}, page=page)
    post(admin, f"{page}/sandi", {"password": "kata sandi yang kedua"}, page=page)
    lines = audit.lines(None, 10)
    assert [(line.who, line.action, line.subject) for line in lines[:3]] == [
        ("admin.contoh", "password_set", "siti"),
        ("admin.contoh", "role_set", "siti"),
        ("admin.contoh", "account_created", "siti"),
    ]
    assert "sandi yang" not in str([line.details for line in lines])
    shown = admin.get(f"{PATH}/catatan?tindakan=role_set").text
    assert "role: officer" in shown and "account_created" not in shown

"""`sapa account`: creating, listing and resetting accounts of the console."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from office.console import accounts
from office.console.accounts import Refused
from settings import get_settings
from storage import database
from storage.console import accounts as stored
from storage.console import audit

PASSWORD = "empat kata yang panjang"


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch, sqlite_database):
    monkeypatch.setenv("SAPA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SAPA_DATABASE_URL", sqlite_database)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def sapa(*arguments: str, stdin: str = f"{PASSWORD}\n") -> Result:
    done = CliRunner().invoke(main, ["account", *arguments], input=stdin)
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_an_account_is_created_with_the_password_of_standard_input_and_listed(end):
    done = sapa("create", "siti", "--role", "annotator", "--name", "Siti Contoh", stdin=PASSWORD + end)
    assert done.exit_code == 0 and "/konsol" in done.output and PASSWORD not in done.output
    assert not isinstance(accounts.log_in("siti", PASSWORD, ""), Refused)
    listed = sapa("list").output
    assert "Siti Contoh" in listed and "annotator" in listed and "active" in listed
    assert [(line.who, line.action, line.subject) for line in audit.lines(None, 9)] == [
        ("sapa", "account_created", "siti")
    ]


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (("create", "siti"), PASSWORD, "--role"),
        (("create", "siti", "--role", "raja"), PASSWORD, "raja"),
        (("create", "Siti Aminah", "--role", "admin"), PASSWORD, "Nama pengguna"),
        (("create", "x" * 500, "--role", "admin"), PASSWORD, "Nama pengguna"),
        (("create", "siti", "--role", "admin", "--name", " "), PASSWORD, "Nama lengkap"),
        (("create", "siti", "--role", "admin"), "", "Kata sandi"),
        (("create", "siti", "--role", "admin"), "pendek\n", "Kata sandi"),
        (("create", "siti", "--role", "admin"), "siti siti siti siti\n", "mudah ditebak"),
        (("create", "siti", "--role", "admin"), "a" * 100_000, "Kata sandi"),
        (("reset", "tak.ada"), PASSWORD, "no account tak.ada"),
    ],
)
def test_odd_input_is_explained_and_nothing_is_created(arguments, stdin, says):
    done = sapa(*arguments, stdin=stdin)
    assert done.exit_code != 0 and says in done.output
    assert stored.all_accounts() == []


def test_a_name_is_taken_once_whatever_its_case():
    assert sapa("create", "siti", "--role", "admin").exit_code == 0
    again = sapa("create", "SITI", "--role", "viewer")
    assert again.exit_code == 1 and "sudah dipakai" in again.output
    assert [account.role for account in stored.all_accounts()] == ["admin"]


def test_a_reset_gives_a_new_password_and_takes_the_second_factor_and_the_rest_away():
    sapa("create", "siti", "--role", "admin")
    for _ in range(accounts.FAILURES):
        accounts.log_in("siti", "salah salah salah", "")
    before = stored.find("siti")
    stored.change(before.id, "test", "totp_enabled", totp_secret=accounts.new_totp_secret())
    done = sapa("reset", "siti", stdin="kata sandi yang lain\n")
    assert done.exit_code == 0 and "sandi yang lain" not in done.output
    assert isinstance(accounts.log_in("siti", PASSWORD, ""), Refused)
    found = accounts.log_in("siti", "kata sandi yang lain", "")
    assert not isinstance(found, Refused) and not found.has_totp and found.session_key != before.session_key
    weak = sapa("reset", "siti", stdin="pendek\n")
    assert weak.exit_code == 1 and not isinstance(accounts.log_in("siti", "kata sandi yang lain", ""), Refused)


def test_a_database_that_cannot_be_reached_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "datei").write_text("")
    monkeypatch.setenv("SAPA_DATABASE_URL", f"sqlite:///{tmp_path}/datei/sapa.sqlite3")
    get_settings.cache_clear()
    done = sapa("list")
    assert done.exit_code == 1 and "SAPA_DATABASE_URL" in done.output
    database.engine().dispose()

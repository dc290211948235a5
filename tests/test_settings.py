"""`.env.example` and the table of settings say the same."""

import re
from pathlib import Path

import pytest

from errors import SettingsError
from settings import ROOT, Settings, read_settings

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"


def test_every_setting_is_in_the_example_with_its_default_and_the_other_way_round():
    shown = dict(re.findall(r"^#\s?([A-Z_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE))
    fields = {f.field_info.extra["env"]: f for f in Settings.__fields__.values()}
    assert shown.keys() == fields.keys()
    for name, field in fields.items():
        default = "var" if name == "SAPA_DATA_DIR" else str(field.default)
        assert shown[name] == default.replace("True", "true").replace("False", "false"), name
        assert field.field_info.description in EXAMPLE.read_text("utf-8").replace("\n# ", " "), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAPA_PORT", "acht"),
        ("SAPA_PORT", "70000"),
        ("SAPA_RETENTION_DAYS", "0"),
        ("SAPA_SENDER_LIMIT", "seribu/jam"),
        ("SAPA_ADDRESS_LIMIT", "20"),
        ("SAPA_LOG_LEVEL", "LAUT"),
        ("SAPA_DATABASE_URL", "mysql://x/y"),
        ("SAPA_DATABASE_URL", "sapa.sqlite3"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings()


def test_postgres_is_told_its_right_form_and_no_password(monkeypatch):
    monkeypatch.setenv("SAPA_DATABASE_URL", "postgres://sapa:geheim@db/sapa")
    with pytest.raises(SettingsError, match="SAPA_DATABASE_URL: write postgresql://") as caught:
        read_settings()
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "sqlite:////srv/sapa.sqlite3", "postgresql://db/sapa", "postgresql+psycopg2://u:p@db:5432/sapa"]
)
def test_databases_that_can_be_used(monkeypatch, url):
    monkeypatch.setenv("SAPA_DATABASE_URL", url)
    assert read_settings().database_url == url
    assert not url or read_settings().tracker_url == url


def test_a_relative_data_folder_lies_in_the_project(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAPA_DATA_DIR", "anders")
    monkeypatch.setenv("SAPA_LOG_LEVEL", "debug")
    assert read_settings().data_dir == ROOT / "anders" and read_settings().log_level == "DEBUG"
    assert read_settings().tracker_url == f"sqlite:///{ROOT}/anders/tracker.sqlite3"


def test_whatsapp_is_off_until_all_three_are_set(monkeypatch):
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.setenv(name, "x")
    assert not Settings().whatsapp_enabled
    monkeypatch.setenv("TWILIO_WHATSAPP_NUMBER", "+620000000000")
    assert Settings().whatsapp_enabled

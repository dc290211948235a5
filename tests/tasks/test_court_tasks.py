"""MOX-05: the periodic look into SIPP: what it does after a change, and when SIPP is away."""

import pytest
from sqlalchemy import create_engine, text

from errors import SippError
from office.court import sync
from settings import Settings
from storage.court import cases, mirror
from storage.court.tables import Event
from storage.sipp import demo, source
from tasks import court
from tasks.court import sync_court
from tests.fakes.court import rows


@pytest.fixture
def planned(sqlite_database, monkeypatch, tmp_path) -> list[str]:
    """What was planned, with the demonstration as SIPP."""
    settings = Settings(sipp_url="", data_dir=tmp_path)
    monkeypatch.setattr(sync, "get_settings", lambda: settings)
    plans: list[str] = []
    monkeypatch.setattr(court.notices, "plan", lambda: plans.append("planned"))
    return plans


def test_notices_are_planned_after_a_change_and_only_then(planned, tmp_path):
    sync_court.call_local()
    sync_court.call_local()
    assert cases.as_of() and planned == []
    engine = create_engine(f"sqlite:///{tmp_path / demo.FILE}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE perkara_jadwal_sidang SET ruangan = 'Ruang Baru'"))
    engine.dispose()
    sync_court.call_local()
    assert planned == ["planned"] and len(rows(Event)) > 20


def test_when_sipp_is_away_the_next_look_tries_again(planned, monkeypatch, tmp_path):
    monkeypatch.setattr(source, "PAUSES", ())
    away = Settings(sipp_url="mysql+pymysql://sapa:geheim@127.0.0.1:9/sipp", data_dir=tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(sync, "get_settings", lambda: away)
        sync_court.call_local()
        assert cases.as_of() is None
    sync_court.call_local()
    assert cases.as_of()


def test_a_look_while_another_one_is_at_it_goes_away(planned):
    with mirror.alone():
        sync_court.call_local()
    assert cases.as_of() is None and cases.source() is None


@pytest.mark.parametrize(("minutes", "expected"), [(1, "*/1"), (5, "*/5"), (59, "*/59"), (60, "0")])
def test_the_interval(minutes, expected, monkeypatch):
    monkeypatch.setattr(court, "get_settings", lambda: Settings(sipp_interval=minutes))
    assert court._interval() == expected


def test_what_is_no_error_of_sipp_is_not_swallowed(planned, monkeypatch):
    def broken() -> None:
        raise SippError("away")

    monkeypatch.setattr(sync, "open_sipp", broken)
    sync_court.call_local()
    monkeypatch.setattr(sync, "open_sipp", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sync_court.call_local()

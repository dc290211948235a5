"""Promoting and going back over a stand-in for the engine: what is written, told, checked, taken back and logged."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from errors import CatalogueError, ModelError
from office.catalogue import Catalogue
from settings import Settings
from storage.console import audit
from storage.database import StorageError
from tasks import models as tasks
from tests.fakes.models import ModelEngine, knowing, model
from tests.training.test_gate import REPORT
from training import active

OLD, NEW, THIRD = "a" * 12, "b" * 12, "c" * 12
WHY = "lebih banyak yang dipahami"


@pytest.fixture
def settings(tmp_path: Path, sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An office whose engine answers with OLD."""
    settings = Settings(data_dir=tmp_path, database_url=sqlite_database)
    for name in (OLD, NEW, THIRD):
        model(tmp_path, name)
    active.choose_first(tmp_path, OLD, "pertama kali")
    monkeypatch.setattr(tasks, "report_for", lambda data_dir, name: {**REPORT, "model": name, "active": OLD})
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    return settings


@pytest.fixture
def engine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ModelEngine:
    made = ModelEngine(OLD)
    monkeypatch.setattr(tasks, "assistant", lambda: made)
    return knowing(made, tasks.questions(Catalogue.load(), settings.default_agency))


settle = tasks.settle.call_local
"""What the worker does every minute."""


def state(settings: Settings) -> tuple[str, bool, str | None]:
    """What is chosen, whether it is settled, and what the engine would start with."""
    chosen = active.read(settings.data_dir)
    assert chosen is not None
    return chosen.model, chosen.settled, active.linked(settings.data_dir)


def kinds(settings: Settings) -> list[str]:
    chosen = active.read(settings.data_dir)
    assert chosen is not None
    return [choice.kind for choice in chosen.history]


def logged() -> list[tuple[str, str, str]]:
    return [(line.who, line.action, line.subject) for line in audit.lines(None, 10)]


def test_every_office_is_asked_about_itself():
    catalogue = Catalogue.load()
    for agency, profile in catalogue.agencies.items():
        probes = tasks.questions(catalogue, agency)
        assert probes[0].text == f"jam buka {profile.name.id}" and probes[0].value == agency
        assert {probe.value for probe in probes[1:]} <= set(catalogue.services_of(agency))
    with pytest.raises(CatalogueError, match="SAPA_DEFAULT_AGENCY"):
        tasks.questions(catalogue, "tak_ada")


def test_promoted(settings, engine):
    assert tasks.promote(settings, NEW, "siti", "") is True
    assert state(settings) == (NEW, True, NEW) and engine.loaded == NEW
    assert logged() == [("siti", "model_promoted", NEW)]
    settle()
    assert engine.told == [NEW], "what is settled is left alone"


def test_restored_without_the_gate(settings, engine, monkeypatch):
    tasks.promote(settings, NEW, "siti", "")
    monkeypatch.setattr(tasks, "report_for", lambda *_: None)
    assert tasks.restore(settings, OLD, "budi", "") is True
    assert state(settings) == (OLD, True, OLD) and engine.loaded == OLD
    assert kinds(settings) == ["restored", "promoted", "first"]
    assert logged()[0] == ("budi", "model_restored", OLD)
    with pytest.raises(ModelError, match="10 pilihan terakhir"):
        tasks.restore(settings, THIRD, "budi", "")


def test_the_gate_is_overruled_by_a_reason_only(settings, engine, monkeypatch):
    monkeypatch.setattr(tasks, "report_for", lambda *_: None)
    for reason in ("", "  sebentar \n ", " " * 30):
        with pytest.raises(ModelError, match=r"belum dibandingkan.*alasan"):
            tasks.promote(settings, NEW, "siti", reason)
    assert state(settings) == (OLD, True, OLD) and not logged() and not engine.told
    assert tasks.promote(settings, NEW, "siti", f"  {WHY}\n")
    chosen = active.read(settings.data_dir)
    assert chosen.history[0].reason == WHY
    assert audit.lines(None, 1)[0].details == {"before": OLD, "reason": WHY}


@pytest.mark.parametrize("spoil", ["cut", "gone", "unknown name", "the link"])
def test_a_file_that_is_not_whole_is_refused_before_anything_changes(settings, engine, spoil):
    file, name = active.model_file(settings.data_dir, NEW), NEW
    if spoil == "cut":
        file.write_bytes(file.read_bytes()[:-5])
    elif spoil == "gone":
        file.unlink()
    else:
        name = {"unknown name": "../../etc/passwd", "the link": "active"}[spoil]
    with pytest.raises(ModelError, match=r"rusak|tidak dikenal"):
        tasks.promote(settings, name, "siti", WHY)
    assert state(settings) == (OLD, True, OLD) and not logged() and not engine.told


def test_the_active_one_again(settings, engine):
    with pytest.raises(ModelError, match="sudah dipakai"):
        tasks.promote(settings, OLD, "siti", WHY)


@pytest.mark.parametrize("fault", ["confused", "broken"])
def test_a_model_that_fails_its_check_is_taken_back(settings, engine, fault):
    getattr(engine, fault).add(NEW)
    with pytest.raises(ModelError, match=f"{NEW} tidak lolos .*Model {OLD} dipakai lagi"):
        tasks.promote(settings, NEW, "siti", WHY)
    assert state(settings) == (OLD, True, OLD) and engine.loaded == OLD
    assert kinds(settings) == ["rolled_back", "promoted", "first"]
    assert logged() == [("sapa", "model_rolled_back", OLD), ("siti", "model_promoted", NEW)]
    settle()
    assert engine.loaded == OLD and kinds(settings)[0] == "rolled_back"


def test_a_model_that_kills_the_engine_is_taken_back_and_the_engine_starts_with_the_one_before(settings, engine):
    engine.deadly.add(NEW)
    with pytest.raises(ModelError, match=f"Model {OLD} dipakai lagi"):
        tasks.promote(settings, NEW, "siti", WHY)
    assert state(settings) == (OLD, False, OLD)
    engine.down = False  # supervisord has started it over the link
    settle()
    assert state(settings) == (OLD, True, OLD) and engine.told == [NEW]


def test_a_few_names_that_were_edited_a_moment_ago_are_forgiven(settings, engine):
    for name in list(engine.names)[1:3]:
        engine.names[name] = ()
    assert tasks.promote(settings, NEW, "siti", "")
    for name in list(engine.names)[3:4]:
        engine.names[name] = ()
    with pytest.raises(ModelError, match="3 dari 10"):
        tasks.restore(settings, OLD, "siti", "")


def test_an_engine_that_is_down_follows_when_it_is_up(settings, engine):
    engine.down = True
    assert tasks.promote(settings, NEW, "siti", "") is False
    assert state(settings) == (NEW, False, OLD)
    settle()
    assert state(settings) == (NEW, False, OLD)
    engine.down = False
    settle()
    assert state(settings) == (NEW, True, NEW) and engine.loaded == NEW


def test_an_engine_that_is_up_later_and_does_not_like_the_model(settings, engine):
    engine.down = True
    tasks.promote(settings, NEW, "siti", "")
    engine.down, engine.confused = False, {NEW}
    settle()
    assert state(settings) == (OLD, True, OLD) and engine.loaded == OLD
    assert logged()[0] == ("sapa", "model_rolled_back", OLD)


def test_an_engine_that_is_still_loading_is_asked_again(settings, engine):
    engine.loading = True
    assert tasks.promote(settings, NEW, "siti", "") is False
    engine.loading = False
    settle()
    assert state(settings) == (NEW, True, NEW)


@pytest.mark.parametrize("killed_before", ["choose", "load_model", "parse", "confirm"])
def test_whoever_is_killed_in_between_leaves_nothing_half_done(settings, engine, monkeypatch, killed_before):
    class Killed(BaseException):
        pass

    def kill(*_, **__):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(engine if killed_before in ("load_model", "parse") else active, killed_before, kill)
        tasks.promote(settings, NEW, "siti", "")
    assert active.linked(settings.data_dir) == OLD, "an engine that starts now has a model that was checked"
    settle()
    wanted = OLD if killed_before == "choose" else NEW
    assert state(settings) == (wanted, True, wanted) and engine.loaded == wanted


def test_an_engine_with_another_model_than_the_chosen_one_is_put_right(settings, engine):
    engine.loaded = THIRD
    settle()
    assert engine.loaded == OLD
    engine.loaded = None
    settle()
    assert engine.loaded == OLD


def test_an_active_model_that_cannot_be_loaded_any_more_makes_room_for_the_one_before(settings, engine):
    tasks.promote(settings, NEW, "siti", "")
    engine.loaded, engine.broken = None, {NEW}
    settle()
    assert engine.loaded == OLD and state(settings) == (OLD, True, OLD)
    engine.loaded, engine.broken = None, {NEW, OLD}
    settle()
    assert state(settings)[0] == OLD and kinds(settings)[0] == "rolled_back", "no to and fro"


def _hold(data_dir: Path, held, done) -> None:
    with tasks._only_change(data_dir):
        held.set()
        done.wait(30)


def test_one_change_at_a_time_in_whatever_process(settings, engine):
    held, done = multiprocessing.Event(), multiprocessing.Event()
    other = multiprocessing.get_context("fork").Process(target=_hold, args=(settings.data_dir, held, done))
    other.start()
    assert held.wait(30)
    for change in (tasks.promote, tasks.restore):
        with pytest.raises(ModelError, match="sedang dipasang"):
            change(settings, NEW, "siti", WHY)
    engine.loaded = THIRD
    settle()
    assert engine.loaded == THIRD
    done.set()
    other.join()
    assert tasks.promote(settings, NEW, "siti", WHY)


def test_what_cannot_be_logged_is_not_done(settings, engine, monkeypatch):
    def down(*_, **__):
        raise StorageError("The database failed.")

    monkeypatch.setattr(tasks.audit, "record", down)
    with pytest.raises(StorageError):
        tasks.promote(settings, NEW, "siti", WHY)
    assert state(settings) == (OLD, True, OLD) and engine.loaded == OLD


def test_a_catalogue_that_cannot_be_read_stops_a_change_before_it_begins(settings, engine, monkeypatch):
    def broken(*_):
        raise CatalogueError("kecamatan.yml: broken")

    monkeypatch.setattr(tasks.Catalogue, "load", broken)
    with pytest.raises(CatalogueError):
        tasks.promote(settings, NEW, "siti", WHY)
    assert state(settings) == (OLD, True, OLD) and not engine.told
    settle()


def test_a_damaged_choice_is_said(settings, engine):
    (settings.data_dir / "models" / "active.json").write_text("{")
    with pytest.raises(ModelError, match="Jalankan ulang Sapa"):
        tasks.promote(settings, NEW, "siti", WHY)
    settle()
    assert not engine.told


def test_without_a_choice_there_is_nothing_to_settle(settings, engine):
    (settings.data_dir / "models" / "active.json").unlink()
    settle()
    assert not engine.told
    with pytest.raises(ModelError, match="sapa run"):
        tasks.promote(settings, NEW, "siti", WHY)


def test_a_folder_that_cannot_be_written(settings, engine):
    blocked = Settings(data_dir=settings.data_dir / "file")
    (settings.data_dir / "file").touch()
    with pytest.raises(ModelError, match="tidak dapat ditulis"):
        tasks.promote(blocked, NEW, "siti", WHY)


def test_the_worker_has_the_task():
    from worker import TASKS

    assert tasks in TASKS

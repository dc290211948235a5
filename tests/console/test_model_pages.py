"""The models in the console: what is shown, promoting, going back, and what is refused."""

from __future__ import annotations

import pytest

from console.access import PATH
from errors import CatalogueError
from office.catalogue import Catalogue
from settings import Settings
from storage.console import audit
from tasks import models as tasks
from tests.console.conftest import Console, post
from tests.fakes.models import ModelEngine, knowing, model
from tests.training.test_gate import REPORT
from training import active, run

OLD, NEW, UNTESTED = "a" * 12, "b" * 12, "c" * 12
MODELS = f"{PATH}/model"
FIGURES = {"lines": 100, "intent_accuracy": 0.95, "service_accuracy": 0.93, "both_accuracy": 0.9}
COMPARED = {**REPORT, "active": OLD, "overall": {"active": FIGURES, "candidate": {**FIGURES, "both_accuracy": 0.912}}}


@pytest.fixture
def engine(settings: Settings, console: Console, monkeypatch: pytest.MonkeyPatch) -> ModelEngine:
    """Answers with OLD; NEW was compared with it and is not worse, UNTESTED was not."""
    for name in (OLD, NEW, UNTESTED):
        model(settings.data_dir, name)
    active.choose_first(settings.data_dir, OLD, "pertama kali dijalankan")
    for module in (tasks, run):
        monkeypatch.setattr(module, "report_for", lambda data_dir, name: COMPARED if name == NEW else None)
    made = ModelEngine(OLD)
    monkeypatch.setattr(tasks, "assistant", lambda: made)
    return knowing(made, tasks.questions(Catalogue.load(), settings.default_agency))


def change(console: Console, name: str, what: str = "pasang", **data: object):
    return post(console.as_("admin"), f"{MODELS}/{name}/{what}", data, page=f"{MODELS}/{name}")


def test_the_page_says_which_model_answers_since_when_by_whom_and_why(console, engine):
    page = console.as_("admin").get(MODELS).text
    assert OLD in page and "dilatih saat Sapa dijalankan" in page and "oleh sapa" in page
    assert "pertama kali dijalankan" in page and "91,2%" in page and "9 dari 10" in page
    assert page.count('<span class="tag">dipakai</span>') == 1


def test_a_model_that_is_not_worse_is_promoted_without_a_reason(console, engine, settings):
    shown = console.as_("admin").get(f"{MODELS}/{NEW}").text
    assert "90,0%" in shown and "91,2%" in shown and "Alasan (boleh kosong)" in shown
    answer = change(console, NEW, reason="")
    assert answer.status_code == 302 and engine.loaded == NEW
    page = console.as_("admin").get(MODELS).text
    assert f"Model {NEW} sekarang menjawab warga" in page and "oleh admin.contoh" in page
    assert audit.lines(None, 1)[0].action == "model_promoted"


def test_a_model_that_was_not_compared_needs_a_reason_and_what_was_written_stays(console, engine, settings):
    shown = console.as_("admin").get(f"{MODELS}/{UNTESTED}").text
    assert "belum dibandingkan" in shown and "required" in shown
    refused = change(console, UNTESTED, reason="coba <b>")
    assert refused.status_code == 400 and "paling sedikit 10 huruf" in refused.text
    assert 'value="coba &lt;b&gt;"' in refused.text and active.read(settings.data_dir).model == OLD
    assert change(console, UNTESTED, reason="diminta kepala kantor").status_code == 302
    assert "diminta kepala kantor" in console.as_("admin").get(MODELS).text


def test_one_of_the_last_models_comes_back(console, engine, settings):
    change(console, NEW)
    shown = console.as_("admin").get(f"{MODELS}/{OLD}").text
    assert "Kembali ke model ini" in shown and "pernah dipakai" in shown
    assert change(console, OLD, "kembalikan").status_code == 302
    assert engine.loaded == OLD and active.read(settings.data_dir).history[0].kind == "restored"


def test_a_model_that_fails_its_check_is_said_and_the_one_before_answers(console, engine, settings):
    engine.confused.add(NEW)
    answer = change(console, NEW)
    assert answer.status_code == 400 and f"Model {OLD} dipakai lagi" in answer.text
    assert engine.loaded == OLD
    assert "dikembalikan oleh Sapa sendiri" in console.as_("admin").get(MODELS).text


def test_an_engine_that_is_down_is_said(console, engine):
    engine.down = True
    assert change(console, NEW).status_code == 302
    page = console.as_("admin").get(MODELS).text
    assert "Mesin sedang tidak menjawab" in page and "Mesin belum memakainya" in page


def test_what_is_no_model_is_not_there(console, engine):
    client = console.as_("admin")
    for name in ("tidak-ada", "..%2fx", "active"):
        assert client.get(f"{MODELS}/{name}").status_code == 404
    assert post(client, f"{MODELS}/tidak-ada/pasang", page=f"{MODELS}/{NEW}").status_code == 404


def test_a_damaged_file_changes_nothing(console, engine, settings):
    active.model_file(settings.data_dir, NEW).write_bytes(b"rusak")
    answer = change(console, NEW)
    assert answer.status_code == 400 and "tidak ada atau rusak" in answer.text
    assert active.read(settings.data_dir).model == OLD


def test_a_broken_catalogue_and_a_damaged_choice_are_said(console, engine, settings, monkeypatch):
    def broken(*_):
        raise CatalogueError("kecamatan.yml: broken")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.Catalogue, "load", broken)
        answer = change(console, NEW)
    assert answer.status_code == 400 and "Katalog tidak dapat dibaca" in answer.text
    (settings.data_dir / "models" / "active.json").write_text("{")
    page = console.as_("admin").get(MODELS)
    assert page.status_code == 200 and "Jalankan ulang Sapa" in page.text and NEW in page.text


def test_a_training_leads_to_its_model_and_the_model_to_its_training(console, engine, settings):
    made = run.Status(
        "20261201-081500-abcd", "siti", "2026-12-01T01:15:00+00:00", "done", "membandingkan", 1.0, None, NEW, None
    )
    run.folder(settings.data_dir, made.id).mkdir(parents=True)
    run.write_status(settings.data_dir, made)
    client = console.as_("admin")
    assert f'href="{MODELS}/{NEW}"' in client.get(f"{MODELS}/latihan/{made.id}").text
    assert f'href="{MODELS}/latihan/{made.id}"' in client.get(f"{MODELS}/{NEW}").text
    assert f'action="{MODELS}/latih"' in client.get(MODELS).text


def test_before_the_first_start_there_is_an_empty_page(console):
    assert "Belum ada" in console.as_("admin").get(MODELS).text


@pytest.mark.parametrize("role", ["annotator", "officer", "viewer"])
def test_others_than_admins_neither_see_nor_change_models(console, engine, settings, role):
    client = console.as_(role)
    assert client.get(MODELS).status_code == client.get(f"{MODELS}/{NEW}").status_code == 403
    assert post(client, f"{MODELS}/{NEW}/pasang", page=f"{PATH}/saya").status_code == 403
    assert active.read(settings.data_dir).model == OLD

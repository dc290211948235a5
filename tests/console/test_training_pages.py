"""The pages of training runs: what they start, show and refuse."""

from __future__ import annotations

import dataclasses
import re

import pytest

from errors import ModelError
from storage.console import audit
from tests.console.conftest import Console, post
from training import compare, run

PAGE = "/konsol/model/latihan"
RUN = "20261201-080000-abcd"
ROWS = [
    {"text": "pira regane", "lang": "jv", "intent": "ask_cost", "service": None, "learnt": True},
    {"text": "syaratnya apa <b>", "lang": "id", "intent": "ask_requirements", "service": "kia", "learnt": False},
]


def understood(*intents: str) -> list[dict]:
    return [
        {"intent": {"name": name}, "entities": [{"entity": "service", "value": "kia"}] if name[4] == "r" else []}
        for name in intents
    ]


def make(settings, state="done", **changes) -> run.Status:
    """A run as its process leaves it."""
    status = run.Status(RUN, "siti", "2026-12-01T08:00:00+00:00", state, "menguji", 0.5, 90, "0123456789ab", None)
    status = dataclasses.replace(status, **changes)
    run.folder(settings.data_dir, RUN).mkdir(parents=True, exist_ok=True)
    run.write_status(settings.data_dir, status)
    (run.folder(settings.data_dir, RUN) / "log.txt").write_text("training a model <about>\n")
    return status


def make_report(settings, rows=ROWS, active=("ask_requirements", "ask_requirements"), now=("ask_cost", "ask_cost")):
    held = {"passed": 44, "total": 45, "failed": ["court: piece by piece"]}
    report = {
        "model": "0123456789ab",
        "active": "ba9876543210" if active else None,
        **compare.report(rows, understood(*now), understood(*active) if active else None),
        "conversations": {"active": {**held, "failed": []} if active else None, "candidate": held},
    }
    run.write_json(run.folder(settings.data_dir, RUN) / "report.json", report)


@pytest.fixture
def running(settings, monkeypatch):
    """A run that is alive; its process is a stand-in that only says that it is."""
    make(settings, "running")
    monkeypatch.setattr(run, "_holder", lambda data_dir, run_id: 1 << 30 if run_id == RUN else None)


def test_a_training_is_started_from_the_list_and_written_into_the_log(console: Console, settings, monkeypatch):
    started = []
    monkeypatch.setattr(run, "start", lambda settings, by: started.append((settings.data_dir, by)) or RUN)
    answer = post(console.as_("admin"), "/konsol/model/latih", page=PAGE)
    assert answer.status_code == 302 and answer.headers["Location"] == f"{PAGE}/{RUN}"
    assert started == [(settings.data_dir, "admin.contoh")]
    line = audit.lines(None, 1)[0]
    assert (line.who, line.action, line.subject) == ("admin.contoh", "training_started", RUN)


def test_a_refused_start_says_why_and_leaves_no_line_in_the_log(console: Console, monkeypatch):
    def refuse(settings, by):
        raise ModelError("Sebuah pelatihan sedang berjalan, dimulai oleh budi.")

    monkeypatch.setattr(run, "start", refuse)
    admin = console.as_("admin")
    before = audit.lines(None, 1)[0].id
    answer = post(admin, "/konsol/model/latih", page=PAGE)
    assert "dimulai oleh budi" in admin.get(answer.headers["Location"]).text
    assert audit.lines(None, 1)[0].id == before


def test_while_one_runs_no_other_can_be_started(console: Console, running):
    text = console.as_("admin").get(PAGE).text
    assert "Sebuah pelatihan sedang berjalan" in text and "Latih model" not in text
    assert "siti" in text and "1 Des 2026 15.00" in text


def test_a_running_training_shows_stage_time_and_log_and_its_script_gets_the_same(console: Console, running):
    admin = console.as_("admin")
    text = admin.get(f"{PAGE}/{RUN}").text
    assert re.search(r'<progress[^>]*value="0.5"', text) and "Menguji dengan pesan uji" in text
    assert "kira-kira 2 menit lagi" in text and "training a model &lt;about&gt;" in text
    address = re.search(r'data-state="([^"]+)"', text).group(1)
    assert admin.get(address).json == {
        "state": "running",
        "share": 0.5,
        "stage": "Menguji dengan pesan uji",
        "left": "kira-kira 2 menit lagi",
        "log": "training a model <about>\n",
    }
    script = re.search(r'<script src="([^"]+)"', text).group(1)
    assert admin.get(script).status_code == 200 and "Batalkan pelatihan" in text


def test_a_running_training_is_cancelled(console: Console, running, monkeypatch):
    ended = []
    monkeypatch.setattr(run.os, "killpg", lambda group, number: ended.append(group))
    answer = post(console.as_("admin"), f"{PAGE}/{RUN}/batal", page=f"{PAGE}/{RUN}")
    assert answer.status_code == 302 and ended == [1 << 30]
    assert (audit.lines(None, 1)[0].action, audit.lines(None, 1)[0].subject) == ("training_cancelled", RUN)


def test_what_has_ended_cannot_be_cancelled(console: Console, settings):
    make(settings, "cancelled")
    admin = console.as_("admin")
    post(admin, f"{PAGE}/{RUN}/batal", page=PAGE)
    assert "sudah tidak berjalan" in admin.get(f"{PAGE}/{RUN}").text
    assert audit.lines(None, 1)[0].action != "training_cancelled"


def test_a_failed_training_shows_the_reason_and_a_dead_one_its_log(console: Console, settings):
    make(settings, "failed", error="training failed: Can't load class 'Rusak'")
    admin = console.as_("admin")
    assert "Can&#39;t load class" in admin.get(f"{PAGE}/{RUN}").text
    make(settings, "running")
    text = admin.get(f"{PAGE}/{RUN}").text
    assert "Pelatihan gagal" in text and "tanpa kabar" in text and "Batalkan" not in text


def test_the_comparison_shows_figures_flips_and_conversations(console: Console, settings):
    make(settings)
    make_report(settings)
    admin = console.as_("admin")
    text = admin.get(f"{PAGE}/{RUN}").text
    assert "Diukur dengan 2 pesan uji" in text
    broken, fixed = text.index("Menjadi salah (1)"), text.index("Menjadi benar (1)")
    assert broken < text.index("syaratnya apa &lt;b&gt;") < fixed < text.index("pira regane")
    worse, better = text.index("-66,7"), text.index("+66,7")
    assert worse < better, "what has become worse comes first"
    assert "44 dari 45 berhasil" in text and "baru gagal" in text
    line = audit.lines(None, 1)[0]
    assert (line.action, line.subject, line.details) == ("comparison_read", RUN, {"messages": 1})


def test_without_words_of_citizens_no_look_is_noted(console: Console, settings):
    make(settings)
    make_report(settings, rows=[{**row, "learnt": False} for row in ROWS])
    admin = console.as_("admin")
    before = audit.lines(None, 1)[0].id
    assert "pira regane" in admin.get(f"{PAGE}/{RUN}").text and audit.lines(None, 1)[0].id == before


def test_without_an_active_model_there_is_nothing_beside_it(console: Console, settings):
    make(settings)
    make_report(settings, active=None)
    admin = console.as_("admin")
    text = admin.get(f"{PAGE}/{RUN}").text
    assert "tidak ada pembanding" in text and "tertukar-active" not in text and "tertukar-candidate" in text
    assert admin.get(f"{PAGE}/{RUN}/tertukar-active.svg").status_code == 404


@pytest.mark.parametrize("which", ["active", "candidate"])
def test_the_picture_of_each_model_is_given_with_a_policy_that_lets_nothing_run(console: Console, settings, which):
    make(settings)
    run.picture_file(settings.data_dir, RUN, which).write_bytes(b"<svg/>")
    answer = console.as_("admin").get(f"{PAGE}/{RUN}/tertukar-{which}.svg")
    assert answer.mimetype == "image/svg+xml" and answer.data == b"<svg/>"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_lost_report_is_told(console: Console, settings):
    make(settings)
    (run.folder(settings.data_dir, RUN) / "report.json").write_text("{")
    admin = console.as_("admin")
    assert "tidak dapat dibaca lagi" in admin.get(f"{PAGE}/{RUN}").text
    assert admin.get(f"{PAGE}/{RUN}/tertukar-candidate.svg").status_code == 404


@pytest.mark.parametrize("run_id", ["20261201-080000-ffff", "apa", "..%2f..%2fmodels", "%00", "x" * 300])
@pytest.mark.parametrize("page", ["", "/keadaan.json", "/catatan.txt", "/tertukar-candidate.svg"])
def test_a_run_that_does_not_exist(console: Console, run_id, page):
    assert console.as_("admin").get(f"{PAGE}/{run_id}{page}").status_code == 404


def test_only_admins(console: Console, settings):
    make(settings)
    for role in ("annotator", "officer", "viewer"):
        client = console.as_(role)
        for page in ("", f"/{RUN}", f"/{RUN}/keadaan.json", f"/{RUN}/catatan.txt", f"/{RUN}/tertukar-active.svg"):
            assert client.get(PAGE + page).status_code == 403
        assert post(client, "/konsol/model/latih", page="/konsol/saya").status_code == 403
        assert post(client, f"{PAGE}/{RUN}/batal", page="/konsol/saya").status_code == 403

"""A training run: its process, its progress, and every way to end. What understands and talks is a stand-in."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from errors import ModelError
from settings import ROOT, Settings
from tests.training.test_train import STAND_IN as ENGINE
from training import run
from training.active import Active, write
from training.train import model_path

PROCESS = """
import time
from pathlib import Path
from training import conversations, evaluate, process
class Parser:
    def __init__(self, model):
        self.model = model
    def parse(self, texts):
        if "lambat" in Path("{root}/config.yml").read_text():
            time.sleep(0.2)
        intent = "greet" if self.model.name.startswith("lama") else "thank"
        return [dict(text=t, intent=dict(name=intent), entities=[], language=dict(name="id")) for t in texts]
def outcome(model, folder, progress, say):
    progress(0.5)
    return dict(passed=1, total=2, failed=["a: b"])
evaluate.load_parser, conversations.outcome = Parser, outcome
process.main()
"""
LINE = {"text": "matur nuwun", "lang": "jv", "style": "colloquial", "intent": "thank", "service": None, "agency": None}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project that trains in no time."""
    root = tmp_path / "project"
    (root / "tests" / "nlu").mkdir(parents=True)
    (root / "engine.py").write_text(ENGINE + "print('nice', os.nice(0), 'session', os.getsid(0))")
    (root / "config.yml").write_text("cepat")
    (root / "tests/nlu/heldout.jsonl").write_text(json.dumps(LINE) + "\n")
    return root


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def start(settings: Settings, tree: Path) -> Callable[..., str]:
    def begin(words: str = "cepat", by: str = "siti") -> str:
        (tree / "config.yml").write_text(words)
        return run.start(settings, by, tree, command(tree))

    return begin


def command(tree: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", PROCESS.replace("{root}", str(tree)))


def wait(settings: Settings, run_id: str, until: Callable[[run.Status], bool] | None = None) -> run.Status:
    """Waits for the end, or for something else."""
    end = time.monotonic() + 60
    while True:
        status = run.get(settings.data_dir, run_id)
        assert status is not None
        if until(status) if until else status.state != "running":
            return status
        assert time.monotonic() < end and (until is None or status.state == "running"), status
        time.sleep(0.02)


def wait_for_log(settings: Settings, run_id: str, words: str) -> None:
    wait(settings, run_id, lambda status: words in run.log(settings.data_dir, run_id))


def alive(folder: Path) -> list[int]:
    """Processes that know of this folder by their arguments."""
    return [p.pid for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or [])]


def assert_all_end(folder: Path) -> None:
    end = time.monotonic() + 20
    while left := alive(folder):
        assert time.monotonic() < end, f"{left} go on"
        time.sleep(0.05)


def test_a_run_trains_compares_and_says_how_far_it_is(settings, start, tree):
    models = settings.data_dir / "models"
    models.mkdir(parents=True)
    (models / "lama.tar.gz").touch()
    write(settings.data_dir, Active("lama", "x"))
    run_id = start()
    seen: list[run.Status] = []
    status = wait(settings, run_id, lambda status: bool(seen.append(status)) or status.state != "running")
    assert (status.state, status.by, status.share, status.error) == ("done", "siti", 1.0, None)
    assert [s.share for s in seen] == sorted(s.share for s in seen)
    order = list(run.STAGES)
    assert [order.index(s.stage) for s in seen] == sorted(order.index(s.stage) for s in seen)
    model = model_path(settings.data_dir, tree)
    assert model.exists() and status.model == model.name.removesuffix(".tar.gz")
    assert (models / "lama.tar.gz").exists()

    report = run.report_for(settings.data_dir, status.model)
    assert report == run.report(settings.data_dir, run_id)
    assert (report["model"], report["active"], report["lines"]) == (status.model, "lama", 1)
    assert (
        report["overall"]["candidate"]["both_accuracy"] == 1.0 and report["overall"]["active"]["both_accuracy"] == 0.0
    )
    assert [flip["text"] for flip in report["fixed"]] == ["matur nuwun"] and report["broken"] == []
    held = {"passed": 1, "total": 2, "failed": ["a: b"]}
    assert report["conversations"] == {"active": held, "candidate": held}
    assert all(b"<svg" in run.picture(settings.data_dir, run_id, which) for which in ("active", "candidate"))
    assert "nice 19" in (settings.data_dir / "logs" / "train.log").read_text()
    assert run.newest(settings.data_dir) == status
    assert set(json.loads((settings.data_dir / "training/durations.json").read_text())) == set(run.STAGES)


def test_nothing_is_trained_again_when_nothing_has_changed(settings, start, tree):
    wait(settings, start())
    made = model_path(settings.data_dir, tree).stat().st_mtime_ns
    usual = json.loads((settings.data_dir / "training/durations.json").read_text())
    again = start()
    assert wait(settings, again).state == "done" and model_path(settings.data_dir, tree).stat().st_mtime_ns == made
    assert "fits the current data" in run.log(settings.data_dir, again)
    report = run.report(settings.data_dir, again)
    assert report["active"] is None and report["overall"]["active"] is None
    now = json.loads((settings.data_dir / "training/durations.json").read_text())
    assert now["melatih"] == usual["melatih"], "what was not done tells nothing of how long it takes"


def test_the_time_left_comes_from_the_last_run(settings, start):
    (settings.data_dir / "training").mkdir(parents=True)
    lasted = dict.fromkeys(run.STAGES, 1.0) | {"melatih": 5000.0}
    (settings.data_dir / "training/durations.json").write_text(json.dumps(lasted))
    run_id = start("lama")
    status = wait(settings, run_id, lambda status: status.stage == "melatih")
    assert 4900 < status.seconds_left <= 5003 and status.share < 0.1
    run.cancel(settings.data_dir, run_id)
    wait(settings, run_id)


def test_a_second_start_is_refused_and_names_who_trains(settings, start):
    first = start("lama", "siti")
    with pytest.raises(ModelError, match="sedang berjalan, dimulai oleh siti"):
        start("lama", "budi")
    assert [status.id for status in run.runs(settings.data_dir)] == [first]
    assert run.cancel(settings.data_dir, first) and wait(settings, first).state == "cancelled"
    assert wait(settings, start()).state == "done"


@pytest.mark.parametrize("words", ["lama", "lambat"])
def test_cancelled_in_the_middle_nothing_is_left_half_done(settings, start, tree, words):
    (tree / "tests/nlu/heldout.jsonl").write_text((json.dumps(LINE) + "\n") * 4000)
    run_id = start(words)
    where = {"lama": "training a model", "lambat": "understanding 4000 messages"}[words]
    wait_for_log(settings, run_id, where)
    assert run.cancel(settings.data_dir, run_id)
    status = wait(settings, run_id)
    assert (status.state, status.seconds_left, status.error) == ("cancelled", None, None)
    assert_all_end(tree)
    assert model_path(settings.data_dir, tree).exists() == (words == "lambat"), "a whole model stays"
    assert run.report(settings.data_dir, run_id) is None
    assert not run.cancel(settings.data_dir, run_id)


def test_cancelled_at_once(settings, start, tree):
    run_id = start("lama")
    assert run.cancel(settings.data_dir, run_id)
    assert wait(settings, run_id).state == "cancelled"
    assert_all_end(tree)


def test_killed_it_is_shown_as_failed_with_the_end_of_its_log(settings, start, tree):
    run_id = start("lama")
    wait_for_log(settings, run_id, "training a model")
    os.kill(run._holder(settings.data_dir, run_id), signal.SIGKILL)
    status = wait(settings, run_id)
    assert status.state == "failed" and "tanpa kabar" in status.error and "training a model" in status.error
    assert_all_end(tree)
    assert wait(settings, start()).state == "done"
    assert run.get(settings.data_dir, run_id).state == "failed", "also while and after another one runs"


def test_it_survives_the_end_of_whoever_started_it(settings, tree):
    """As the supervisor ends the web process: the whole process group, by SIGKILL."""
    (tree / "config.yml").write_text("lama")
    code = "import sys, time; from pathlib import Path; from settings import Settings; from training.run import start; "
    code += "print(start(Settings(data_dir=sys.argv[1]), 'web', Path(sys.argv[2]), sys.argv[3:]), flush=True); "
    code += "time.sleep(60)"
    web = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.data_dir), str(tree), *command(tree)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    run_id = web.stdout.readline().strip()
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()
    wait_for_log(settings, run_id, "training a model")
    assert run.newest(settings.data_dir).state == "running"
    run.cancel(settings.data_dir, run_id)
    assert wait(settings, run_id).state == "cancelled"


def test_it_ends_when_the_sapa_ends_beside_which_it_began(settings, start, tree):
    settings.data_dir.mkdir()
    with (settings.data_dir / "run.lock").open("w") as sapa:
        fcntl.flock(sapa, fcntl.LOCK_EX)
        run_id = start("lama")
        wait_for_log(settings, run_id, "training a model")
    status = wait(settings, run_id)
    assert status.state == "cancelled" and "Sapa dihentikan" in status.error
    assert_all_end(tree)


def test_a_training_that_fails_says_why(settings, start):
    status = wait(settings, start("rusak"))
    assert status.state == "failed" and "Can't load class 'Rusak'" in status.error
    assert "Can't load class 'Rusak'" in run.log(settings.data_dir, status.id)


def test_without_labelled_messages_nothing_is_trained(settings, start, tree):
    (tree / "tests/nlu/heldout.jsonl").write_text("bukan json\n")
    status = wait(settings, start())
    assert status.state == "failed" and "no labelled message" in status.error
    assert "line 1 is skipped" in run.log(settings.data_dir, status.id)
    assert not list(settings.data_dir.rglob("*.tar.gz"))


def test_a_folder_that_cannot_be_written(start, settings):
    settings.data_dir.touch()
    with pytest.raises(ModelError, match="Periksa sisa ruang"):
        start()
    settings.data_dir.unlink()
    (settings.data_dir / "training").mkdir(parents=True)
    (settings.data_dir / "training" / "run.lock").mkdir()
    with pytest.raises(ModelError, match="Periksa sisa ruang"):
        start()


@pytest.mark.parametrize(
    "run_id", ["", ".", "..", "../models", "20260101-000000-abcd/..", "20260101-000000-abcd\n", "x" * 5000, "\0"]
)
def test_an_id_that_is_none_names_no_file(settings, run_id):
    settings.data_dir.mkdir()
    (settings.data_dir / "status.json").write_text("{}")
    assert run.get(settings.data_dir, run_id) is None and run.report(settings.data_dir, run_id) is None
    assert run.picture(settings.data_dir, run_id, "active") is None
    assert run.log(settings.data_dir, run_id) == "" and not run.cancel(settings.data_dir, run_id)


def test_folders_of_others_and_broken_files_are_passed_over(settings):
    assert run.newest(settings.data_dir) is None and run.report_for(settings.data_dir, "abc") is None
    for name, text in (("20260101-000000-abcd", "{"), ("20260102-000000-abcd", '{"id": 1}'), ("apa", "{}")):
        (settings.data_dir / "training" / name).mkdir(parents=True)
        (settings.data_dir / "training" / name / "status.json").write_text(text)
    assert run.runs(settings.data_dir) == []


def test_only_the_newest_runs_stay(settings, start):
    for number in range(run.KEPT + 3):
        (settings.data_dir / "training" / f"20260101-{number:06}-abcd").mkdir(parents=True)
    wait(settings, start("rusak"))
    left = sorted(path.name for path in (settings.data_dir / "training").glob("2*"))
    assert len(left) == run.KEPT and left[0] == "20260101-000004-abcd"

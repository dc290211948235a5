"""Training around Rasa: when it happens, what stays behind, what is said. Rasa is a stand-in here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from errors import ModelError
from settings import ROOT
from training import active
from training.train import KEPT, forget_old, model_path, train

STAND_IN = """
import os, pathlib, sys, tarfile, time
options = dict(zip(sys.argv, sys.argv[1:]))
words = pathlib.Path("config.yml").read_text()
print("options:", sys.argv[1:], "cache:", os.environ["RASA_MAX_CACHE_SIZE"], flush=True)
if "rusak" in words:
    print("\\x1b[93mThe action 'action_x' is used in a rule, but it is not listed in the domain file.\\x1b[0m")
    for number in range(50):
        print(f"The utterance 'utter_{number}' is not used in any story or rule.", flush=True)
    sys.exit("InvalidConfigException: Can't load class 'Rusak'.")
time.sleep(60 if "lama" in words else 0.1)
out = pathlib.Path(options["--out"])
out.mkdir(parents=True)
with tarfile.open(out / (options["--fixed-model-name"] + ".tar.gz"), "w:gz") as archive:
    archive.add("config.yml")
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project that trains in no time."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "engine.py").write_text(STAND_IN)
    (root / "config.yml").write_text("cepat")
    return root


def test_trained_once_and_then_found(tree, tmp_path):
    said: list[str] = []
    model = train(tmp_path / "data", said.append, root=tree)
    assert model == model_path(tmp_path / "data", tree) and tarfile.is_tarfile(model)
    assert train(tmp_path / "data", said.append, root=tree) == model
    assert [line.split()[0] for line in said] == ["training", "trained", "model"] and "fits" in said[-1]
    assert [path.name for path in model.parent.iterdir() if path != model] == ["train.lock"], "nothing is left over"
    log = (tmp_path / "data" / "logs" / "train.log").read_text()
    assert "'--force'" in log and "cache: 0" in log, "Rasa's cache does not know all that components are made from"


def test_trained_again_when_the_data_changes_when_forced_and_when_damaged(tree, tmp_path):
    said: list[str] = []
    first = train(tmp_path, said.append, root=tree)
    (tree / "config.yml").write_text("cepat juga")
    second = train(tmp_path, said.append, root=tree)
    assert second != first and first.exists()
    before = second.stat().st_mtime_ns
    assert train(tmp_path, said.append, force=True, root=tree).stat().st_mtime_ns > before
    second.write_bytes(second.read_bytes()[:-20])
    train(tmp_path, said.append, root=tree)
    assert tarfile.is_tarfile(second) and any("is damaged" in line for line in said)
    second.write_bytes(b"no archive at all")
    assert tarfile.is_tarfile(train(tmp_path, said.append, root=tree))


def test_data_that_changes_meanwhile(tree, tmp_path):
    (tree / "engine.py").write_text(STAND_IN + "pathlib.Path('config.yml').write_text('berubah')")
    said: list[str] = []
    model = train(tmp_path, said.append, root=tree)
    assert "the data has changed meanwhile" in said and model == model_path(tmp_path, tree)
    with tarfile.open(model) as archive:
        assert archive.extractfile("config.yml").read() == b"berubah"


def test_a_failure_shows_the_end_of_the_log(tree, tmp_path):
    (tree / "config.yml").write_text("rusak")
    with pytest.raises(ModelError, match=r"train\.log") as caught:
        train(tmp_path, lambda line: None, root=tree)
    said = str(caught.value)
    assert "Can't load class 'Rusak'" in said and "\nThe action 'action_x' is used" in said, "without noise and colours"
    assert not list(tmp_path.rglob("*.tar.gz"))


def test_a_folder_that_cannot_be_written(tree, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="SAPA_DATA_DIR"):
        train(tmp_path / "file", lambda line: None, root=tree)


def test_two_at_once_train_once(tree, tmp_path):
    said: list[str] = []
    threads = [threading.Thread(target=train, args=(tmp_path, said.append, False, tree)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len([line for line in said if line.startswith("training")]) == 1
    assert any(line.startswith("waiting for another") for line in said) and "fits" in said[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_end_in_the_middle_leaves_no_model_and_no_process(tree, tmp_path, number):
    (tree / "config.yml").write_text("lama")
    code = "import sys; from pathlib import Path; from training.train import train; "
    code += "train(Path(sys.argv[1]), root=Path(sys.argv[2]))"
    command = [sys.executable, "-c", code, str(tmp_path), str(tree)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell ignores it in the background
    )
    assert process.stdout.readline().startswith("training")
    log = tmp_path / "logs" / "train.log"
    while not (log.exists() and log.read_text()):
        time.sleep(0.05)
    process.send_signal(number)
    process.wait(10)
    end = time.monotonic() + 5
    while _trains(tree):
        assert time.monotonic() < end, "the training goes on"
        time.sleep(0.05)
    assert not list(tmp_path.rglob("*.tar.gz"))


def _trains(tree: Path) -> bool:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if str(tree / "engine.py").encode() in command:
            return True
    return False


def test_the_newest_the_used_the_active_and_those_of_runs_stay(tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    names = [f"{number:012x}" for number in range(KEPT + 5)]
    for number, name in enumerate(names):
        (models / f"{name}.tar.gz").touch()
        os.utime(models / f"{name}.tar.gz", (number, number))
    (models / "active.tar.gz").symlink_to(f"{names[1]}.tar.gz")
    active.write(tmp_path, active.Active(names[1], "data"))
    for run, status in (("a", f'{{"model": "{names[2]}"}}'), ("b", "half wri"), ("c", '{"model": null}')):
        (tmp_path / "training" / run).mkdir(parents=True)
        (tmp_path / "training" / run / "status.json").write_text(status)
    forget_old(models / f"{names[0]}.tar.gz")
    left = [name for name in names if (models / f"{name}.tar.gz").exists()]
    assert left == [*names[:3], *names[5:]] and (models / "active.tar.gz").is_symlink()

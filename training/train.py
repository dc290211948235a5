"""Trains a model when none fits the current data."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import json
import re
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import children
from errors import ModelError
from settings import ROOT
from training import active
from training.fingerprint import fingerprint

KEPT = 10
"""Newest models that stay, to go back to."""
SAY_EVERY = 10.0
_NOISE = re.compile(r"is not used in any story or rule|Processed story blocks")


def model_path(data_dir: Path, root: Path = ROOT) -> Path:
    """Where the model of the current data lies, or will lie."""
    return active.model_file(data_dir, fingerprint(root))


def train(data_dir: Path, say: Callable[[str], None] = print, force: bool = False, root: Path = ROOT) -> Path:
    """Return the model of the current data, training it if it is not there or not whole.

    The model is written under another name and renamed when it is whole, so a killed training leaves nothing half
    done. Raises ModelError with the end of the log when training fails.
    """
    started = time.monotonic()
    with _alone(data_dir / "models", say):
        while True:
            target = model_path(data_dir, root)
            if target.exists() and not force:
                if is_whole(target):
                    say(f"model {active.name_of(target)} fits the current data")
                    return target
                say(f"model {active.name_of(target)} is damaged")
            say("training a model (about a minute) ...")
            model = _train(data_dir, root, lambda: say(f"  still training, {time.monotonic() - started:.0f} s"))
            if model_path(data_dir, root) == target:
                model.rename(target)
                shutil.rmtree(model.parent, ignore_errors=True)
                say(f"trained model {active.name_of(target)} in {time.monotonic() - started:.0f} s")
                return target
            say("the data has changed meanwhile")


@contextlib.contextmanager
def _alone(models: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Two trainings in one folder would take each other's time and files."""
    try:
        models.mkdir(parents=True, exist_ok=True)
        lock = (models / "train.lock").open("w")
    except OSError as error:
        raise ModelError(f"{models} cannot be written: {error.strerror}; see SAPA_DATA_DIR") from error
    with lock:
        said: float | None = None
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if said is None or time.monotonic() - said > SAY_EVERY:
                say("waiting for another training in the same data folder ...")
                said = time.monotonic()
            time.sleep(0.1)
        yield


def is_whole(model: Path) -> bool:
    """Whether the file is there and can be unpacked to its end."""
    try:
        with gzip.open(model) as content:
            while content.read(1 << 20):  # at its end the checksum is compared
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def _train(data_dir: Path, root: Path, still_busy: Callable[[], None]) -> Path:
    """Runs Rasa's training; returns the new model, not yet in its place."""
    log = data_dir / "logs" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    unfinished = data_dir / "models" / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [sys.executable, str(root / "engine.py"), "train", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "data/nlu", "data/rules", "data/stories", "--out", str(unfinished)]
    command += ["--fixed-model-name", "model", "--force", "--skip-validation"]  # tests/training/test_data.py validates
    # Rasa's own cache knows neither our lexicons and catalogue nor the modules that components import: it would give
    # back components of yesterday's data.
    environment = children.environment(data_dir) | {
        "RASA_MAX_CACHE_SIZE": "0",
        "RASA_CACHE_DIRECTORY": str(unfinished / "cache"),
    }
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=children.ending_with_us(),
        ) as process,
    ):
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SAY_EVERY)
                    break
                still_busy()
        except BaseException:
            process.terminate()
            raise
    produced = unfinished / "model.tar.gz"
    if process.returncode or not produced.exists():
        raise ModelError(f"training failed; the whole log is in {log}. Its end:\n{_telling_end(log)}")
    return produced


def _telling_end(log: Path, lines: int = 15) -> str:
    """The log's last lines, without colours and without what Rasa writes in hundreds about a project in order."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(encoding="utf-8", errors="replace"))
    return "\n".join([line for line in text.splitlines() if line.strip() and not _NOISE.search(line)][-lines:])


def forget_old(used: Path) -> None:
    """Delete all models beside the one in use, the newest, the last ten chosen and those that a kept run made.

    Only for whom the data folder belongs to alone. Raises ModelError where the active one is not known.
    """
    data_dir = used.parent.parent
    named = {_said_model(status) for status in data_dir.glob("training/*/status.json")}
    if chosen := active.read(data_dir):
        named |= {chosen.model, *(choice.model for choice in chosen.history)}
    for path in active.present(data_dir)[KEPT:]:
        if path != used and active.name_of(path) not in named:
            path.unlink(missing_ok=True)


def _said_model(status: Path) -> str | None:
    try:
        found = json.loads(status.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("model") if isinstance(found, dict) else None

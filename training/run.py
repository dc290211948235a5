"""One training at a time, in a process of its own of low priority: train, compare with the active model, report.

A run is a folder `training/<run id>` in the data folder with `status.json`, `log.txt` and, when it is done,
`report.json` and the confusion matrices as pictures. Its process holds a lock as long as it lives, so whoever reads the
folder knows whether it still does.
`python -m training.run` starts one from a terminal and follows it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import getpass
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import children
from errors import ModelError
from settings import ROOT, Settings, get_settings
from training.files import write_json

STAGES = {"persiapan": 1.0, "melatih": 100.0, "menguji": 20.0, "percakapan": 45.0, "membandingkan": 1.0}
"""What a run does one after the other, and the seconds that each takes (for one model) before any were measured."""
KEPT = 20
"""Runs whose folders stay."""
COMMAND = (sys.executable, "-m", "training.process")
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_PATIENCE = 10.0
"""Seconds that a start waits for a run that has said its last word, and for those who look whether one is alive."""


@dataclass(frozen=True)
class Status:
    """How a run stands, as `status.json` says it."""

    id: str
    by: str
    started_at: str
    """ISO 8601, UTC."""
    state: str
    """running, done, failed or cancelled."""
    stage: str
    """A key of STAGES."""
    share: float
    """Of the whole work, 0 to 1."""
    seconds_left: int | None
    model: str | None
    """Fingerprint of the model that was made; None before."""
    error: str | None

    @property
    def started(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.started_at)


# -- from outside -----------------------------------------------------------------------------------------------------


def start(settings: Settings, by: str, root: Path = ROOT, command: Sequence[str] = COMMAND) -> str:
    """Start a run in a process of its own, which outlives this one; its id. Raises ModelError if one runs already."""
    data_dir = settings.data_dir
    with _only_run(data_dir) as lock:
        moment = dt.datetime.now(dt.UTC)
        status = Status(
            id=f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
            by=by,
            started_at=moment.isoformat(timespec="seconds"),
            state="running",
            stage=next(iter(STAGES)),
            share=0.0,
            seconds_left=None,
            model=None,
            error=None,
        )
        try:
            _forget_old_runs(data_dir)
            folder(data_dir, status.id).mkdir()
            _claim(lock, status.id)
            write_status(data_dir, status)
            with (folder(data_dir, status.id) / "log.txt").open("wb") as output, _sigterm_blocked():
                process = subprocess.Popen(
                    [*command, str(data_dir), status.id, str(lock), str(root)],
                    cwd=ROOT,
                    env=children.environment(data_dir) | {"SAPA_DATA_DIR": str(data_dir)},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
            _claim(lock, status.id, process.pid)
        except OSError as error:
            shutil.rmtree(folder(data_dir, status.id), ignore_errors=True)
            raise _impossible(data_dir, error) from error
        threading.Thread(target=process.wait, daemon=True).start()  # else it stays as a zombie when it has ended
    return status.id


def get(data_dir: Path, run_id: str) -> Status | None:
    """How a run stands; None where there is none. One whose process died without saying so has failed."""
    status = read_status(data_dir, run_id)
    if status is None or status.state != "running" or _holder(data_dir, run_id) is not None:
        return status
    status = read_status(data_dir, run_id)  # it may have ended well between the two looks
    if status is None or status.state != "running":
        return status
    end = "\n".join(log(data_dir, run_id).splitlines()[-15:])
    return replace(
        status,
        state="failed",
        seconds_left=None,
        error=f"Proses pelatihan berakhir tanpa kabar (misalnya komputer mati). Akhir catatannya:\n{end}",
    )


def runs(data_dir: Path) -> list[Status]:
    """All runs that are kept, the newest first."""
    found = (get(data_dir, run_id) for run_id in reversed(_ids(data_dir)))
    return [status for status in found if status is not None]


def newest(data_dir: Path) -> Status | None:
    """The run that was started last."""
    return next(iter(runs(data_dir)), None)


def log(data_dir: Path, run_id: str) -> str:
    """What a run has written so far; "" where there is none."""
    if not _ID.fullmatch(run_id):
        return ""
    try:
        return (folder(data_dir, run_id) / "log.txt").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def report(data_dir: Path, run_id: str) -> dict[str, Any] | None:
    """The comparison that a run has made; None where it has made none."""
    if not _ID.fullmatch(run_id):
        return None
    try:
        found: dict[str, Any] = json.loads((folder(data_dir, run_id) / "report.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def picture(data_dir: Path, run_id: str, which: str) -> bytes | None:
    """The confusion matrix of `active` or `candidate`, an SVG file; None where there is none."""
    if not _ID.fullmatch(run_id):
        return None
    try:
        return picture_file(data_dir, run_id, which).read_bytes()
    except FileNotFoundError:
        return None


def report_for(data_dir: Path, model: str) -> dict[str, Any] | None:
    """The newest comparison of a model, by its fingerprint; None where there is none."""
    done = (status for status in runs(data_dir) if status.state == "done" and status.model == model)
    return next((found for status in done if (found := report(data_dir, status.id))), None)


def cancel(data_dir: Path, run_id: str) -> bool:
    """Ask a run to stop; it says `cancelled` when it has. False where it does not run."""
    status, process = get(data_dir, run_id), _holder(data_dir, run_id)
    if status is None or status.state != "running" or not process:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGTERM)
    return True


# -- files and lock ---------------------------------------------------------------------------------------------------


def _root_of_runs(data_dir: Path) -> Path:
    return data_dir / "training"


def folder(data_dir: Path, run_id: str) -> Path:
    return _root_of_runs(data_dir) / run_id


def picture_file(data_dir: Path, run_id: str, which: str) -> Path:
    return folder(data_dir, run_id) / f"confusion-{which}.svg"


def _ids(data_dir: Path) -> list[str]:
    """The oldest first."""
    return sorted(path.name for path in _root_of_runs(data_dir).glob("*") if _ID.fullmatch(path.name))


def _forget_old_runs(data_dir: Path) -> None:
    for run_id in _ids(data_dir)[: -(KEPT - 1)]:
        shutil.rmtree(folder(data_dir, run_id))


def read_status(data_dir: Path, run_id: str) -> Status | None:
    if not _ID.fullmatch(run_id):
        return None
    try:
        return Status(**json.loads((folder(data_dir, run_id) / "status.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_status(data_dir: Path, status: Status) -> None:
    write_json(folder(data_dir, status.id) / "status.json", asdict(status))


@contextlib.contextmanager
def _only_run(data_dir: Path) -> Iterator[int]:
    """Holds the lock of the one run, and gives its descriptor. Raises ModelError, which names who holds it."""
    file = _root_of_runs(data_dir) / "run.lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _impossible(data_dir, error) from error
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            running = next((status for status in runs(data_dir) if status.state == "running"), None)
            if running or time.monotonic() > end:
                who = f", dimulai oleh {running.by}" if running else ""
                raise ModelError(f"Sebuah pelatihan sedang berjalan{who}. Tunggu sampai selesai, atau batalkan dahulu.")
            time.sleep(0.1)
        yield lock
    finally:
        os.close(lock)


def _impossible(data_dir: Path, error: OSError) -> ModelError:
    return ModelError(
        f"Pelatihan tidak dapat dimulai ({error.strerror}). Periksa sisa ruang dan hak akses folder "
        f"{_root_of_runs(data_dir)}."
    )


def _claim(lock: int, run_id: str, process: int = 0) -> None:
    """Says in the lock's file whose it is; 0 while the process is being started. Always of the same length."""
    os.pwrite(lock, f"{run_id} {process:>10}\n".encode(), 0)


def _holder(data_dir: Path, run_id: str) -> int | None:
    """The process of a run that is alive, 0 while it is being started; None where it is not alive."""
    file = _root_of_runs(data_dir) / "run.lock"
    if not is_held(file):
        return None
    holder, _, process = file.read_text().partition(" ")
    return int(process) if holder == run_id else None


def is_held(file: Path) -> bool:
    try:
        with file.open() as looked:
            fcntl.flock(looked, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


@contextlib.contextmanager
def _sigterm_blocked() -> Iterator[None]:
    """A process that is started here gets a SIGTERM only when it is ready for it; see training/process.py."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- from a terminal --------------------------------------------------------------------------------------------------


def _follow(settings: Settings) -> int:
    run_id = start(settings, getpass.getuser())
    shown = 0
    while True:
        status = get(settings.data_dir, run_id)
        written = log(settings.data_dir, run_id)
        print(written[shown:], end="", flush=True)
        shown = len(written)
        if status is None or status.state != "running":
            return 0 if status and status.state == "done" else 1
        try:
            time.sleep(1.0)
        except KeyboardInterrupt:
            cancel(settings.data_dir, run_id)


if __name__ == "__main__":
    sys.exit(_follow(get_settings()))

"""The process of a training run: all its stages, their progress, and how it ends. Started by `training.run.start`."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from errors import ModelError
from training import active, compare, conversations, evaluate
from training.confusion import svg
from training.files import write_json
from training.run import STAGES, Status, folder, is_held, picture_file, read_status, write_status
from training.train import forget_old, model_path, train

TICK = 1.0
"""Seconds between two looks at what has changed."""
NOT_TRAINED = 2.0
"""Seconds that it takes to find that a model fits the current data."""
FOR_EACH_MODEL = ("menguji", "percakapan")
"""Stages whose usual seconds are those of one model."""


_stop = threading.Event()
"""SIGTERM has come: the next word or step ends the run. A signal's handler that raises could be anywhere, also where
Python ignores what is raised."""


class Stopped(Exception):
    """The run is to end."""


class _Progress:
    """Keeps `status.json` up to date while the stages go by; the shares and the time left come from usual seconds."""

    def __init__(self, data_dir: Path, status: Status, usual: dict[str, float]):
        self._data_dir, self._status, self._usual = data_dir, status, usual
        self._models = 1
        self._trains = True
        self._measured: dict[str, float] = {}
        self._began = time.monotonic()
        self._done = 0.0
        self._changing = threading.Lock()
        self._over = threading.Event()
        self._ticks = threading.Thread(target=self._tick, daemon=True)
        self._ticks.start()

    def plan(self, models: int, trains: bool) -> None:
        """So many models are compared, and whether one is trained before."""
        self._models, self._trains = models, trains

    def begin(self, stage: str) -> None:
        with self._changing:
            self._measure()
            self._status = replace(self._status, stage=stage)
            self._began, self._done = time.monotonic(), 0.0
            self._write()

    def reached(self, share: float) -> None:
        """So much of the present stage is done, 0 to 1. Raises Stopped."""
        _go_on()
        self._done = share

    def made(self, model: str) -> None:
        with self._changing:
            self._status = replace(self._status, model=model)

    def end(self, state: str, error: str | None = None) -> None:
        """The last word of the run; one that went well tells the next what to expect. Raises OSError."""
        self._over.set()
        with self._changing:
            self._measure()
            share = 1.0 if state == "done" else self._status.share
            self._status = replace(self._status, state=state, share=share, seconds_left=None, error=error)
            write_status(self._data_dir, self._status)
            if state == "done":
                write_json(_durations(self._data_dir), self._usual | self._measured)

    def _measure(self) -> None:
        stage = self._status.stage
        if stage == "melatih" and not self._trains:
            return
        seconds = time.monotonic() - self._began
        self._measured[stage] = max(round(seconds / (self._models if stage in FOR_EACH_MODEL else 1), 1), 0.1)

    def _expected(self, stage: str) -> float:
        if stage == "melatih" and not self._trains:
            return NOT_TRAINED
        return self._usual[stage] * (self._models if stage in FOR_EACH_MODEL else 1)

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            with self._changing:
                if not self._over.is_set():
                    self._write()

    def _write(self) -> None:
        expected = {stage: self._expected(stage) for stage in STAGES}
        here = expected[self._status.stage]
        done = max(self._done, min((time.monotonic() - self._began) / here, 0.95))
        stages = list(STAGES)
        ahead = stages[stages.index(self._status.stage) + 1 :]
        left = here * (1 - done) + sum(expected[stage] for stage in ahead)
        share = max(self._status.share, round(1 - left / sum(expected.values()), 3))
        self._status = replace(self._status, share=share, seconds_left=round(left))
        with contextlib.suppress(OSError):  # the next tick tries again, and the last word has to succeed
            write_status(self._data_dir, self._status)


def main() -> None:
    """Arguments: data folder, id of the run, descriptor of the lock, project."""
    data_dir, run_id, lock, root = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    os.set_inheritable(lock, False)  # the lock is free when this process has ended, whatever it started
    signal.signal(signal.SIGTERM, lambda number, frame: _stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    status = read_status(data_dir, run_id)
    if status is None:
        sys.exit(f"{run_id}: no such run")
    os.nice(19)
    progress = _Progress(data_dir, status, _usual(data_dir))
    sapa_ended = _watch_sapa(data_dir)
    try:
        model = _carry_out(data_dir, run_id, root, progress)
        forget_old(model)
        progress.end("done")
    except Exception as error:
        if _stop.is_set():
            progress.end("cancelled", "Sapa dihentikan, pelatihan ikut berhenti." if sapa_ended.is_set() else None)
            return
        known = isinstance(error, ModelError)
        progress.end("failed", str(error) if known else f"{type(error).__name__}: {error}")
        print(error) if known else traceback.print_exc()


def _carry_out(data_dir: Path, run_id: str, root: Path, progress: _Progress) -> Path:
    """All stages; the model that was made. Raises ModelError."""
    progress.begin("persiapan")
    rows = compare.read_lines(root, _say)
    old, new = _active_model(data_dir), model_path(data_dir, root)
    progress.plan(1 if old in (None, new) else 2, trains=not new.exists())
    progress.begin("melatih")
    model = train(data_dir, _say, root=root)
    name = active.name_of(model)
    progress.made(name)
    models = [model] if old in (None, model) else [model, old]

    progress.begin("menguji")
    parsed = []
    for number, file in enumerate(models):
        _say(f"understanding {len(rows)} messages with model {active.name_of(file)}")
        parser = evaluate.load_parser(file)
        parsed.append(compare.parse(rows, parser, _part(progress, number, len(models))))
        del parser

    progress.begin("percakapan")
    scratch, held = data_dir / "training" / "conversations", []
    for number, file in enumerate(models):
        _say(f"test conversations with model {active.name_of(file)}")
        held.append(conversations.outcome(file, scratch, _part(progress, number, len(models)), _say))

    progress.begin("membandingkan")
    before, held_before = (None, None) if old is None else (parsed[-1], held[-1])
    content = {
        "model": name,
        "active": None if old is None else active.name_of(old),
        **compare.report(rows, parsed[0], before),
        "conversations": {"active": held_before, "candidate": held[0]},
    }
    for which, key in (("active", "active"), ("candidate", "model")):
        if (counts := content["confusion"][which]) is not None:
            drawn = svg(content["confusion"]["labels"], counts, f"Model {content[key]}")
            picture_file(data_dir, run_id, which).write_bytes(drawn)
    write_json(folder(data_dir, run_id) / "report.json", content)
    _say("done")
    return model


def _go_on() -> None:
    if _stop.is_set():
        raise Stopped


def _part(progress: _Progress, number: int, count: int) -> Callable[[float], None]:
    return lambda share: progress.reached((number + share) / count)


def _active_model(data_dir: Path) -> Path | None:
    chosen = active.read(data_dir)
    if chosen is None:
        _say("no model is active yet: there is nothing to compare with")
        return None
    model = active.model_file(data_dir, chosen.model)
    if not model.exists():
        _say(f"the active model {chosen.model} is gone: there is nothing to compare with")
        return None
    return model


def _say(line: str) -> None:
    """Raises Stopped."""
    _go_on()
    print(f"{dt.datetime.now():%H:%M:%S} {line}", flush=True)


def _watch_sapa(data_dir: Path) -> threading.Event:
    """Ends this run when the Sapa that runs now on the data folder has ended; the event is set then."""
    lock, ended = data_dir / "run.lock", threading.Event()

    def watch() -> None:
        while is_held(lock):
            time.sleep(TICK)
        ended.set()
        os.killpg(0, signal.SIGTERM)

    if is_held(lock):
        threading.Thread(target=watch, daemon=True).start()
    return ended


def _durations(data_dir: Path) -> Path:
    return data_dir / "training" / "durations.json"


def _usual(data_dir: Path) -> dict[str, float]:
    """Seconds of each stage in the last run that went well."""
    try:
        found = json.loads(_durations(data_dir).read_text(encoding="utf-8"))
        return {stage: max(float(found[stage]), 0.1) for stage in STAGES}
    except (OSError, ValueError, LookupError, TypeError):
        return dict(STAGES)


if __name__ == "__main__":
    main()

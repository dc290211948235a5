"""Training runs: start one, follow it, cancel it, and read how its model compares with the active one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for

from console.access import looked, may, user
from console.office import Office
from errors import ModelError
from office.console import names
from office.console.accounts import MODELS
from storage.console import audit
from training import run

STATES = {"running": "berjalan", "done": "selesai", "failed": "gagal", "cancelled": "dibatalkan"}
STAGES = {
    "persiapan": "Menyiapkan",
    "melatih": "Melatih model",
    "menguji": "Menguji dengan pesan uji",
    "percakapan": "Menguji dengan percakapan",
    "membandingkan": "Membandingkan",
}
WHICH = {"active": "Model aktif", "candidate": "Model baru"}
MIXED_UP = 15
"""Pairs of intents that are listed beside the picture."""


def register(routes: Blueprint, office: Office) -> None:
    """/model/latih and /model/latihan."""
    data_dir = office.settings.data_dir

    def status_of(run_id: str) -> run.Status:
        return run.get(data_dir, run_id) or abort(404)

    @routes.post("/model/latih")
    @may(MODELS)
    def training_start() -> Any:
        try:
            run_id = run.start(office.settings, user().username)
        except ModelError as error:
            flash(str(error), "error")
            return redirect(url_for("console.training_runs"))
        audit.record(user().username, "training_started", run_id)
        return redirect(url_for("console.training_run", run_id=run_id))

    @routes.get("/model/latihan")
    @may(MODELS)
    def training_runs() -> Any:
        runs = run.runs(data_dir)
        return render_template(
            "console/training_runs.html",
            runs=runs,
            states=STATES,
            busy=any(status.state == "running" for status in runs),
        )

    @routes.get("/model/latihan/<run_id>")
    @may(MODELS)
    def training_run(run_id: str) -> Any:
        status = status_of(run_id)
        report = run.report(data_dir, run_id) if status.state == "done" else None
        if report and (learnt := sum(flip["learnt"] for flip in (*report["fixed"], *report["broken"]))):
            looked("comparison_read", run_id, messages=learnt)
        return render_template(
            "console/training_run.html",
            status=status,
            state=STATES[status.state],
            now=_progress(status),
            log=run.log(data_dir, run_id),
            report=report,
            which=WHICH,
            changes=_changes(report) if report else [],
            mixed_up=_mixed_up(report) if report else [],
            intent_name=names.intent,
        )

    @routes.get("/model/latihan/<run_id>/keadaan.json")
    @may(MODELS)
    def training_state(run_id: str) -> Any:
        return _progress(status_of(run_id)) | {"log": run.log(data_dir, run_id)}

    @routes.get("/model/latihan/<run_id>/catatan.txt")
    @may(MODELS)
    def training_log(run_id: str) -> Any:
        status_of(run_id)
        return Response(run.log(data_dir, run_id), mimetype="text/plain")

    @routes.post("/model/latihan/<run_id>/batal")
    @may(MODELS)
    def training_cancel(run_id: str) -> Any:
        status_of(run_id)
        if run.cancel(data_dir, run_id):
            audit.record(user().username, "training_cancelled", run_id)
            flash("Pelatihan sedang dihentikan. Model yang aktif tidak berubah.", "done")
        else:
            flash("Pelatihan ini sudah tidak berjalan.", "error")
        return redirect(url_for("console.training_run", run_id=run_id))

    @routes.get("/model/latihan/<run_id>/tertukar-<any(active, candidate):which>.svg")
    @may(MODELS)
    def training_picture(run_id: str, which: str) -> Any:
        drawn = run.picture(data_dir, run_id, which) or abort(404)
        picture = Response(drawn, mimetype="image/svg+xml")
        # The picture has styles of its own, and nothing that runs.
        picture.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return picture


def _progress(status: run.Status) -> dict[str, Any]:
    return {
        "state": status.state,
        "share": status.share,
        "stage": STAGES[status.stage],
        "left": _left(status.seconds_left),
    }


def _left(seconds: int | None) -> str:
    if seconds is None:
        return "sisa waktu belum diketahui"
    return f"kira-kira {round(seconds / 60)} menit lagi" if seconds >= 60 else "kurang dari satu menit lagi"


@dataclass(frozen=True)
class Change:
    """F1 of an intent, 0 to 1, before and after."""

    intent: str
    lines: int
    active: float | None
    candidate: float

    @property
    def change(self) -> float | None:
        return None if self.active is None else self.candidate - self.active


def _changes(report: dict[str, Any]) -> list[Change]:
    """What has become worse comes first."""
    changes = [Change(intent=name, **found) for name, found in report["intents"].items()]
    return sorted(changes, key=lambda c: (c.candidate if c.change is None else c.change, c.intent))


def _mixed_up(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The pairs of intents that are mistaken most often: expected, said, and how often by each model."""
    found = report["confusion"]
    pairs = [
        {
            "expected": expected,
            "said": said,
            **{which: found[which][row][column] if found[which] is not None else None for which in WHICH},
        }
        for row, expected in enumerate(found["labels"])
        for column, said in enumerate(found["labels"])
        if row != column
    ]
    worst = sorted(pairs, key=lambda pair: -max(pair["candidate"], pair["active"] or 0))
    return [pair for pair in worst[:MIXED_UP] if pair["candidate"] or pair["active"]]

"""The models: which one answers since when and why, promoting another one, going back to one of the last ten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from console.access import may, user
from console.office import Office
from errors import CatalogueError, ModelError
from office.console.accounts import MODELS
from tasks import models as tasks
from training import active, gate, run
from training.active import Active

KINDS = {
    "first": "dilatih saat Sapa dijalankan",
    "promoted": "dipasang",
    "restored": "dikembalikan",
    "rolled_back": "dikembalikan oleh Sapa sendiri",
}


@dataclass(frozen=True)
class Listed:
    """A model that lies in the data folder."""

    name: str
    made_at: dt.datetime
    report: dict[str, Any] | None


def register(routes: Blueprint, office: Office) -> None:
    """/model."""
    data_dir = office.settings.data_dir

    def chosen() -> Active | None:
        try:
            return active.read(data_dir)
        except ModelError:
            flash("Catatan model yang dipakai rusak. Jalankan ulang Sapa; catatan itu dibuat lagi.", "error")
            return None

    def listed() -> list[Listed]:
        return [
            Listed(
                active.name_of(file),
                dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC),
                run.report_for(data_dir, active.name_of(file)),
            )
            for file in active.present(data_dir)
        ]

    @routes.get("/model")
    @may(MODELS)
    def models() -> Any:
        return render_template(
            "console/models.html",
            chosen=chosen(),
            models=listed(),
            kinds=KINDS,
        )

    @routes.get("/model/<name>")
    @may(MODELS)
    def model(name: str) -> Any:
        return page(name)

    @routes.post("/model/<name>/pasang")
    @may(MODELS)
    def promote_model(name: str) -> Any:
        return act(name, tasks.promote)

    @routes.post("/model/<name>/kembalikan")
    @may(MODELS)
    def restore_model(name: str) -> Any:
        return act(name, tasks.restore)

    def page(name: str, reason: str = "") -> str:
        found = next((m for m in listed() if m.name == name), None) or abort(404)
        present = chosen()
        made_by = next((s for s in run.runs(data_dir) if s.state == "done" and s.model == name), None)
        return render_template(
            "console/model.html",
            model=found,
            chosen=present,
            history=[choice for choice in present.history if choice.model == name] if present else [],
            objections=gate.objections(found.report, present.model if present else None),
            shortest=gate.SHORTEST_REASON,
            reason=reason,
            kinds=KINDS,
            run_id=made_by.id if made_by else None,
        )

    def act(name: str, change: Callable[..., bool]) -> Any:
        reason = request.form.get("reason", "")
        try:
            answers = change(office.settings, name, user().username, reason)
        except (ModelError, CatalogueError) as error:
            broken = isinstance(error, CatalogueError)
            flash("Katalog tidak dapat dibaca. Perbaiki dahulu, lalu coba lagi." if broken else str(error), "error")
            return page(name, reason), 400
        if answers:
            flash(f"Model {name} sekarang menjawab warga.", "done")
        else:
            flash(f"Model {name} sudah dipilih. Mesin sedang tidak menjawab; ia menyusul sendiri.", "done")
        return redirect(url_for("console.models"))

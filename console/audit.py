"""The log of changes and of looks at what citizens wrote."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from console.access import id_given, may
from console.office import Office
from office.console.accounts import AUDIT
from storage.console import audit as stored

LINES = 100
"""On a page."""


def register(routes: Blueprint, office: Office) -> None:
    """/catatan."""

    @routes.get("/catatan")
    @may(AUDIT)
    def audit() -> Any:
        who, action = request.args.get("oleh", ""), request.args.get("tindakan", "")
        found = stored.lines(id_given("sebelum"), LINES + 1, who, action)
        return render_template(
            "console/audit.html",
            lines=found[:LINES],
            who=who,
            action=action,
            older=found[LINES - 1].id if len(found) > LINES else None,
        )

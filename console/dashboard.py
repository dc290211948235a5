"""The figures of the office: a page that keeps itself up to date, pictures, files for a spreadsheet."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

import xlsxwriter
from flask import Blueprint, Response, abort, render_template, request

from console import charts, words
from console.access import looked, may
from console.office import Office
from office.console import figures, names
from office.console.accounts import CONVERSATIONS, DASHBOARD
from office.console.figures import Asked, FiguresError, Table
from office.opening import now
from storage.console import counting

NOTHING = {
    "agency": "Tanpa kantor",
    "language": "Tidak dikenali",
    "source": "Tanpa sumber",
    "service": "Tanpa layanan",
}
"""Names of what was not recognised."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would take for a formula."""
SHARES = {"share": "0.0%", "seconds": "0.0", "count": "#,##0"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register(routes: Blueprint, office: Office) -> None:
    """/ringkasan."""
    store, drawing = figures.FigureStore(), threading.Lock()

    def name(dimension: str, value: str | None) -> str:
        if value is None:
            return NOTHING.get(dimension, "–")
        catalogue = office.catalogue()
        if dimension == "agency" and catalogue and value in catalogue.agencies:
            return catalogue.agencies[value].name.id
        if dimension == "service" and catalogue and value in catalogue.services:
            return catalogue.name(value)
        if dimension == "intent":
            return names.intent(value)
        known = {"channel": words.CHANNELS, "language": words.LANGUAGES, "rating": words.RATINGS}
        return known.get(dimension, {}).get(value, value)

    def agencies() -> dict[str, str]:
        catalogue = office.catalogue()
        return {key: agency.name.id for key, agency in catalogue.agencies.items()} if catalogue else {}

    def asking(show: Callable[..., Any]) -> Callable[..., Any]:
        """Gives a view what was asked for; what makes no sense is explained above an empty form."""

        @wraps(show)
        def view(**given: Any) -> Any:
            try:
                of = figures.asked(request.args, now().date())
            except FiguresError as error:
                return render_template("console/dashboard.html", problem=str(error), **_form(agencies())), 400
            return show(of, **given)

        return view

    def shown(of: Asked) -> dict[str, Any]:
        counted = store.figures(of, now().date())
        tables = {table.key: table for table in figures.tables(counted, name)}
        return {
            "of": counted,
            "tables": tables,
            "cell": _cell,
            "pictures": charts.descriptions(counted, name),
            "query": _query(of),
        }

    @routes.get("/ringkasan")
    @may(DASHBOARD)
    @asking
    def dashboard(of: Asked) -> Any:
        return render_template("console/dashboard.html", **_form(agencies()), **shown(of))

    @routes.get("/ringkasan/angka")
    @may(DASHBOARD)
    @asking
    def dashboard_figures(of: Asked) -> Any:
        return render_template("console/_figures.html", **shown(of))

    @routes.get("/ringkasan/grafik/<chart>.svg")
    @may(DASHBOARD)
    @asking
    def dashboard_chart(of: Asked, chart: str) -> Any:
        draw = charts.CHARTS.get(chart) or abort(404)
        counted = store.figures(of, now().date())
        with drawing:  # the library is not made for threads
            return Response(draw(counted, name), mimetype="image/svg+xml")

    @routes.get("/ringkasan/sapa-angka.<any(csv, xlsx):kind>")
    @may(DASHBOARD)
    @asking
    def dashboard_file(of: Asked, kind: str) -> Any:
        tables = figures.tables(store.figures(of, now().date()), name)
        body, mimetype = (_csv(tables), "text/csv") if kind == "csv" else (_xlsx(tables), XLSX)
        file = f"sapa-angka-{of.first.isoformat()}-{of.last.isoformat()}.{kind}"
        return Response(body, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{file}"'})

    @routes.get("/ringkasan/tidak-dipahami")
    @may(CONVERSATIONS)
    @asking
    def not_understood(of: Asked) -> Any:
        looked("texts_seen", "tidak-dipahami", **_query(of))
        texts = counting.unanswered(of.wanted(), figures.TEXTS)
        return render_template("console/not_understood.html", texts=texts, of=of, query=_query(of))


def _form(agencies: dict[str, str]) -> dict[str, Any]:
    return {"given": request.args, "agencies": agencies, "spans": figures.SPANS}


def _query(of: Asked) -> dict[str, str]:
    """The arguments of an address that asks for the same again."""
    chosen = {"kanal": of.channel, "bahasa": of.language, "kantor": of.agency}
    return {"dari": of.first.isoformat(), "sampai": of.last.isoformat()} | {k: v for k, v in chosen.items() if v}


def _cell(kind: str, value: Any) -> str:
    """A figure as people read it."""
    if kind == "share":
        return words.percent(value)
    if kind == "seconds":
        return "–" if value is None else f"{words.number(value, 1)} detik"
    return words.number(value) if kind == "count" else str(value)


def _csv(tables: list[Table]) -> bytes:
    """One figure a line, with the mark by which spreadsheets know UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(("bagian", "baris", "ukuran", "nilai"))
    for table in tables:
        texts = [title for title, kind in table.columns if kind == "text"]
        for row in table.rows:
            label = _harmless(", ".join(row[: len(texts)]))
            for (title, _), value in zip(table.columns[len(texts) :], row[len(texts) :], strict=True):
                writer.writerow((table.title, label, title, "" if value is None else value))
    return written.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    """A source's code is whatever a link says; a spreadsheet must not run it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _xlsx(tables: list[Table]) -> bytes:
    """A sheet for each table; texts are written as texts, never as formulas or links."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        head = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": shape}) for kind, shape in SHARES.items()}
        for table in tables:
            sheet = book.add_worksheet(table.title[:31])
            for column, (title, kind) in enumerate(table.columns):
                sheet.write_string(0, column, title, head)
                sheet.set_column(column, column, 32 if kind == "text" else 16)
            for line, row in enumerate(table.rows, 1):
                for column, ((_, kind), value) in enumerate(zip(table.columns, row, strict=True)):
                    if kind == "text":
                        sheet.write_string(line, column, value)
                    elif value is not None:
                        sheet.write_number(line, column, value, formats[kind])
    return written.getvalue()

"""All areas of the console under one guard."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, current_app, make_response, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from console import (
    audit,
    catalogue,
    conversations,
    dashboard,
    inbox,
    login,
    models,
    people,
    training,
    training_data,
    words,
)
from console.access import PATH, guard
from console.office import Office
from errors import ModelError
from storage.database import StorageError

AREAS = (login, dashboard, inbox, conversations, training_data, models, training, catalogue, people, audit)
"""Modules with the console's pages; each has `register(routes, office)`."""
ERRORS = {
    400: (
        "Permintaan tidak dapat dipakai",
        "Halaman mungkin sudah terlalu lama terbuka. Kembali, muat ulang, lalu coba lagi.",
    ),
    401: ("Belum masuk", "Masuk dahulu, lalu ulangi."),
    403: ("Tidak boleh", "Peran Anda tidak membuka halaman ini. Tanyakan kepada admin."),
    404: ("Tidak ada", "Halaman atau data ini tidak ada, mungkin sudah dihapus menurut masa simpan."),
    405: ("Cara ini tidak dilayani", "Kembali, lalu pakai tombol di halaman itu."),
    413: ("Terlalu besar", "Yang dikirim terlalu besar. Kurangi, lalu coba lagi."),
    429: ("Terlalu sering", "Tunggu sebentar, lalu coba lagi."),
}

log = structlog.get_logger("console")


def blueprint(office: Office) -> Blueprint:
    """The console's routes."""
    routes = Blueprint(
        "console",
        __name__,
        url_prefix=PATH,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    routes.before_request(guard)
    for area in AREAS:
        area.register(routes, office)

    @routes.context_processor
    def given() -> dict[str, Any]:
        navigation = words.entries_for(current_user.may) if current_user.is_authenticated else []
        return {"words": words, "navigation": navigation}

    @routes.after_request
    def keep_nothing(response: Response) -> Response:
        if request.endpoint != "console.static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @routes.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        status = error.code or 500
        title, text = ERRORS.get(status, ERRORS[400])
        return _problem(status, title, text)

    @routes.errorhandler(StorageError)
    def not_stored(error: StorageError) -> Response:
        log.error("the database failed", error=str(error))
        return _problem(503, "Basis data tidak menjawab", "Tidak ada yang diubah. Coba lagi sebentar.")

    @routes.errorhandler(ModelError)
    def not_written(error: ModelError) -> Response:
        log.error("the data folder failed", error=str(error))
        return _problem(503, "Folder data tidak dapat dipakai", "Tidak ada yang diubah. Hubungi pengurus server.")

    @routes.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("a page of the console failed", exc_info=error, route=str(request.url_rule))
        return _problem(500, "Terjadi kesalahan", "Kesalahan di sisi kami sudah dicatat. Coba lagi sebentar.")

    return routes


def _problem(status: int, title: str, text: str) -> Response:
    # Without the context that names who is looking: the account may be what could not be read.
    template = current_app.jinja_env.get_template("console/problem.html")
    return make_response(template.render(title=title, text=text), status)

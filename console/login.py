"""Logging in and out, and one's own password and second factor."""

from __future__ import annotations

import base64
import io
from typing import Any
from urllib.parse import urlsplit

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from console import access, words
from console.access import ANYBODY, OPEN, PATH, may, user
from console.office import Office
from console.words import REQUIRED
from office.console import accounts
from office.console.accounts import AccountError, Refused
from storage.console import accounts as stored

_NEW_SECRET = "new_totp_secret"


class LoginForm(FlaskForm):
    username = StringField("Nama pengguna", [InputRequired(REQUIRED), Length(max=80)])
    password = PasswordField("Kata sandi", [InputRequired(REQUIRED), Length(max=accounts.LONGEST_PASSWORD)])
    code = StringField("Kode dari aplikasi autentikator, bila dipakai", [Length(max=12)])


class PasswordForm(FlaskForm):
    present = PasswordField("Kata sandi sekarang", [InputRequired(REQUIRED)])
    new = PasswordField("Kata sandi baru", [InputRequired(REQUIRED)])
    again = PasswordField("Kata sandi baru, sekali lagi", [InputRequired(REQUIRED)])


class CodeForm(FlaskForm):
    code = StringField("Kode enam angka dari aplikasi", [InputRequired(REQUIRED), Length(max=12)])


def register(routes: Blueprint, office: Office) -> None:
    """/masuk, /keluar and /saya."""

    @routes.route("/masuk", methods=["GET", "POST"])
    @may(OPEN)
    def login() -> Any:
        form = LoginForm()
        if current_user.is_authenticated:
            return redirect(_wanted())
        if form.validate_on_submit():
            found = accounts.log_in(form.username.data or "", form.password.data or "", form.code.data or "")
            if not isinstance(found, Refused):
                access.log_in(found)
                return redirect(_wanted())
            flash(_refusal(found), "error")
            return render_template("console/login.html", form=form), 401
        return render_template("console/login.html", form=form)

    @routes.post("/keluar")
    @may(ANYBODY)
    def logout() -> Any:
        logout_user()
        session.clear()
        return redirect(url_for("console.login"))

    @routes.get("/")
    @may(ANYBODY)
    def home() -> Any:
        return redirect(url_for(words.entries_for(user().may)[0].endpoint))

    @routes.get("/saya")
    @may(ANYBODY)
    def own_account() -> Any:
        return _own_page(PasswordForm(), CodeForm())

    @routes.post("/saya/sandi")
    @may(ANYBODY)
    def own_password() -> Any:
        form = PasswordForm()
        if form.validate_on_submit():
            try:
                if form.new.data != form.again.data:
                    raise AccountError("Kata sandi baru tidak sama di kedua kolom.")
                accounts.change_own_password(user().account, form.present.data or "", form.new.data or "")
            except AccountError as error:
                form.new.errors = [str(error)]
            else:
                return _changed("Kata sandi sudah diganti; sesi di perangkat lain berakhir.")
        return _own_page(form, CodeForm()), 400

    @routes.post("/saya/kode")
    @may(ANYBODY)
    def enable_totp() -> Any:
        form = CodeForm()
        if form.validate_on_submit():
            try:
                account = user().account
                accounts.enable_totp(account.id, account.username, session.get(_NEW_SECRET, ""), form.code.data or "")
            except AccountError as error:
                form.code.errors = [str(error)]
            else:
                session.pop(_NEW_SECRET, None)
                return _changed("Kode kedua aktif. Mulai sekarang masuk dengan kata sandi dan kode.")
        return _own_page(PasswordForm(), form), 400

    @routes.post("/saya/kode/hapus")
    @may(ANYBODY)
    def disable_totp() -> Any:
        try:
            accounts.disable_own_totp(user().account, request.form.get("present", ""))
        except AccountError as error:
            flash(str(error), "error")
            return _own_page(PasswordForm(), CodeForm()), 400
        return _changed("Kode kedua tidak dipakai lagi.")


def _changed(text: str) -> Any:
    """Every change ends all sessions of an account; the one that made it goes on."""
    account = stored.get(user().account.id)
    if account is None:
        return redirect(url_for("console.login"))
    access.log_in(account)
    flash(text, "done")
    return redirect(url_for("console.own_account"))


def _own_page(password: PasswordForm, code: CodeForm) -> str:
    account = user().account
    picture = secret = None
    if not account.has_totp:
        secret = session.setdefault(_NEW_SECRET, accounts.new_totp_secret())
        drawn = io.BytesIO()
        segno.make(accounts.totp_address(account.username, secret)).save(drawn, kind="png", scale=5)
        picture = "data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode()
    return render_template("console/own_account.html", password=password, code=code, picture=picture, secret=secret)


def _wanted() -> str:
    """The page that was asked for before logging in, as long as it is one of ours."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and wanted.startswith(f"{PATH}/") and "\\" not in wanted
    ours = ours and wanted.isprintable()  # a line end cannot stand in a header
    return wanted if ours else url_for("console.home")


def _refusal(refused: Refused) -> str:
    return {
        "wrong": "Nama pengguna atau kata sandi tidak cocok.",
        "code": "Masukkan kata sandi dan kode enam angka yang sekarang tampil di aplikasi autentikator.",
        "resting": f"Terlalu banyak percobaan. Coba lagi dalam {refused.seconds} detik.",
    }[refused.reason]

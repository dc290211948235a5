"""Accounts, for admins: create, change the role, close, set a new password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired

from console import words
from console.access import may, user
from console.office import Office
from console.words import REQUIRED
from office.console import accounts
from office.console.accounts import PEOPLE, AccountError
from storage.console import accounts as stored


class AccountForm(FlaskForm):
    username = StringField("Nama pengguna", [InputRequired(REQUIRED)])
    name = StringField("Nama lengkap", [InputRequired(REQUIRED)])
    role = SelectField("Peran", choices=list(words.ROLES.items()))
    password = PasswordField("Kata sandi pertama (paling sedikit 12 huruf)", [InputRequired(REQUIRED)])


class RoleForm(FlaskForm):
    role = SelectField("Peran", choices=list(words.ROLES.items()))


class NewPasswordForm(FlaskForm):
    password = PasswordField("Kata sandi baru", [InputRequired(REQUIRED)])


def register(routes: Blueprint, office: Office) -> None:
    """/akun."""

    @routes.route("/akun", methods=["GET", "POST"])
    @may(PEOPLE)
    def people() -> Any:
        form = AccountForm()
        if form.validate_on_submit():
            try:
                accounts.create(
                    user().username,
                    form.username.data or "",
                    form.name.data or "",
                    form.role.data,
                    form.password.data or "",
                )
            except AccountError as error:
                flash(str(error), "error")
                return render_template("console/people.html", form=form, accounts=stored.all_accounts()), 400
            flash("Akun sudah dibuat. Sampaikan kata sandi pertama secara langsung.", "done")
            return redirect(url_for("console.people"))
        return render_template("console/people.html", form=form, accounts=stored.all_accounts())

    @routes.get("/akun/<int:account_id>")
    @may(PEOPLE)
    def person(account_id: int) -> Any:
        return _page(account_id)

    @routes.post("/akun/<int:account_id>/peran")
    @may(PEOPLE)
    def set_role(account_id: int) -> Any:
        return _act(account_id, lambda: accounts.set_role(account_id, user().username, RoleForm().role.data))

    @routes.post("/akun/<int:account_id>/sandi")
    @may(PEOPLE)
    def set_password(account_id: int) -> Any:
        password = NewPasswordForm().password.data or ""
        return _act(account_id, lambda: accounts.set_password(account_id, user().username, password))

    @routes.post("/akun/<int:account_id>/kode")
    @may(PEOPLE)
    def drop_totp(account_id: int) -> Any:
        return _act(account_id, lambda: accounts.disable_totp(account_id, user().username))

    @routes.post("/akun/<int:account_id>/<any(tutup, buka):change>")
    @may(PEOPLE)
    def set_active(account_id: int, change: str) -> Any:
        return _act(account_id, lambda: accounts.set_active(account_id, user().username, change == "buka"))


def _page(account_id: int) -> Any:
    account = stored.get(account_id) or abort(404)
    return render_template(
        "console/person.html", account=account, role=RoleForm(data={"role": account.role}), password=NewPasswordForm()
    )


def _act(account_id: int, act: Callable[[], None]) -> Any:
    if stored.get(account_id) is None:
        abort(404)
    try:
        act()
    except AccountError as error:
        flash(str(error), "error")
        return _page(account_id), 400
    flash("Sudah diubah. Orang itu perlu masuk lagi.", "done")
    return redirect(url_for("console.person", account_id=account_id))

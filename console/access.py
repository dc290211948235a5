"""Who may see a page: every view names its permission, and one that names none is closed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFProtect

from office.console.accounts import MAY
from storage.console import accounts, audit
from storage.console.accounts import AccountView

PATH = "/konsol"
OPEN, ANYBODY = "open", "anybody"
"""Permissions: without logging in, and for whoever has logged in."""
SESSION_HOURS = 10
LARGEST_ID = 2**31 - 1
"""A database refuses to look for a larger one."""

View = TypeVar("View", bound=Callable[..., Any])


class User(UserMixin):
    """Who has logged in, for Flask-Login."""

    def __init__(self, account: AccountView):
        self.account = account
        self.username, self.name, self.role = account.username, account.name, account.role

    def get_id(self) -> str:
        return f"{self.account.id}:{self.account.session_key}"

    def may(self, permission: str) -> bool:
        return permission == ANYBODY or permission in MAY[self.role]


def may(permission: str) -> Callable[[View], View]:
    """Marks a view with the permission that opens it."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def user() -> User:
    """Who is looking; only behind a permission."""
    return cast(User, current_user._get_current_object())


def id_given(name: str) -> int | None:
    """The id that an argument of the address gives, from 0 to LARGEST_ID; None where it gives none."""
    given = request.args.get(name, type=int)
    return None if given is None else min(max(given, 0), LARGEST_ID)


def looked(action: str, subject: object, **details: Any) -> None:
    """Writes into the log that somebody looks at what citizens wrote. Raises StorageError: then nothing is shown."""
    audit.record(user().username, action, str(subject), **details)


def log_in(account: AccountView) -> None:
    """Begins a session of its own for an account."""
    session.clear()
    login_user(User(account))
    session.permanent = True


def prepare(app: Flask, data_dir: Path, secure: bool) -> None:
    """Logins and the tokens of forms; sessions live in the browser, signed by a key that lies in the data folder."""
    app.config.update(
        SECRET_KEY=_session_key(data_dir / "session.key"),
        SESSION_COOKIE_NAME="sapa_konsol",
        SESSION_COOKIE_PATH=PATH,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=SESSION_HOURS * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,  # the dashboard asks by itself: left open it would never be logged out
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_CHECK_DEFAULT=False,  # only the console has forms with a session; `guard` checks there
    )
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.session_protection = None  # an officer's address changes between the office's two lines
    app.extensions["console_csrf"] = CSRFProtect(app)


def _session_key(file: Path) -> bytes:
    with suppress(FileNotFoundError):
        if key := file.read_bytes():
            return key
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.touch(0o600)
    new.write_bytes(secrets.token_bytes(32))
    os.replace(new, file)
    return file.read_bytes()


def _load(given: str) -> User | None:
    account_id, _, session_key = given.partition(":")
    account = accounts.get(int(account_id)) if account_id.isdecimal() else None
    if account is None or not account.active or not secrets.compare_digest(account.session_key, session_key):
        return None
    return User(account)


def guard() -> Any:
    """Before every request of the console: the token of its form, then who is asking and what he may."""
    view = current_app.view_functions.get(request.endpoint or "")
    permission = getattr(view, "permission", None) or (OPEN if request.endpoint == "console.static" else None)
    if permission is None:
        abort(403)
    if any("\0" in one for _, given in request.values.lists() for one in given):
        abort(400)  # PostgreSQL takes none, and no form sends one
    if permission == OPEN:
        _check_token()
        return None
    if not current_user.is_authenticated:
        if request.method == "GET":
            wanted = request.full_path.rstrip("?")
            return redirect(url_for("console.login", next=wanted if wanted != f"{PATH}/" else None))
        abort(401)
    _check_token()
    if not user().may(permission):
        abort(403)
    if any(isinstance(value, int) and value > LARGEST_ID for value in (request.view_args or {}).values()):
        abort(404)
    return None


def _check_token() -> None:
    current_app.extensions["console_csrf"].protect()

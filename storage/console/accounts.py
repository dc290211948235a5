"""Accounts as the database keeps them; who may log in is decided in office.console.accounts."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from errors import SapaError
from storage.console import audit
from storage.console.tables import Account
from storage.conversations import insert_once
from storage.database import reading, writing
from storage.tables import now


class UsernameTaken(SapaError):
    """Another account has this user name."""


@dataclass(frozen=True)
class AccountView:
    """An account without its secrets."""

    id: int
    username: str
    name: str
    role: str
    active: bool
    has_totp: bool
    session_key: str
    created_at: dt.datetime
    last_login_at: dt.datetime | None


def _view(row: Account) -> AccountView:
    return AccountView(
        row.id,
        row.username,
        row.name,
        row.role,
        row.active,
        row.totp_secret is not None,
        row.session_key,
        row.created_at,
        row.last_login_at,
    )


def create(by: str, username: str, name: str, role: str, password_hash: str) -> int:
    """A new account; returns its id. Raises UsernameTaken."""
    with writing() as session:
        account_id = insert_once(
            session,
            Account,
            username=username,
            name=name,
            role=role,
            password_hash=password_hash,
            session_key=secrets.token_hex(16),
            totp_step=0,
            active=True,
            failures=0,
            created_at=now(),
        )
        if account_id is None:
            raise UsernameTaken(username)
        audit.add(session, by, "account_created", username, role=role)
        return account_id


def get(account_id: int) -> AccountView | None:
    with reading() as session:
        row = session.get(Account, account_id)
        return _view(row) if row else None


def find(username: str) -> AccountView | None:
    with reading() as session:
        row = session.scalars(select(Account).filter_by(username=username)).one_or_none()
        return _view(row) if row else None


def all_accounts() -> list[AccountView]:
    """Every account, by user name."""
    with reading() as session:
        return [_view(row) for row in session.scalars(select(Account).order_by(Account.username))]


@contextmanager
def opened(account_id: int) -> Iterator[Account | None]:
    """An account to read and change under a lock, with its secrets: for logging in and for changes."""
    with writing() as session:
        row = session.scalars(select(Account).filter_by(id=account_id).with_for_update()).one_or_none()
        yield row


def change(account_id: int, by: str, action: str, **values: object) -> None:
    """Changes columns of an account, ends its sessions, and writes both into the log without the values."""
    with writing() as session:
        row = session.get(Account, account_id)
        if row is None:
            return
        for column, value in values.items():
            setattr(row, column, value)
        row.session_key = secrets.token_hex(16)
        shown = {key: value for key, value in values.items() if key in ("role", "active")}
        audit.add(session, by, action, row.username, **shown)

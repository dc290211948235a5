"""`sapa account`: who may open the console."""

from __future__ import annotations

import sys

import click

from cli.table import BY
from cli.table import show as show_table
from errors import SapaError


@click.group(help="Accounts of the console.")
def account() -> None:
    pass


@account.command(help="Create an account; the password is asked for, or read from standard input.")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(["admin", "annotator", "officer", "viewer"]))
@click.option("--name", help="The person's name; else the user name.")
def create(username: str, role: str, name: str | None) -> None:
    from office.console import accounts

    _migrated()
    accounts.create(BY, username, name or username, role, _password())
    click.echo(f"created {username} ({role}); the console is at /konsol")


@account.command("list", help="List all accounts.")
def list_() -> None:
    from storage.console.accounts import all_accounts

    _migrated()
    rows = [
        (a.username, a.name, a.role, "active" if a.active else "closed", "yes" if a.has_totp else "no")
        for a in all_accounts()
    ]
    show_table(rows, ("user", "name", "role", "state", "second factor"))


@account.command(help="A new password for an account; also ends its rest and takes its second factor away.")
@click.argument("username")
def reset(username: str) -> None:
    from office.console import accounts
    from storage.console.accounts import find

    _migrated()
    found = find(username)
    if found is None:
        raise SapaError(f"there is no account {username}; `sapa account list` shows them")
    accounts.set_password(found.id, BY, _password())
    accounts.disable_totp(found.id, BY)
    click.echo(f"{username} has a new password and no second factor")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _migrated() -> None:
    from settings import get_settings
    from storage.database import migrate

    migrate(get_settings().storage_url, lambda line: None)

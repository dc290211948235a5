"""Who may open the console and do what: Argon2id passwords, an optional second factor (TOTP), a rest after failures."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import time
from dataclasses import dataclass

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from errors import SapaError
from storage.console import accounts
from storage.console.accounts import AccountView
from storage.tables import now

DASHBOARD, CONVERSATIONS, INBOX, TRAINING_DATA, MODELS, CATALOGUE, PEOPLE, AUDIT = (
    "dashboard",
    "conversations",
    "inbox",
    "training_data",
    "models",
    "catalogue",
    "people",
    "audit",
)
MAY: dict[str, frozenset[str]] = {
    "admin": frozenset({DASHBOARD, CONVERSATIONS, INBOX, TRAINING_DATA, MODELS, CATALOGUE, PEOPLE, AUDIT}),
    "annotator": frozenset({DASHBOARD, CONVERSATIONS, INBOX, TRAINING_DATA}),
    "officer": frozenset({DASHBOARD, CONVERSATIONS, CATALOGUE}),
    "viewer": frozenset({DASHBOARD}),
}
"""What each role may do."""
SHORTEST_PASSWORD = 12
"""NIST SP 800-63B-4, 3.1.1.2, asks for 15 where the password is the only factor and 8 with a second one; between them,
for the second one is offered, not forced."""
LONGEST_PASSWORD = 200
FAILURES = 5
REST = dt.timedelta(minutes=5)
"""After so many wrong passwords in a row an account rests."""
TOTP_SECONDS = 30
ISSUER = "Sapa"
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,30}")
_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106, second recommendation
_DECOY = _hasher.hash(secrets.token_hex(16))


class AccountError(SapaError):
    """What was given cannot be an account; the words are for the person who gave it."""


@dataclass(frozen=True)
class Refused:
    """Why nobody was let in."""

    reason: str
    """wrong, resting or code (the password is right, the code of the second factor is missing or wrong)."""
    seconds: int = 0
    """How long the account still rests."""


def create(by: str, username: str, name: str, role: str, password: str) -> int:
    """A new account; its id. Raises AccountError with what is wrong, StorageError."""
    username, name = username.strip().lower(), " ".join(name.split())
    if not _USERNAME.fullmatch(username):
        raise AccountError(
            "Nama pengguna: 2 sampai 31 huruf kecil, angka, titik, garis, diawali huruf; misalnya siti.aminah."
        )
    if not name or len(name) > 80:
        raise AccountError("Nama lengkap: paling sedikit 1 dan paling banyak 80 huruf.")
    _known_role(role)
    _check_password(password, username)
    try:
        return accounts.create(by, username, name, role, _hasher.hash(password))
    except accounts.UsernameTaken as error:
        raise AccountError(f"Nama pengguna {username} sudah dipakai.") from error


def _known_role(role: str) -> None:
    if role not in MAY:
        raise AccountError(f"Peran {role} tidak ada; pilih {', '.join(MAY)}.")


def _check_password(password: str, username: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError(f"Kata sandi: {SHORTEST_PASSWORD} sampai {LONGEST_PASSWORD} huruf, misalnya empat kata.")
    if username in password.lower() or len(set(password)) < 5:
        raise AccountError("Kata sandi terlalu mudah ditebak: jangan memuat nama pengguna atau satu huruf berulang.")


def log_in(username: str, password: str, code: str) -> AccountView | Refused:
    """The account where password and, if it has a second factor, code are right. Raises StorageError.

    Takes as long for a user name that does not exist as for a wrong password.
    """
    known = accounts.find(username.strip().lower())
    if known is None or not known.active:
        _matches(_DECOY, password)
        return Refused("wrong")
    with accounts.opened(known.id) as account:
        if account is None:
            return Refused("wrong")
        if account.rests_until and account.rests_until > now():
            return Refused("resting", int((account.rests_until - now()).total_seconds()) + 1)
        fits = _matches(account.password_hash, password)
        step = _step_of(account.totp_secret, code) if fits and account.totp_secret else None
        if fits and account.totp_secret and not code.strip():
            return Refused("code")  # asking for the code is no failure
        if not fits or (account.totp_secret and (step is None or step <= account.totp_step)):
            account.failures += 1
            if account.failures >= FAILURES:
                account.failures, account.rests_until = 0, now() + REST
            return Refused("code" if fits else "wrong")
        account.failures, account.rests_until, account.last_login_at = 0, None, now()
        if step is not None:
            account.totp_step = step
        if _hasher.check_needs_rehash(account.password_hash):
            account.password_hash = _hasher.hash(password)
    return accounts.get(known.id) or Refused("wrong")


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False


def _step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is, one step early or late; RFC 6238, 5.2."""
    digits = "".join(code.split())
    present = int(time.time()) // TOTP_SECONDS
    totp = pyotp.TOTP(secret)
    fitting = (s for s in (present, present - 1, present + 1) if secrets.compare_digest(totp.generate_otp(s), digits))
    return next(fitting, None) if digits.isascii() and digits.isdigit() else None


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_address(username: str, secret: str) -> str:
    """The otpauth address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def enable_totp(account_id: int, by: str, secret: str, code: str) -> None:
    """Turns the second factor on once a code has shown that the app has the secret. Raises AccountError."""
    step = _step_of(secret, code) if secret else None  # sent twice: the first one has used it up
    if step is None:
        raise AccountError("Kode tidak cocok. Periksa jam di ponsel, lalu masukkan kode yang baru.")
    accounts.change(account_id, by, "totp_enabled", totp_secret=secret, totp_step=step)


def disable_totp(account_id: int, by: str) -> None:
    """Turns the second factor off. Raises AccountError."""
    accounts.change(account_id, by, "totp_disabled", totp_secret=None)


def set_password(account_id: int, by: str, password: str) -> None:
    """A new password; ends all sessions and the rest of the account. Raises AccountError."""
    account = accounts.get(account_id)
    if account is None:
        raise AccountError("Akun ini tidak ada.")
    _check_password(password, account.username)
    accounts.change(account_id, by, "password_set", password_hash=_hasher.hash(password), failures=0, rests_until=None)


def change_own_password(account: AccountView, present: str, new: str) -> None:
    """A new password for whoever knows the present one. Raises AccountError."""
    _require_password(account, present)
    set_password(account.id, account.username, new)


def disable_own_totp(account: AccountView, present: str) -> None:
    """Turns the second factor off for whoever knows the password, not for any open browser. Raises AccountError."""
    _require_password(account, present)
    disable_totp(account.id, account.username)


def _require_password(account: AccountView, present: str) -> None:
    with accounts.opened(account.id) as row:
        fits = row is not None and _matches(row.password_hash, present)
    if not fits:
        raise AccountError("Kata sandi yang sekarang tidak cocok.")


def set_role(account_id: int, by: str, role: str) -> None:
    """Another role; ends all sessions. Raises AccountError, also where nobody would be left to administer."""
    _known_role(role)
    _keep_an_admin(account_id, role == "admin")
    accounts.change(account_id, by, "role_set", role=role)


def set_active(account_id: int, by: str, active: bool) -> None:
    """Closes an account, or opens it again; ends all sessions. Raises AccountError as `set_role`."""
    _keep_an_admin(account_id, active)
    accounts.change(account_id, by, "account_opened" if active else "account_closed", active=active)


def _keep_an_admin(account_id: int, stays: bool) -> None:
    admins = [a.id for a in accounts.all_accounts() if a.active and a.role == "admin"]
    if not stays and admins == [account_id]:
        raise AccountError("Ini satu-satunya admin yang aktif. Buat admin lain dahulu.")

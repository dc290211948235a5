"""What people read in the console: the navigation, and names of roles, channels, languages and ratings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from office.console.accounts import AUDIT, CATALOGUE, CONVERSATIONS, DASHBOARD, INBOX, MODELS, PEOPLE, TRAINING_DATA
from office.opening import WIB


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation; shown to whoever has the permission."""

    endpoint: str
    label: str
    permission: str


NAVIGATION = (
    Entry("console.dashboard", "Ringkasan", DASHBOARD),
    Entry("console.inbox", "Kotak masuk", INBOX),
    Entry("console.conversations", "Percakapan", CONVERSATIONS),
    Entry("console.training_data", "Data latih", TRAINING_DATA),
    Entry("console.models", "Model", MODELS),
    Entry("console.catalogue", "Katalog", CATALOGUE),
    Entry("console.people", "Akun", PEOPLE),
    Entry("console.audit", "Catatan", AUDIT),
)


def entries_for(may: Callable[[str], bool]) -> list[Entry]:
    """The entries that somebody with these permissions sees."""
    return [entry for entry in NAVIGATION if may(entry.permission)]


ROLES = {
    "admin": "Admin: semuanya",
    "annotator": "Penelaah: membaca percakapan dan memberi label",
    "officer": "Petugas: membaca percakapan dan mengubah katalog",
    "viewer": "Pengamat: melihat angka saja",
}
CHANNELS = {"whatsapp": "WhatsApp", "web": "Situs web", "rest": "REST"}
LANGUAGES = {"id": "Indonesia", "jv": "Jawa"}
RATINGS = {"4": "4, sangat membantu", "3": "3, membantu", "2": "2, kurang membantu", "1": "1, tidak membantu"}
REQUIRED = "Wajib diisi."
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


def moment(at: dt.datetime | None) -> str:
    """A point in time as the office reads it, e.g. "1 Des 2026 08.15"; a dash where there is none."""
    if at is None:
        return "–"
    local = at.astimezone(WIB)
    return f"{day(local.date())} {local:%H.%M}"


def day(date: dt.date | None) -> str:
    return "–" if date is None else f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def number(value: float | None, decimals: int = 0) -> str:
    """A number with Indonesian signs, e.g. 1.234,5; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def percent(share: float | None, decimals: int = 1) -> str:
    """A share from 0 to 1, e.g. 94,2%."""
    return "–" if share is None else f"{number(100 * share, decimals)}%"

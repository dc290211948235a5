"""The pages people see: the landing page with the offices, the privacy notice, and the widget's file."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, request

from office.catalogue import DAYS, Catalogue, Contact, Hours
from office.group.limits import limits
from office.opening import now
from office.reach import PARAMETER, WEBSITE, greeting, readable, source_code, whatsapp_link
from settings import Settings

STATIC = Path(__file__).resolve().parent / "static"
DAY_NAMES = dict(zip(DAYS, ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"), strict=True))
QUESTIONS = (
    "Apa syarat membuat akta kelahiran?",
    "Kartu keluarga saya hilang, bagaimana mengurusnya?",
    "Kantor Kecamatan Mojosari buka jam berapa?",
)
SHORT = 110
"""Longer statements of an office have no room on its card; Sapa says them when asked."""
LINKS = {"instagram": "https://www.instagram.com/", "website": "https://", "complaint": "https://"}


@dataclass(frozen=True)
class Link:
    """A way to reach an office; `href` is None where only the words are known."""

    label: str
    text: str
    href: str | None


@dataclass(frozen=True)
class Office:
    """An office as the landing page shows it."""

    name: str
    government: str
    address: str | None
    hours: list[tuple[str, str]]
    """Days and times, e.g. ("Senin-Kamis", "08.00-16.00")."""
    statements: list[str]
    contacts: list[Link]
    source: str | None
    """Where the hours come from."""


def offices(catalogue: Catalogue, today: dt.date) -> list[Office]:
    """The offices with what may be shown of them, those with known hours first; what is not known is absent."""
    return sorted((_office(catalogue, agency, today) for agency in catalogue.agencies), key=lambda o: not o.hours)


def _office(catalogue: Catalogue, agency: str, today: dt.date) -> Office:
    profile = catalogue.agencies[agency]

    def may_show(source: str) -> bool:
        return catalogue.source(agency, source).kind != "memory"

    address = profile.address if profile.address and catalogue.shown(agency, profile.address, today) else None
    hours = profile.hours if profile.hours and may_show(profile.hours.source) else None
    said = [fact.text.id for fact in profile.statements if fact.text and catalogue.shown(agency, fact, today)]
    contacts = [_link(contact) for contact in profile.contacts if may_show(contact.source)]
    return Office(
        name=profile.name.id,
        government=profile.government,
        address=address.text.id if address and address.text else None,
        hours=week(hours) if hours else [],
        statements=[text for text in said if len(text) <= SHORT],
        contacts=[link for link in contacts if link.href][:3],
        source=catalogue.source(agency, hours.source).title if hours else None,
    )


def week(hours: Hours) -> list[tuple[str, str]]:
    """Days with the same times together: [("Senin–Kamis", "08.00–16.00"), ("Sabtu–Minggu", "tutup")]."""
    rows: list[tuple[list[str], str]] = []
    for day in DAYS:
        if day not in hours.days:
            continue
        spans = " dan ".join(span.replace(":", ".").replace("-", "–") for span in hours.days[day])  # type: ignore[index]
        if rows and rows[-1][1] == (spans or "tutup"):
            rows[-1][0].append(DAY_NAMES[day])
        else:
            rows.append(([DAY_NAMES[day]], spans or "tutup"))
    return [(days[0] if len(days) == 1 else f"{days[0]}–{days[-1]}", spans) for days, spans in rows]


def _link(contact: Contact) -> Link:
    names = {"phone": "Telepon", "whatsapp": "WhatsApp", "email": "Surel", "website": "Situs", "complaint": "Pengaduan"}
    label = contact.label.id if contact.label else names.get(contact.kind, contact.kind.capitalize())
    value = contact.value.strip()
    digits = "".join(c for c in value if c.isdigit() or c == "+")
    bare = value.removeprefix("https://").removeprefix("http://").strip("/")
    targets = {"phone": f"tel:{digits}", "email": f"mailto:{value}", "whatsapp": f"https://wa.me/{digits.lstrip('+')}"}
    if contact.kind in LINKS:
        targets[contact.kind] = LINKS[contact.kind] + quote(bare, safe="/?=&.-_~")
    return Link(label, readable(bare) if contact.kind in ("phone", "whatsapp") else bare, targets.get(contact.kind))


@dataclass(frozen=True)
class Asset:
    """A static file in memory, also compressed: phones on slow lines fetch it."""

    content: bytes
    packed: bytes
    etag: str
    mimetype: str

    @classmethod
    def of(cls, content: bytes, mimetype: str) -> Asset:
        return cls(content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:20], mimetype)

    def response(self, max_age: int) -> Response:
        packed = "gzip" in request.accept_encodings
        response = make_response(self.packed if packed else self.content)
        response.mimetype = self.mimetype
        if packed:
            response.content_encoding = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = f"public, max-age={max_age}"
        response.set_etag(self.etag, weak=packed)
        response.make_conditional(request)
        return response


def blueprint(settings: Settings, catalogue: Callable[[], Catalogue | None]) -> Blueprint:
    """/, /privasi, /widget.js, /site.css and the icon; `catalogue` gives None where none can be read."""
    routes = Blueprint("pages", __name__, template_folder="templates")
    source = (STATIC / "widget.js").read_text(encoding="utf-8")
    widget = Asset.of(source.replace("days: 90", f"days: {settings.retention_days}", 1).encode(), "text/javascript")
    style = Asset.of((STATIC / "site.css").read_bytes(), "text/css")
    icon = Asset.of((STATIC / "icon.svg").read_bytes(), "image/svg+xml")

    def whatsapp() -> str | None:
        code = source_code(request.args.get(PARAMETER)) or WEBSITE
        return whatsapp_link(settings.twilio_whatsapp_number, greeting(code)) if settings.whatsapp_enabled else None

    @routes.get("/")
    def landing() -> str:
        found = catalogue()
        shown = offices(found, now().date()) if found else []
        version = {"widget": widget.etag, "style": style.etag}
        return render_template(
            "landing.html",
            offices=shown,
            questions=QUESTIONS,
            whatsapp=whatsapp(),
            days=settings.retention_days,
            v=version,
        )

    @routes.get("/privasi")
    def privacy() -> str:
        return render_template(
            "privacy.html",
            days=settings.retention_days,
            officer=settings.data_protection_officer,
            adult=limits(now().date()).adult_age,
            v={"style": style.etag},
        )

    @routes.get("/widget.js")
    def widget_file() -> Response:
        response = widget.response(300)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @routes.get("/site.css")
    def style_file() -> Response:
        return style.response(300)

    @routes.get("/icon.svg")
    @routes.get("/favicon.ico")
    def icon_file() -> Response:
        return icon.response(86400)

    return routes

"""Everything an office needs to make Sapa known: one folder of files for each source code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from errors import SapaError
from office.catalogue import Catalogue
from office.parameters import Parameters
from office.reach import greeting, readable, source_code, web_link, whatsapp_link
from outreach import share, sheet
from outreach.examples import HEARING, examples
from outreach.sheet import Poster
from settings import Settings

CODES = ("poster", "loket", "petugas", "website", "instagram", "tiktok", "facebook")
"""Source codes for which files are made where none are asked for."""


def make(
    agency: str,
    codes: Sequence[str],
    folder: Path,
    settings: Settings,
    catalogue: Catalogue,
    parameters: Parameters,
    moment: dt.datetime,
) -> list[Path]:
    """Writes FOLDER/AGENCY/CODE/{poster.pdf, poster.png, square.png, share.md, storyboard.md}; returns their paths.

    Raises SapaError for an office, a source code, a setting or a folder that cannot be used.
    """
    if agency not in catalogue.agencies:
        raise SapaError(f"no office is called {agency!r}; there are {', '.join(catalogue.agencies)}")
    profile, asked = catalogue.agencies[agency], examples(catalogue, agency, moment.date())
    if all(example.topic == HEARING for example in asked):
        raise SapaError(f"nothing can be asked of {agency} yet; add hours or services to data/catalogue/{agency}.yml")
    written = []
    for code in dict.fromkeys(_usable(code) for code in codes or CODES):
        way, link, address = _way(settings, code)
        poster = Poster(profile.name.id, link, way, address, code, asked)
        answered = share.Answered(poster, profile.short, share.answer(catalogue, parameters, agency, asked, moment))
        pdf = sheet.a4(poster)
        place = folder / agency / code
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / "poster.pdf").write_bytes(pdf)
            sheet.pixels(pdf, sheet.A4_PIXELS).save(place / "poster.png", dpi=(sheet.A4_DPI, sheet.A4_DPI))
            sheet.pixels(sheet.square(poster), sheet.SQUARE_PIXELS).save(place / "square.png")
            (place / "share.md").write_text(share.captions(answered), "utf-8")
            (place / "storyboard.md").write_text(share.storyboard(answered, moment.date()), "utf-8")
        except OSError as error:
            raise SapaError(f"{place} cannot be written: {error.strerror}; choose another folder with --out") from error
        written += sorted(place.iterdir())
    return written


def _usable(code: str) -> str:
    found = source_code(code)
    if not found:
        raise SapaError(
            f"--source: {code!r} is no source code; write 2 to 32 letters, digits and single hyphens, first a letter, "
            "at most six digits, e.g. desa-sooko"
        )
    return found


def _way(settings: Settings, code: str) -> tuple[str, str, str]:
    """How citizens come in: "whatsapp" or "web", the link, and what is typed by hand."""
    number = re.sub(r"[ .-]", "", settings.twilio_whatsapp_number.removeprefix("whatsapp:"))
    if number:
        if not re.fullmatch(r"\+[1-9]\d{7,14}", number):
            raise SapaError("TWILIO_WHATSAPP_NUMBER: write it with the country's code, e.g. +62... (see .env.example)")
        return "whatsapp", whatsapp_link(number, greeting(code)), readable(number)
    if settings.public_url:
        address = urlsplit(settings.public_url)
        if address.scheme not in ("http", "https") or not address.netloc:
            raise SapaError("SAPA_PUBLIC_URL: has to begin with https:// (see .env.example)")
        return "web", web_link(settings.public_url, code), (address.netloc + address.path).rstrip("/")
    raise SapaError(
        "a poster has to lead somewhere: set TWILIO_WHATSAPP_NUMBER, or SAPA_PUBLIC_URL for the web page "
        "(see .env.example)"
    )

"""Days as people name them in both languages, resolved against a reference day: "besok", "minggu ngarep", "tgl 3"."""

from __future__ import annotations

import datetime as dt
import re

from nlu.numbers import parse_words

_DAY_NAMES = (
    "senin senen isnin",
    "selasa slasa seloso sloso",
    "rabu rebo",
    "kamis kemis",
    "jumat jum'at jemuah jumuah jemuwah jmt",
    "sabtu setu saptu sebtu",
    "minggu ahad ngahad ngat akad",
)
_MONTH_NAMES = (
    "januari jan",
    "februari pebruari feb",
    "maret mar",
    "april apr",
    "mei",
    "juni jun",
    "juli jul",
    "agustus agt agu ags",
    "september sep sept",
    "oktober okt",
    "november nopember nov nop",
    "desember des",
)
WEEKDAYS = {name: day for day, names in enumerate(_DAY_NAMES) for name in names.split()}
MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_OFFSETS = {
    0: "hari ini|dino iki|dina iki|dinten niki|dinten menika|dinten punika|sakniki|saiki dino iki|tadi malam|"
    "tadi subuh|tadi pagi|subuh tadi|pagi tadi|tadi siang|mau isuk|mau bengi|mau awan|wau enjing|wau dalu|"
    "nanti sore|nanti siang|mengko sore|mengko awan|mangke sonten|malam ini|sore ini|pagi ini|siang ini|isuk iki|"
    "bengi iki|enjing niki|mambengi",
    1: "besok|besuk|bsk|bsok|bsuk|sesuk|sesok|mene|benjing|mbenjing|benjang|mbesuk|isuk esuk|mbenjang|enjing",
    2: "besok lusa|lusa|emben|suk emben|mene lusa|benjing lusa",
    -1: "kemarin|kmrn|kmren|kemaren|kmarin|wingi|winginane wae|kala wingi|kolo wingi|wingenane",
    -2: "kemarin lusa|kemarin dulu|wingi lusa|wingenane wingi|winginane",
}
_NEXT = "depan|dpn|mendatang|ngarep|ngajeng|sesuk|besok|besuk|benjing|mbenjing|ngarepan|ngarepe|mbesuk|nanti"
_LAST = "lalu|kemarin|kmrn|wingi|kepungkur|kepengker|kapengker|sing wingi|ingkang kepengker"
_THIS = "ini|iki|niki|punika|menika|iku"
_PARTS = "pagi|siang|sore|malam|isuk|esuk|awan|bengi|enjing|dalu|sonten|siyang|subuh"
_WEEK_WORDS = "minggu|mgg|pekan"
_MONTH_WORDS = "bulan|bln|wulan|sasi|ulan"
_YEAR_WORDS = "tahun|thn|th|taun|warsa"
_days = "|".join(sorted((re.escape(d) for d in WEEKDAYS), key=len, reverse=True))
_months = "|".join(sorted(MONTHS, key=len, reverse=True))
_offset_words = {phrase: days for days, phrases in _OFFSETS.items() for phrase in phrases.split("|")}
_offsets = "|".join(sorted((re.escape(p) for p in _offset_words), key=len, reverse=True))

_FULL = (
    rf"(?:(?:tanggal|tgl|tgl\.|tanggale)\s*)?(?P<day>\d{{1,2}}|selawe|sepuluh|seket)\s+(?P<month>{_months})\b"
    r"(?:\s+(?P<year>20\d\d))?"
)
_NUMERIC = r"\b(?:(?:tanggal|tgl|tanggale)\.?\s*)?(?P<d>\d{1,2})[/-](?P<m>\d{1,2})(?:[/-](?P<y>20\d\d|\d\d))?(?![/\w-])"
_DAY_OF_MONTH = r"\b(?:tanggal|tgl|tanggalan)\.?\s*(?P<dom>\d{1,2})\b(?![/.]\d)"
_WEEKDAY = (
    rf"\b(?:(?:hari|dino|dina|dinten|malam|malem|dinane)\s+)?(?P<weekday>{_days})\b"
    rf"(?:\s+(?:(?P<wnext>{_NEXT})|(?P<wlast>{_LAST})|(?P<wthis>{_THIS})))?(?:\s+(?:{_PARTS}))?\b"
)
_RELATIVE = (
    rf"\b(?P<unit>{_WEEK_WORDS}|{_MONTH_WORDS}|{_YEAR_WORDS})\s+"
    rf"(?:(?P<next>{_NEXT})|(?P<last>{_LAST})|(?P<this>{_THIS}))\b"
)
_AGO = (
    r"\b(?P<count>\d{1,2}|[a-z]+)\s+(?P<aunit>hari|dino|dina|dinten|minggu|bulan|wulan|sasi|tahun|taun)\s+"
    r"(?P<dir>lalu|kepungkur|kepengker|kapengker|yang lalu|lagi|maneh|malih|engkas|wingi)\b"
)
_MONTH_ONLY = rf"\b(?:(?:bulan|wulan|sasi)\s+)?(?P<monthonly>{_months})\b(?:\s+(?P<myear>20\d\d))?"
_YEAR_ONLY = rf"\b(?:{_YEAR_WORDS})\s+(?P<yearonly>(?:19|20)\d\d)\b"
_OFFSET = rf"\b(?P<offset>{_offsets})\b(?:\s+(?:{_PARTS}))?"
PATTERN = re.compile(
    "|".join((_FULL, _NUMERIC, _DAY_OF_MONTH, _AGO, _RELATIVE, _WEEKDAY, _YEAR_ONLY, _MONTH_ONLY, _OFFSET))
)
"""Finds a date in folded text."""


def resolve(match: re.Match[str], today: dt.date) -> str | None:
    """ISO day ("2026-03-04"), month ("2026-03") or year of a match of PATTERN; None where it names no such day."""
    try:
        return _resolve({k: v for k, v in match.groupdict().items() if v}, today)
    except (ValueError, OverflowError):
        return None


def _resolve(found: dict[str, str], today: dt.date) -> str | None:
    if "day" in found:
        day = int(found["day"]) if found["day"].isdigit() else parse_words([found["day"]])
        return _day_month(int(day or 0), MONTHS[found["month"]], found.get("year"), today).isoformat()
    if "d" in found:
        year = found.get("y")
        return _day_month(int(found["d"]), int(found["m"]), f"20{year[-2:]}" if year else None, today).isoformat()
    if "dom" in found:
        return _next_day_of_month(int(found["dom"]), today).isoformat()
    if "count" in found:
        return _counted(found, today)
    if "unit" in found:
        return _relative(found["unit"], -1 if "last" in found else 1 if "next" in found else 0, today)
    if "weekday" in found:
        return _weekday(found, today).isoformat()
    if "yearonly" in found:
        return found["yearonly"]
    if "monthonly" in found:
        month = MONTHS[found["monthonly"]]
        return f"{int(found.get('myear', today.year)):04d}-{month:02d}"
    return (today + dt.timedelta(days=_offset_words[found["offset"]])).isoformat()


def _day_month(day: int, month: int, year: str | None, today: dt.date) -> dt.date:
    if year:
        return dt.date(int(year), month, day)
    this_year = dt.date(today.year, month, day)
    return this_year if (today - this_year).days <= 180 else dt.date(today.year + 1, month, day)


def _next_day_of_month(day: int, today: dt.date) -> dt.date:
    month_start = today.replace(day=1)
    for _ in range(3):
        try:
            candidate = month_start.replace(day=day)
        except ValueError:
            candidate = None
        if candidate and candidate >= today:
            return candidate
        month_start = (month_start + dt.timedelta(days=32)).replace(day=1)
    raise ValueError(day)


def _counted(found: dict[str, str], today: dt.date) -> str | None:
    count = int(found["count"]) if found["count"].isdigit() else parse_words([found["count"]])
    if count is None:
        return None
    sign = 1 if found["dir"] in ("lagi", "maneh", "malih", "engkas") else -1
    if found["aunit"] in _MONTH_WORDS.split("|"):
        return _shift_months(today, sign * count)
    if found["aunit"] in _YEAR_WORDS.split("|"):
        return str(today.year + sign * count)
    days = count * (7 if found["aunit"] == "minggu" else 1)
    return (today + dt.timedelta(days=sign * days)).isoformat()


def _relative(unit: str, step: int, today: dt.date) -> str:
    if unit in _WEEK_WORDS.split("|"):
        return (today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=step)).isoformat()
    return _shift_months(today, step) if unit in _MONTH_WORDS.split("|") else str(today.year + step)


def _shift_months(today: dt.date, months: int) -> str:
    index = today.year * 12 + today.month - 1 + months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def _weekday(found: dict[str, str], today: dt.date) -> dt.date:
    ahead = (WEEKDAYS[found["weekday"]] - today.weekday()) % 7
    if "wlast" in found:
        return today - dt.timedelta(days=7 - ahead if ahead else 7)
    if "wnext" in found and found["wnext"] in ("depan", "dpn", "mendatang", "ngarep", "ngajeng", "ngarepan", "ngarepe"):
        return today + dt.timedelta(days=ahead or 7)
    return today + dt.timedelta(days=ahead)

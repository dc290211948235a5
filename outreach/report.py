"""The monthly report on users: who is new and came by which source, who got an answer, beside the office's visitors."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from errors import SapaError
from office.opening import midnight
from office.wording import date, say
from outreach.texts import text
from storage.usage import CITIZENS, Usage, usage

SOURCED = ("provenance", "court.stamp")
"""Sentences of data/wording.yml that stand in an answer made of facts."""
UNKNOWN = ("unknown",)
"""Those that stand in an answer that says it does not know."""
MEASURES = ("wrote", "served", "messages", "answered")


@dataclass(frozen=True)
class Report:
    """The figures of a month."""

    month: dt.date
    """Its first day."""
    counted: Usage
    visitors: int | None
    """Visitors at the office's counter, as an officer has counted them."""
    running: bool
    """The month has not ended."""
    forgotten: bool
    """Messages of this month have been deleted already, being older than the retention allows."""


def month_of(written: str | None, moment: dt.datetime) -> dt.date:
    """The first day of "2026-11", or of the present month. Raises SapaError for what is no month, or lies ahead."""
    if written is None:
        return moment.date().replace(day=1)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", written) or written < "1970":
        raise SapaError(f"--month: {written!r} is no month; write e.g. {moment:%Y-%m}")
    month = dt.date.fromisoformat(f"{written}-01")
    if month > moment.date():
        raise SapaError(f"--month: {written} has not begun yet")
    return month


def report(month: dt.date, visitors: int | None, retention_days: int, moment: dt.datetime) -> Report:
    """Counts a month (WIB). Raises StorageError."""
    start = midnight(month)
    end = midnight((month + dt.timedelta(days=32)).replace(day=1))
    counted = usage(start, end, _openings(SOURCED), _openings(UNKNOWN))
    return Report(month, counted, visitors, end > moment, start < moment - dt.timedelta(days=retention_days))


def _openings(keys: tuple[str, ...]) -> list[str]:
    """What these sentences begin with, in both languages, up to what the program fills in."""
    filled = dict.fromkeys(("date", "sources", "day", "time"), "\0")
    return sorted({say(key, language, **filled).partition("\0")[0] for key in keys for language in ("id", "jv")})


def table(of: Report) -> str:
    """The report as text, in Indonesian."""
    ordered = sorted({source for source, _ in of.counted.new}, key=lambda source: (source is None, source or ""))
    lines = [text("report.title", month=date(of.month, "id").partition(" ")[2]), "", _row(text("report.new"), _HEAD)]
    for source in ordered:
        by_channel = {channel: of.counted.new.get((source, channel), 0) for channel in CITIZENS}
        lines.append(_row(f"  {source or text('report.no_source')}", _cells(by_channel)))
    lines += [_row(f"  {text('report.sum')}", _cells(_all_new(of))), "", _row(text("report.use"), _HEAD)]
    lines += [_row(f"  {text(f'report.{key}')}", _cells(getattr(of.counted, key))) for key in MEASURES]
    if of.visitors:
        hundred = f"{100 * _sum(of.counted.served) / of.visitors:.1f}".replace(".", ",")
        lines.append(_row(f"  {text('report.visitors')}", ("", "", str(of.visitors))))
        lines.append(_row(f"  {text('report.per_hundred')}", ("", "", hundred)))
    notes = ["citizen", "source", "substance", "left_out"]
    notes += ["ratio"] * bool(of.visitors) + ["running"] * of.running + ["forgotten"] * of.forgotten
    lines += ["", text("report.how"), *(f"- {text(f'report.notes.{note}')}" for note in notes)]
    return "\n".join(lines)


_HEAD = ("WhatsApp", "web", "jumlah")


def _row(label: str, cells: tuple[str, str, str]) -> str:
    return f"{label:<52}" + "".join(f"{cell:>10}" for cell in cells)


def _cells(by_channel: Mapping[str, int]) -> tuple[str, str, str]:
    whatsapp, web = (by_channel.get(channel, 0) for channel in CITIZENS)
    return str(whatsapp), str(web), str(whatsapp + web)


def _sum(by_channel: Mapping[str, int]) -> int:
    return sum(by_channel.values())


def _all_new(of: Report) -> dict[str, int]:
    return {c: sum(n for (_, channel), n in of.counted.new.items() if channel == c) for c in CITIZENS}


def as_csv(of: Report) -> str:
    """The same figures, one a line, for a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("bulan", "lengkap", "ukuran", "sumber", "kanal", "jumlah"))
    complete = "tidak" if of.running or of.forgotten else "ya"
    writer.writerows((f"{of.month:%Y-%m}", complete, *row) for row in _figures(of))
    return written.getvalue()


def _figures(of: Report) -> Iterator[tuple[str, str, str, int]]:
    for (source, channel), count in sorted(of.counted.new.items(), key=lambda item: (item[0][0] or "", item[0][1])):
        yield text("report.first_time"), source or "", channel, count
    for key in MEASURES:
        for channel in CITIZENS:
            yield text(f"report.{key}"), "", channel, getattr(of.counted, key).get(channel, 0)
    if of.visitors:
        yield text("report.visitors"), "", "", of.visitors

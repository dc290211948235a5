"""The dashboard's figures: counted day by day, kept for a while, and put into tables that page and exports share."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any

from errors import SapaError
from office.opening import midnight
from storage.console import counting
from storage.console.counting import DIMENSIONS, SECOND, Count, Counted, Talks, Wanted

SPANS = (7, 30, 90)
LONGEST = 366
"""Days."""
CHANNELS, LANGUAGES = ("whatsapp", "web", "rest"), ("id", "jv")
FRESH, SETTLED = 60.0, 3600.0
"""Seconds for which the figures of today and yesterday are kept, and those of days before: little changes them."""
KEPT = 2000
"""Days that are kept."""
TOP, TEXTS = 15, 50
CLASSES = (1, 2, 5, 10, 30, 60)
"""Borders, in seconds, of the classes of waits."""

Name = Callable[[str, str | None], str]
"""The name of a value of a dimension, e.g. ("agency", "pn_mojokerto"), ("intent", "greet"); None: not recognised."""


class FiguresError(SapaError):
    """What was asked for is no span; the words are for the person who asked."""


@dataclass(frozen=True)
class Asked:
    """Which figures: days from `first` to `last`, both included; None does not choose."""

    first: dt.date
    last: dt.date
    channel: str | None = None
    language: str | None = None
    agency: str | None = None

    def wanted(self) -> Wanted:
        return Wanted(midnight(self.first), midnight(self.last + dt.timedelta(days=1)), *self.choice)

    @property
    def choice(self) -> tuple[str | None, str | None, str | None]:
        return self.channel, self.language, self.agency

    @property
    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass
class Group:
    """The figures of an office, a language, a channel, or of all together."""

    count: Count = field(default_factory=Count)
    talks: Talks = field(default_factory=Talks)
    """A conversation is one citizen on one channel on one day."""
    waits: Counter[int] = field(default_factory=Counter)

    @property
    def understood(self) -> float | None:
        """The share of what the model has read."""
        return self.count.understood / self.count.read if self.count.read else None

    @property
    def solved(self) -> float | None:
        """The share of conversations that were not handed to people."""
        talks = self.talks
        return (talks.conversations - talks.handed) / talks.conversations if talks.conversations else None

    def wait(self, share: float) -> float | None:
        """Seconds within which this share of the answered messages had their first reply."""
        left = share * self.waits.total()
        for tenths in sorted(self.waits):
            left -= self.waits[tenths]
            if left <= 0:
                return tenths / SECOND
        return None

    def add(self, counted: Counted, dimension: str, value: str | None) -> None:
        """Adds a day's figures of a value."""
        for mine, more in (
            (self.count, counted.messages[dimension].get(value, Count())),
            (self.talks, counted.talks[dimension].get(value, Talks())),
        ):
            for name, number in vars(more).items():
                setattr(mine, name, getattr(mine, name) + number)
        self.waits.update(counted.waits[dimension].get(value, {}))


@dataclass(frozen=True)
class Figures:
    """All that the dashboard shows."""

    asked: Asked
    at: dt.datetime
    """When the youngest of the figures was counted."""
    total: Group
    by_day: dict[dt.date, Group]
    by: dict[str, dict[str | None, Group]]
    """By dimension and value, the most messages first."""
    questions: list[tuple[tuple[str, str | None], int]]
    sources: list[tuple[tuple[str | None, str], int]]
    ratings: dict[int, int]

    @property
    def not_understood(self) -> int:
        return self.total.count.read - self.total.count.understood

    @property
    def rating(self) -> float | None:
        """The mean, 1 to 4."""
        given = sum(self.ratings.values())
        return sum(rating * number for rating, number in self.ratings.items()) / given if given else None


@dataclass(frozen=True)
class Table:
    """A table of the page and of the exports."""

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """Title and kind (text, count, share, seconds, mean); the first names the row."""
    rows: list[tuple[Any, ...]]


def asked(given: Mapping[str, str], today: dt.date) -> Asked:
    """What a form asks for; nothing given: the last 30 days. Raises FiguresError."""
    chosen = {"channel": given.get("kanal", ""), "language": given.get("bahasa", ""), "agency": given.get("kantor", "")}
    for name, label, fits in (
        ("channel", "Kanal", chosen["channel"] in ("", *CHANNELS)),
        ("language", "Bahasa", chosen["language"] in ("", *LANGUAGES)),
        ("agency", "Kantor", re.fullmatch(r"[a-z0-9_]{0,60}", chosen["agency"])),
    ):
        if not fits:
            raise FiguresError(f"{label} {chosen[name][:60]!r} tidak dikenal; pilih dari daftar.")
    first, last = _dates(given, today)
    return Asked(first, last, **{name: value or None for name, value in chosen.items()})


def _dates(given: Mapping[str, str], today: dt.date) -> tuple[dt.date, dt.date]:
    span, start, end = (given.get(name, "").strip() for name in ("rentang", "dari", "sampai"))
    if span not in ("", "tanggal", *map(str, SPANS)):
        raise FiguresError(f"Rentang {span[:20]!r} tidak ada; pilih 7, 30 atau 90 hari, atau isi kedua tanggal.")
    if span.isdecimal() or not (start or end):
        return today - dt.timedelta(days=(int(span) if span.isdecimal() else 30) - 1), today
    if not (start and end):
        raise FiguresError("Isi kedua tanggal, dari dan sampai.")
    first, last = _date(start, "Dari"), _date(end, "Sampai")
    if first > last:
        raise FiguresError("Tanggal dari harus sebelum tanggal sampai. Tukar kedua tanggal itu.")
    if (last - first).days >= LONGEST:
        raise FiguresError(f"Rentang paling panjang {LONGEST} hari. Pilih tanggal yang lebih dekat.")
    return first, last


def _date(written: str, label: str) -> dt.date:
    try:
        date = dt.date.fromisoformat(written)
    except ValueError:
        date = None
    if date is None or not 2000 <= date.year <= 2100:
        raise FiguresError(f"{label}: {written[:20]!r} bukan tanggal; tulis misalnya 2026-11-30.")
    return date


class FigureStore:
    """Counts days, and keeps them so that a page that is left open costs next to nothing; one counts at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._kept: dict[Any, tuple[float, Any]] = {}

    def figures(self, of: Asked, today: dt.date) -> Figures:
        """Raises StorageError."""
        with self._lock:
            oldest = self._keep("first", FRESH, counting.first_message)
            by_day = {day: Group() for day in of.days}
            total, by = Group(), {dimension: dict[str | None, Group]() for dimension in DIMENSIONS}
            questions: Counter[tuple[str, str | None]] = Counter()
            for day in of.days:
                if oldest is None or day > today or midnight(day) <= oldest - dt.timedelta(days=1):
                    continue
                one = replace(of, first=day, last=day)
                seconds = FRESH if day >= today - dt.timedelta(days=1) else SETTLED
                counted: Counted = self._keep(one, seconds, partial(counting.count, one.wanted()))
                questions.update(counted.questions)
                for dimension in DIMENSIONS:
                    for value in counted.messages[dimension]:
                        by[dimension].setdefault(value, Group()).add(counted, dimension, value)
                for channel in counted.messages["channel"]:  # every message and conversation has exactly one
                    total.add(counted, "channel", channel)
                    by_day[day].add(counted, "channel", channel)
            sources = self._keep(("sources", of), FRESH, lambda: counting.sources(of.wanted()))
            ratings = self._keep(("ratings", of), FRESH, lambda: counting.ratings(of.wanted()))
        return Figures(
            asked=of,
            at=dt.datetime.now(dt.UTC),
            total=total,
            by_day=by_day,
            by={
                dimension: dict(sorted(groups.items(), key=lambda item: (-item[1].count.messages, item[0] or "~")))
                for dimension, groups in by.items()
            },
            questions=sorted(questions.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or ""))[:TOP],
            sources=sorted(sources.items(), key=lambda item: (-item[1], item[0][0] or "~", item[0][1])),
            ratings=ratings,
        )

    def _keep(self, key: Any, seconds: float, make: Callable[[], Any]) -> Any:
        found = self._kept.pop(key, None)
        if found is None or found[0] <= self._clock():
            found = (self._clock() + seconds, make())
        self._kept[key] = found  # at the end: what is used stays
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found[1]


def waits_by_class(waits: Counter[int]) -> list[tuple[str, int]]:
    """How many first replies came within each class of seconds."""
    labels = [f"kurang dari {CLASSES[0]} detik"]
    labels += [f"{a} sampai {b} detik" for a, b in pairwise(CLASSES)]
    labels += [f"{CLASSES[-1]} detik atau lebih"]
    numbers = [0] * len(labels)
    for tenths, messages in waits.items():
        numbers[sum(tenths >= border * SECOND for border in CLASSES)] += messages
    return list(zip(labels, numbers, strict=True))


_GROUP = (
    ("Pesan", "count"),
    ("Percakapan", "count"),
    ("Dipahami", "share"),
    ("Jawaban ditolak", "count"),
    ("Selesai tanpa petugas", "share"),
    ("Waktu jawab, median", "seconds"),
    ("Waktu jawab, p95", "seconds"),
)


def tables(of: Figures, name: Name) -> list[Table]:
    """All figures as tables."""
    grouped = [
        Table(
            dimension,
            title,
            ((title.removeprefix("Per ").capitalize(), "text"), *_GROUP),
            [(name(dimension, value), *_cells(group)) for value, group in of.by[dimension].items()],
        )
        for dimension, title in (("agency", "Per kantor"), ("language", "Per bahasa"), ("channel", "Per kanal"))
    ]
    waits: list[tuple[Any, ...]] = [*waits_by_class(of.total.waits)]
    shown = (("Pesan", "count"), ("Percakapan", "count"), ("Dibaca model", "count"), ("Dipahami", "count"))
    return [
        Table("total", "Seluruhnya", (("Rentang", "text"), *_GROUP), [(_span(of.asked), *_cells(of.total))]),
        Table(
            "day",
            "Per hari",
            (("Hari", "text"), *shown),
            [
                (day.isoformat(), g.count.messages, g.talks.conversations, g.count.read, g.count.understood)
                for day, g in of.by_day.items()
            ],
        ),
        *grouped,
        Table(
            "wait",
            "Waktu jawab",
            (("Waktu", "text"), ("Pesan terjawab", "count")),
            waits,
        ),
        Table(
            "question",
            "Pertanyaan terbanyak",
            (("Maksud", "text"), ("Layanan", "text"), ("Pesan", "count")),
            [(name("intent", intent), name("service", service), number) for (intent, service), number in of.questions],
        ),
        Table(
            "source",
            "Pengguna baru menurut sumber",
            (("Sumber", "text"), ("Kanal", "text"), ("Pengguna baru", "count")),
            [(name("source", source), name("channel", channel), number) for (source, channel), number in of.sources],
        ),
        Table(
            "rating",
            "Penilaian jawaban petugas dan pemandu",
            (("Nilai", "text"), ("Penilaian", "count")),
            [(name("rating", str(rating)), of.ratings.get(rating, 0)) for rating in (4, 3, 2, 1)],
        ),
    ]


def _cells(group: Group) -> tuple[Any, ...]:
    count, talks = group.count, group.talks
    return (
        count.messages,
        talks.conversations,
        group.understood,
        count.rejected,
        group.solved,
        group.wait(0.5),
        group.wait(0.95),
    )


def _span(of: Asked) -> str:
    return f"{of.first.isoformat()} sampai {of.last.isoformat()}"

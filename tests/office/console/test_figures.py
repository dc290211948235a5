"""The dashboard's spans, its sums over days, and how long figures are kept."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from office.console import figures
from office.console.figures import Asked, FiguresError, FigureStore, Group, asked, tables, waits_by_class
from tests.fakes.figures import DAY, handed, said, talk

TODAY = dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ({}, dt.date(2026, 11, 1), TODAY),
        ({"rentang": "7"}, dt.date(2026, 11, 24), TODAY),
        ({"rentang": "90", "dari": "2020-01-01", "sampai": ""}, dt.date(2026, 9, 2), TODAY),
        (
            {"rentang": "tanggal", "dari": "2026-02-01", "sampai": "2026-02-01"},
            dt.date(2026, 2, 1),
            dt.date(2026, 2, 1),
        ),
        ({"dari": "2025-11-30", "sampai": "2026-11-30"}, dt.date(2025, 11, 30), TODAY),
    ],
)
def test_a_span_is_days_back_from_today_or_two_dates(given, first, last):
    assert asked(given, TODAY) == Asked(first, last)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rentang": "8"}, "7, 30 atau 90"),
        ({"dari": "2026-11-01"}, "kedua tanggal"),
        ({"dari": "2026-11-02", "sampai": "2026-11-01"}, "Tukar"),
        ({"dari": "2026-02-30", "sampai": "2026-03-01"}, "Dari: '2026-02-30' bukan tanggal"),
        ({"dari": "2026-02-01", "sampai": "besok"}, "Sampai: 'besok' bukan tanggal"),
        ({"dari": "0001-01-01", "sampai": "9999-12-31"}, "bukan tanggal"),
        ({"dari": "2025-11-29", "sampai": "2026-11-30"}, "366 hari"),
        ({"kanal": "telegram"}, "Kanal 'telegram'"),
        ({"bahasa": "en"}, "Bahasa 'en'"),
        ({"kantor": "a\x00b"}, "Kantor"),
        ({"kantor": "a" * 61}, "Kantor"),
    ],
)
def test_what_is_no_span_is_explained(given, says):
    with pytest.raises(FiguresError, match=says):
        asked(given, TODAY)


def test_days_begin_at_midnight_in_mojokerto_and_are_summed_up(sqlite_database):
    siti, budi = talk("+620001"), talk("peramban-1", "web")
    midnight = dt.datetime(2026, 11, 29, 17, tzinfo=dt.UTC)
    said(siti, at=midnight - dt.timedelta(seconds=1), answered=1, agency="pn_mojokerto")
    said(siti, at=midnight, answered=2, agency="pn_mojokerto")
    handed(siti, said(siti, "xyz", "nlu_fallback", answered=3), rating=4)
    said(budi, answered=40)
    found = FigureStore().figures(Asked(dt.date(2026, 11, 28), TODAY), TODAY)
    by_day = {day.day: (g.count.messages, g.talks.conversations) for day, g in found.by_day.items()}
    assert by_day == {28: (0, 0), 29: (1, 1), 30: (3, 2)}
    total = found.total
    assert (total.count.messages, total.talks.conversations, total.talks.handed) == (4, 3, 1)
    assert (total.understood, total.solved, total.wait(0.5), total.wait(0.95)) == (3 / 4, 2 / 3, 2.0, 40.0)
    assert list(found.by["agency"]) == ["pn_mojokerto", None] and found.not_understood == 1
    assert found.questions == [(("ask_requirements", None), 3)] and found.rating == 4.0


def test_shares_and_waits_of_nothing_are_none_and_a_percentile_is_a_wait_that_was_measured():
    assert (Group().understood, Group().solved, Group().wait(0.95)) == (None, None, None)
    group = Group(waits=Counter({10: 95, 600: 5}))
    assert (group.wait(0.5), group.wait(0.95), group.wait(0.96)) == (1.0, 1.0, 60.0)


def test_every_wait_falls_into_one_class():
    found = dict(waits_by_class(Counter({0: 1, 9: 1, 10: 2, 599: 4, 600: 8, 10**6: 16})))
    assert found["kurang dari 1 detik"] == 2 and found["1 sampai 2 detik"] == 2
    assert found["30 sampai 60 detik"] == 4 and found["60 detik atau lebih"] == 24 and sum(found.values()) == 32


def test_todays_figures_are_counted_again_after_a_minute_and_old_days_after_an_hour(sqlite_database):
    time = [0.0]
    store, span = FigureStore(clock=lambda: time[0]), Asked(dt.date(2026, 11, 1), TODAY)
    siti = talk("+620001")

    def messages() -> int:
        return store.figures(span, TODAY).total.count.messages

    said(siti, at=DAY - dt.timedelta(days=20))
    said(siti)
    assert messages() == 2
    said(siti, at=DAY - dt.timedelta(days=20))
    said(siti)
    time[0] = figures.FRESH - 1
    assert messages() == 2
    time[0] = figures.FRESH
    assert messages() == 3
    time[0] = figures.SETTLED
    assert messages() == 4


def test_a_store_does_not_grow_without_end(sqlite_database, monkeypatch):
    monkeypatch.setattr(figures, "KEPT", 10)
    said(talk("+620001"), at=DAY - dt.timedelta(days=40))
    store = FigureStore()
    assert store.figures(Asked(dt.date(2026, 10, 1), TODAY), TODAY).total.count.messages == 1
    assert len(store._kept) == 10


def test_every_row_of_a_table_has_a_cell_for_every_column(sqlite_database):
    siti = talk("+620001", source="desa-sooko")
    handed(siti, said(siti, answered=1, service="ktp"), rating=3)
    found = tables(FigureStore().figures(Asked(TODAY, TODAY), TODAY), lambda dimension, value: f"{dimension}:{value}")
    for table in found:
        assert table.rows and {len(row) for row in table.rows} == {len(table.columns)}, table.key
    rows = {table.key: table.rows for table in found}
    assert rows["total"] == [("2026-11-30 sampai 2026-11-30", 1, 1, 1.0, 0, 0.0, 1.0, 1.0)]
    assert rows["question"] == [("intent:ask_requirements", "service:ktp", 1)]
    assert rows["source"] == [("source:desa-sooko", "channel:whatsapp", 1)]
    assert ("rating:3", 1) in rows["rating"]

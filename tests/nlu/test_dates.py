import datetime as dt

import pytest

from nlu import dates

WEDNESDAY = dt.date(2026, 3, 4)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("besok", "2026-03-05"),
        ("sesuk", "2026-03-05"),
        ("benjing", "2026-03-05"),
        ("wingi", "2026-03-03"),
        ("senin depan", "2026-03-09"),
        ("rebo ngarep", "2026-03-11"),
        ("jumat", "2026-03-06"),
        ("senin kemarin", "2026-03-02"),
        ("minggu ngarep", "2026-03-09"),
        ("bulan depan", "2026-04"),
        ("wulan kepengker", "2026-02"),
        ("tgl 3", "2026-04-03"),
        ("tanggal 14", "2026-03-14"),
        ("17 agustus", "2026-08-17"),
        ("14 agustus 2027", "2027-08-14"),
        ("rong dino kepungkur", "2026-03-02"),
        ("3 hari lagi", "2026-03-07"),
        ("20/3/2026", "2026-03-20"),
    ],
)
def test_resolved_against_a_day(said: str, day: str) -> None:
    match = dates.PATTERN.search(said)
    assert match and dates.resolve(match, WEDNESDAY) == day


def test_a_day_that_does_not_exist() -> None:
    match = dates.PATTERN.search("31 februari 2026")
    assert match and dates.resolve(match, WEDNESDAY) is None

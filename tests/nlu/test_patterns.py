import datetime as dt
from itertools import pairwise

import pytest

from nlu.patterns import find

DAY = dt.date(2026, 3, 4)


@pytest.mark.parametrize(
    ("text", "entity", "words", "value"),
    [
        ("sidang 12/Pdt.G/2025/PN Mjk kapan", "case_number", "12/Pdt.G/2025/PN Mjk", "12/Pdt.G/2025/PN Mjk"),
        ("perkara 45 pid b 2025", "case_number", "45 pid b 2025", "45/Pid.B/2025"),
        ("nomor 17/pdt.g.s/2026", "case_number", "17/pdt.g.s/2026", "17/Pdt.G.S/2026"),
        ("perkara nomor 12/2025", "case_number", "12/2025", "12/2025"),
        ("0012/pdt g/2026 kapan", "case_number", "0012/pdt g/2026", "12/Pdt.G/2026"),
        ("nomor 12 pdt.g tahun 2026", "case_number", "12 pdt.g tahun 2026", "12/Pdt.G/2026"),
        ("12/PDT.G/2026/PN.Mjk", "case_number", "12/PDT.G/2026/PN.Mjk", "12/Pdt.G/2026/PN Mjk"),
        ("12pdtg2026 kapan", "case_number", "12pdtg2026", "12/Pdt.G/2026"),
        ("12-pdt-g-2026", "case_number", "12-pdt-g-2026", "12/Pdt.G/2026"),
        ("pdt.g no 12 tahun 2026", "case_number", "pdt.g no 12 tahun 2026", "12/Pdt.G/2026"),
        ("3 pdt gs 2026", "case_number", "3 pdt gs 2026", "3/Pdt.G.S/2026"),
        ("no perkara 5 pid sus anak 2026", "case_number", "5 pid sus anak 2026", "5/Pid.Sus-Anak/2026"),
        ("12 pdt g 26", "case_number", "12 pdt g 26", "12/Pdt.G/2026"),
        ("12 pdt g 10 hari lagi", "case_number", "12 pdt g", "12/Pdt.G"),
        ("kasus no 0077 th 2026", "case_number", "0077 th 2026", "77/2026"),
        (
            "perkara dua belas pdt p dua ribu dua enam",
            "case_number",
            "dua belas pdt p dua ribu dua enam",
            "12/Pdt.P/2026",
        ),
        ("tanggal 12-3-2026 sidang", "date", "tanggal 12-3-2026", "2026-03-12"),
        ("cek A-0932 dong", "application_number", "A-0932", "A-0932"),
        ("resi MJS-2025-0091 piye", "application_number", "MJS-2025-0091", "MJS-2025-0091"),
        ("gaji 4,5jt", "amount", "4,5jt", 4_500_000),
        ("bayaran tigang yuta", "amount", "tigang yuta", 3_000_000),
        ("upah 3 juta 200 sebulan", "amount", "3 juta 200", 3_200_000),
        ("Rp4.800.000 per bulan", "amount", "Rp4.800.000", 4_800_000),
        ("dijaluki 500rb", "amount", "500rb", 500_000),
        ("kerja limalas taun", "period", "limalas taun", {"count": 15.0, "unit": "taun"}),
        ("besok buka?", "date", "besok", "2026-03-05"),
        ("pakai bahasa jawa", "language", "bahasa jawa", "jv"),
    ],
)
def test_found(text: str, entity: str, words: str, value: object) -> None:
    assert (entity, words, value) in [(f.entity, text[f.start : f.end], f.value) for f in find(text, DAY)]


@pytest.mark.parametrize("text", ["umur 17 tahun", "apa syaratnya", "ktp saya hilang", "jam 8 sampai 3", "RT 03 RW 02"])
def test_nothing_to_find(text: str) -> None:
    assert find(text, DAY) == []


@pytest.mark.parametrize(
    "text", ["081234567890 pid", "+62000123 pid b 2026", "sidang 12/3/2026", "UU nomor 12 tahun 2026"]
)
def test_no_case_number(text: str) -> None:
    assert "case_number" not in {f.entity for f in find(text, DAY)}


def test_entities_do_not_overlap() -> None:
    found = find("perkara 12/Pdt.G/2025/PN Mjk tanggal 3 gaji 4,5jt sudah 2 tahun", DAY)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert [f.entity for f in found] == ["case_number", "date", "amount", "period"]


def test_only_what_is_wanted() -> None:
    assert [f.entity for f in find("besok 4,5jt", DAY, wanted=frozenset({"amount"}))] == ["amount"]

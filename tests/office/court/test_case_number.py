"""MOX-13: a case number is understood in every spelling people use."""

import re

import pytest

from office.court.case_number import CODES, OURS, CaseNumber, complete, key, read, without

SPELLINGS = {
    "12/Pdt.G/2026/PN Mjk": """
        12/Pdt.G/2026/PN Mjk | 12/PDT.G/2026/PN.MJK | 12/pdt.g/2026/pn mjk | 12/pdt.g/2026 | 012/Pdt.G/2026/PN Mjk
        0012/PDT.G/2026 | 12 pdt g 2026 | 12 pdt.g 2026 | 12 Pdt. G 2026 | 12 pdtg 2026 | 12pdtg2026 | 12/pdtg/2026
        12/Pdt-G/2026/PN-Mjk | 12-Pdt.G-2026 | 12_Pdt.G_2026_PN Mjk | 12.Pdt.G.2026 | 12 / Pdt.G / 2026 / PN Mjk
        12/Pdt.G/26 | 12 pdt g 26 | 12/Pdt.G/26/PN Mjk | nomor 12 pdt.g tahun 2026 | No.12/Pdt.G/2026/PN Mjk
        no. perkara: 12/Pdt.G/2026/PN.Mjk | nomer 12 pdt g taun 2026 | NOMOR 12/PDT.G/2026/PN MJK | 12 pdt g th 2026
        perkara nomor 12 pdt.g thn. 2026 | pdt.g nomor 12 tahun 2026 | pdt g 12/2026 | Pdt.G No. 12 Tahun 2026
        12 pdt g tahun ini | 12/pdt.g/taun iki | 12/Pdt.G/2026/PN Mojokerto | 12/pdt.g/2026/pengadilan negeri mojokerto
        jadwal sidang 12/pdt.g/2026 kapan ya pak | perkawis kula nomer 12/Pdt.G/2026 sampun diputus dereng
        sidange 12 pdt g 2026 pn mjk jam piro | 12/Pdt.G/2026/PN. Mjk. | (12/Pdt.G/2026/PN Mjk) | "12/Pdt.G/2026"
        12 pdt g 2026 pn mana ya | nomer 12, pdt g, 2026 | 12 Pdt G /2026/ PN Mjk | 12/PDT.G/2026/PNMJK
    """,
    "5/Pdt.G.S/2026/PN Mjk": "5/Pdt.G.S/2026 | 5 pdt gs 2026 | 5/pdt.gs/2026/pn mjk | 5 pdt g.s 2026 | 5 PDT.G.S 26",
    "40/Pdt.P/2026/PN Mjk": "40/Pdt.P/2026 | 40 pdt p 2026 | 40pdtp2026 | nomor 40 pdt.p tahun 2026",
    "3/Pdt.Bth/2026/PN Mjk": "3/Pdt.Bth/2026/PN Mjk | 3 pdt bth 2026",
    "4/Pdt.Plw/2026/PN Mjk": "4/Pdt.Plw/2026 | 4 pdt plw 2026",
    "6/Pdt.Eks/2026/PN Mjk": "6/Pdt.Eks/2026 | 6 pdt.eks 2026",
    "45/Pid.B/2026/PN Mjk": "45/Pid.B/2026 | 45 pid b 2026 | Pid.B 45/2026 | perkara pid b no 45 tahun 2026",
    "9/Pid.S/2026/PN Mjk": "9/Pid.S/2026 | 9 pid s 2026",
    "61/Pid.C/2026/PN Mjk": "61/Pid.C/2026 | 61 pid c 2026",
    "110/Pid.Sus/2026/PN Mjk": "110/Pid.Sus/2026/PN Mjk | 110 pid sus 2026 | 110 PIDSUS 2026",
    "7/Pid.Sus-Anak/2026/PN Mjk": "7/Pid.Sus-Anak/2026 | 7 pid sus anak 2026 | 7/pid.sus anak/2026 | 7 pid.susanak 26",
    "8/Pid.Sus-TPK/2026/PN Mjk": "8/Pid.Sus-TPK/2026 | 8 pid sus tpk 2026",
    "2/Pid.Pra/2026/PN Mjk": "2/Pid.Pra/2026 | 2 pid pra 2026",
    "2001/Pid.LL/2026/PN Mjk": "2001/Pid.LL/2026 | 2001 pid ll 2026",
}
ALL = [
    (text.strip(), number) for number, texts in SPELLINGS.items() for text in re.split(r"[|\n]", texts) if text.strip()
]


def test_there_are_many_spellings():
    assert len({text for text, _ in ALL}) >= 60


@pytest.mark.parametrize("text, number", ALL)
def test_every_spelling_is_one_number(text, number):
    assert str(read(text, 2026)) == number


@pytest.mark.parametrize(
    "text, court",
    [
        ("12/Pdt.G/2026/PN Sby", "PN Sby"),
        ("12/pdt.g/2026/pn surabaya", "PN Surabaya"),
        ("123/Pdt.G/2026/PA.Mr", "PA Mr"),
        ("123/Pdt.G/2026/PA Mojokerto", "PA Mojokerto"),
        ("12/G/2026/PTUN.SBY", "PTUN Sby"),
        ("45/PDT/2026/PT SBY", "PT Sby"),
        ("7/Pdt.Sus-PHI/2026/PN Sby", "PN Sby"),
        ("jadwal 12 pdt g 2026 di pengadilan agama mojokerto", "PA Mojokerto"),
        ("di PN Sidoarjo nomor 12/Pdt.G/2026", "PN Sidoarjo"),
    ],
)
def test_another_courts_number_is_recognised(text, court):
    number = read(text)
    assert number and number.complete and not number.ours and number.court == court
    assert str(number).endswith(court)


@pytest.mark.parametrize(
    "text, ordinal, code, year",
    [
        ("nomor 12", 12, None, None),
        ("perkara 12", 12, None, None),
        ("perkara nomor 12 tahun 2026", 12, None, 2026),
        ("perkara 12/2026", 12, None, 2026),
        ("12/2026", 12, None, 2026),
        ("12 pdt g", 12, "Pdt.G", None),
        ("12/Pdt.G kapan sidangnya", 12, "Pdt.G", None),
        ("nomer 7 pid b kapan", 7, "Pid.B", None),
    ],
)
def test_what_is_left_out_stays_open(text, ordinal, code, year):
    assert read(text) == CaseNumber(ordinal, code, year)
    assert not read(text).complete


@pytest.mark.parametrize(
    "text",
    [
        "sidang saya kapan",
        "besok jam 10 saya sidang",
        "tanggal 12 november 2026",
        "perkara 12 juta",
        "utang 40 juta sudah 2 tahun",
        "nomor hp saya 62000",
        "nomor antrian 12",
        "perkara 0",
        "syarat akta 2 anak",
        "saya punya 2 perkara",
        "pdt g 2026",
        "",
    ],
)
def test_other_numbers_are_no_case(text):
    assert read(text) is None


@pytest.mark.parametrize("code", CODES.values())
def test_what_is_written_is_read_back(code):
    for number in (CaseNumber(12, code, 2026, OURS), CaseNumber(12, code), CaseNumber(12, None, 2026), CaseNumber(12)):
        assert read(str(number)) == number
    assert read(f"12/{code}/2026/PN Sby") == CaseNumber(12, code, 2026, "PN Sby")


def test_the_key_is_the_same_for_all_spellings_of_a_number():
    assert {key(str(read(text, 2026))) for text, number in ALL if "Pdt.G/" in number} == {"12/pdtg/2026/pnmjk"}
    assert key("012/PDT.G/2026/PN. MJK") == key("12/Pdt.G/2026/PN Mjk")


@pytest.mark.parametrize(
    "known, text, number",
    [
        (None, "12", "nomor 12"),
        (None, "ya nomor 12 pak", "nomor 12"),
        (None, "012 2026", "nomor 12 tahun 2026"),
        ("nomor 12", "pdt g", "nomor 12 Pdt.G"),
        ("nomor 12", "yang gugatan", "nomor 12 Pdt.G"),
        ("nomor 12", "gugatan sederhana tahun 2026", "12/Pdt.G.S/2026/PN Mjk"),
        ("nomor 12 tahun 2026", "pidana biasa", "12/Pid.B/2026/PN Mjk"),
        ("nomor 12 tahun 2026", "permohonan", "12/Pdt.P/2026/PN Mjk"),
        ("nomor 12 Pdt.G", "2026", "12/Pdt.G/2026/PN Mjk"),
        ("nomor 12 Pdt.G", "13/pdt.p/2025", "13/Pdt.P/2025/PN Mjk"),
    ],
)
def test_what_was_missing_is_added(known, text, number):
    assert str(complete(known and read(known), text)) == number


@pytest.mark.parametrize("text", ["tidak tahu", "besok jam 10", "terima kasih", "budi"])
def test_an_answer_that_adds_nothing(text):
    assert complete(None, text) is None and complete(read("nomor 12"), text) is None


def test_the_words_around_a_number():
    assert without("jadwal 12/Pdt.G/2026/PN Mjk kapan").split() == ["jadwal", "kapan"]
    assert without("12/pdt.g/2026").split() == []
    assert without("Sidang saya") == "sidang saya"

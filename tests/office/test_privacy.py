from random import Random

import pytest

from office.privacy import ID_MASK, PHONE_MASK, mask


@pytest.mark.parametrize(
    "text",
    [
        "3516010101010001",
        "3516 0101 0101 0001",
        "35.16.01.010101.0001",
        "3516-0101-0101-0001",
        "351601 010101 0001",
        "351601010101001",  # one digit forgotten
        "３５１６０１０１０１０１０００１",  # full-width digits, as some keyboards make them
        "3516\u200b0101\u200b0101\u200b0001",
    ],
)
def test_nik_and_kk(text):
    assert mask(text) == ID_MASK
    assert mask(f"NIK saya {text}, mohon dicek") == f"NIK saya {ID_MASK}, mohon dicek"
    assert mask(f"nik:{text}.") == f"nik:{ID_MASK}."
    assert mask(f"NIK/{text}/KK{text}") == f"NIK/{ID_MASK}/KK{ID_MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "+6281234567890",
        "+62 812-3456-7890",
        "6281234567890",
        "81234567890",
        "(0321) 321456",
        "0321-321456",
        "0321 321 456",
        "+60 12-345 6789",
        "+62 (812) 3456 789",
    ],
)
def test_phone_numbers(text):
    assert mask(text) == PHONE_MASK
    assert mask(f"hubungi {text} ya") == f"hubungi {PHONE_MASK} ya"


@pytest.mark.parametrize(
    "text",
    [
        "buka jam 08.00-15.00?",
        "jam 07.30 - 14.00, Jumat 07.30-11.00",
        "08.15-09.30 10.45",
        "perkara 123/Pdt.G/2025/PN Mjk",
        "12/Pdt.P/2024/PN Mjk tanggal 12-12-2024",
        "upah Rp 4.500.000 sampai 5.000.000",
        "Rp 10.547.400",
        "lahir 17-08-1945",
        "17-08-1945 02-07-2024",
        "RT 01 RW 02 kode pos 61381",
        "2",
        "saya punya 3 anak umur 5, 7, 10",
        "",
    ],
)
def test_what_is_no_personal_number_stays(text):
    assert mask(text) == text


def test_several_in_one_text():
    text = "KK 3516010101010002 NIK 3516010101010001 hp 081234567890 biaya Rp 50.000"
    assert mask(text) == f"KK {ID_MASK} NIK {ID_MASK} hp {PHONE_MASK} biaya Rp 50.000"
    assert not any(character.isdigit() for character in mask("3516010101010001 3516010101010002"))


def test_masking_twice_changes_nothing():
    once = mask("NIK 3516010101010001, 0812-3456-7890")
    assert mask(once) == once


def test_long_texts_are_quick():
    assert mask("9" * 100_000) == ID_MASK
    assert mask("1 " * 50_000)
    assert mask("0-" * 50_000)


HARMFUL = """
NIK saya 3516 - 0101 - 0101 - 0001
nik 3516  0101  0101  0001 nggih
3516\t0101\t0101\t0001
3516/0101/0101/0001
3516_0101_0101_0001
3516, 0101, 0101, 0001
3516:0101:0101:0001
3516*0101*0101*0001
3516 / 0101 / 0190 / 0001
3.516.010.101.010.001
NIK: 35 16 01 41 01 90 00 02, mohon dicek
35-16-01-41-01-90-00-02
351601 410190 0002
KK 3516.0101.0101.0002
kartu keluarga 35.16.01.410190.0002 pak
35l6 OlOl OlOl OOO1
35160101O1010001
35160l0l0l0l0001 niki
3516|0101|0101|0001
3516 --0101 --0101 --0001
1271 0203 0485 0007
3171234567890001
7371.1101.0288.0003
3516 0101 0101 001
3516 0101 0101 00012
hp 081.234.567.890
hubungi 0812 34 56 78 90
WA 08 12 34 56 78 90
0812--3456-7890
0812/3456/7890
0812_3456_7890
0812, 3456, 7890
0812  3456  7890
0812 - 3456 - 7890
O812-3456-7890
o8l2 3456 7890
0857.3344.5566 bisa WA?
62 812 34 56 78 90
+62 812 34 56 78 90
(+62) 812-3456-7890
+62-812-3456-7890
+62.812.345.678.90
628.123.456.7890
0321-59 1234
0321 / 591234
(0321) 59 12 34
telp 0321 591 234
021 555 1234
812-3456-7890
nomer kula 0819 0812 3456 mas
""".strip().splitlines()
HARMLESS = """
buka jam 08.00-15.00, Jumat 08.00-11.00
08.00 - 15.00, 08.00 - 11.00, 09.00 - 12.00
jam 08:00-16:00 / 07:30-11:30
08.00–15.00 13.00–15.00
Senin 07.30, 09.45, 13.15 dan 15.30
02-07-2024 08.30
jadwal 17-08-2026 08.00 - 10.00
lahir 17-08-1990, nikah 02-07-2015
17/08/1990 - 02/07/2015
17.08.1990, 02.07.2015
17 08 1990 02 07 2015
17-08-1990 02-07-2015 21-11-2026
2026-11-21 08:00-16:00
2025-01-01, 2026-01-01, 2027-01-01
tahun 2021, 2022, 2023, 2024, 2025
2023/2024/2025/2026
1998 1999 2000 2001
12/Pdt.G/2026/PN Mjk
perkara 12/Pdt.G/2026/PN Mjk dan 140/Pdt.P/2025/PN Mjk
112/Pid.B/2025/PN Mjk jam 09.00, 21-11-2026
perkara 12/2025, 14/2026
UU 3/2016, 2/2018, 27/2022
nomor permohonan MJS-2025-00731
MJS/2026/0447 sudah selesai?
resi 00452
PN250618-44
MS-20260117-009
AKL-2025-0187, AKL-2025-0188
JTS/2025/1120
REG-0158-26
surat 470/215/416-310/2025
470/122/2025, 474/88/2025
biaya Rp 350.000
Rp 4.800.000 - 5.200.000
Rp 350.000.000, Rp 1.200.000.000
upah 3.500.000 - 15.000.000
3.500.000/4.800.000/5.000.000
50.000, 75.000, 100.000, 150.000
Rp 1.250.000,00 + 50.000,00
umur 5, 7, 10, 12, 14, 16, 18, 20
anak 3, umur 35, 16, 11, 10, 11, 12, 13, 14
RT 01 RW 02 kode pos 61381
Jl. Gajah Mada 58, 61323
1. KTP 2. KK 3. 2 saksi
formulir F-1.01, F-1.02, F-1.06
F-2.01 rangkap 2, materai 10.000
pilih 1/2/3/4/5/6/7/8/9/10
usia 17 tahun 3 bulan 12 hari
panjar 1.450.000; materai 10.000; PNBP 30.000
PP 36/2021 pasal 24, 25, 26
110 atau 112
""".strip().splitlines()


@pytest.mark.parametrize("text", HARMFUL)
def test_everyday_spellings_of_personal_numbers(text):
    masked = mask(text)
    assert ID_MASK in masked or PHONE_MASK in masked
    assert not any(character.isdigit() for character in masked), masked
    beside = mask(f"jam 08.00-15.00 bisa? {text}\n\nbiaya Rp 50.000")
    assert beside.startswith("jam 08.00-15.00 bisa? ") and beside.endswith("biaya Rp 50.000")
    assert sum(map(str.isdigit, beside)) == 13, beside


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_numbers_that_stay(text):
    assert mask(text) == text
    assert mask(f"{text}?\n3516 0101 0101 0001") == f"{text}?\n{ID_MASK}"


def test_any_signs_between_the_digits():
    random = Random(3)
    signs = " -./_,:*|;~'#\t\n\u00a0\u200b\u2013\u2022"
    for number, sign, cuts in [
        (
            "3516014101900002",
            ID_MASK,
            ([4, 4, 4, 4], [6, 6, 4], [2, 2, 2, 6, 4], [8, 8], [2] * 8, [3, 3, 3, 3, 4], [1] * 16),
        ),
        ("6172055212850013", ID_MASK, ([4, 4, 4, 4], [6, 6, 4], [8, 8], [5, 5, 6])),
        ("081234567890", PHONE_MASK, ([4, 4, 4], [4, 3, 5], [4, 8], [4, 2, 2, 2, 2], [3, 3, 3, 3], [5, 4, 3])),
        ("6285733445566", PHONE_MASK, ([2, 3, 4, 4], [2, 11], [5, 4, 4], [2, 3, 2, 2, 2, 2])),
    ]:
        for cut in cuts:
            for _ in range(300):
                text, at = number[: cut[0]], cut[0]
                for size in cut[1:]:
                    text += "".join(random.choices(signs, k=random.randint(1, 3))) + number[at : at + size]
                    at += size
                assert mask(f"nomor {text} nggih") == f"nomor {sign} nggih", ascii(text)

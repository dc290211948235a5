import pytest

from office.choices import resolve_number

CHOICES = [("Akta Kelahiran", "akta kelahiran"), ("Akta Kematian", "akta kematian"), ("KTP", "ktp")]
ALL = [(str(number), f"pilihan ke-{number}") for number in range(1, 11)]


@pytest.mark.parametrize(
    "text",
    [
        "2", "2.", " 2 ", "(2)", "#2", "2)", "no 2", "No.2", "nomor 2", "nomor dua", "dua", "Kedua", "yang kedua",
        "yg ke 2", "yang ke-2", "nomer loro", "loro", "kaping kalih", "kaping pindho", "kapindho", "sing nomer loro",
        "pilihan 2", "pilih nomor 2", "saya pilih yang nomor 2 ya", "kula milih nomer kalih", "ingkang kalih", "opsi 2",
        "2️⃣", "②", "２", "2 👍", "no 2 dong min", "2, yang kedua",
    ],
)  # fmt: skip
def test_two(text):
    assert resolve_number(text, CHOICES) == "akta kematian"


@pytest.mark.parametrize(
    "text, number",
    [
        ("sing nomer siji", 1), ("pertama", 1), ("kaping pisan", 1), ("setunggal", 1), ("pilihan 3", 3), ("telu", 3),
        ("sekawan", 4), ("papat", 4), ("gangsal", 5), ("limo", 5), ("enem", 6), ("pitu", 7), ("wolu", 8), ("sanga", 9),
        ("sedasa", 10), ("🔟", 10), ("10", 10), ("kesepuluh", 10),
    ],
)  # fmt: skip
def test_words(text, number):
    assert resolve_number(text, ALL) == f"pilihan ke-{number}"


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "0", "4", "99999999999999999999", "1 atau 2", "1 2", "2,5", "2/3", "50%", "akta 2 anak",
        "anak kedua saya",        "biayanya 2", "👍", "akta kematian", "satu keluarga", "dua-duanya", "jam 2", "1+1",
    ],
)  # fmt: skip
def test_no_choice(text):
    assert resolve_number(text, CHOICES) is None


def test_nothing_offered():
    assert resolve_number("2", []) is None

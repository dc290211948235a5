"""What members write to the group, and what of it is none of the group's business."""

import pytest

from office.group.commands import (
    ABOUT_A_QUESTION,
    ABOUT_AN_APPEAL,
    BY_THEMSELVES,
    Command,
    is_only,
    read,
    to_officers,
    words,
)


@pytest.mark.parametrize(
    "text, quoted, command",
    [
        ("ambil #12", [], Command("claim", 12)),
        ("Ambil 12", [], Command("claim", 12)),
        ("tak jupuk #3", [], Command("claim", 3)),
        ("AMBIL # 12 ya", [], Command("claim", 12, "ya")),
        ("#12 ambil", [], Command("claim", 12)),
        ("ambil", [12], Command("claim", 12, quoting=True)),
        ("#12 jawaban Bawa KK asli.", [], Command("answer", 12, "Bawa KK asli.")),
        ("#12: bawa KK asli", [], Command("answer", 12, "bawa KK asli")),
        ("bawa KK asli", [12], Command("answer", 12, "bawa KK asli", quoting=True)),
        ("jawab: bawa KK asli", [12], Command("answer", 12, "bawa KK asli", quoting=True)),
        (
            "ambil dulu suratnya di desa",
            [12],
            Command("answer", 12, "ambil dulu suratnya di desa", quoting=True),
        ),
        (
            "ambil 2 fotokopi KK dulu",
            [12],
            Command("answer", 12, "ambil 2 fotokopi KK dulu", quoting=True),
        ),
        ("#12 ambil formulir di desa dulu", [], Command("answer", 12, "ambil formulir di desa dulu")),
        (
            "setuju kalau bawa akta dulu, nanti diproses",
            [12],
            Command("answer", 12, "setuju kalau bawa akta dulu, nanti diproses", quoting=True),
        ),
        ("tanya #12 umur anaknya berapa?", [], Command("ask_back", 12, "umur anaknya berapa?")),
        ("#12 takon, anake umur piro?", [], Command("ask_back", 12, "anake umur piro?")),
        ("oper #12", [], Command("pass_on", 12)),
        ("oper #12 ke petugas", [], Command("pass_on", 12, "ke petugas")),
        ("ralat #12 bukan dua, tetapi tiga", [], Command("correct", 12, "bukan dua, tetapi tiga")),
        ("tutup #12", [], Command("close", 12)),
        ("tutup #12 makasih ya bu semoga lancar", [], Command("close", 12, "makasih ya bu semoga lancar")),
        ("tutup #12 tanpa jawaban", [], Command("close", 12, "tanpa jawaban")),
        ("oper ke petugas #12", [], Command("pass_on", 12, "petugas")),
        ("#12 tutup jam 15.00", [], Command("answer", 12, "tutup jam 15.00")),
        ("#12 selesai besok", [], Command("answer", 12, "selesai besok")),
        ("#12 tanya ke RT dulu", [], Command("answer", 12, "tanya ke RT dulu")),
        ("#16 tak jawab: Bisa diurus.", [], Command("answer", 16, "Bisa diurus.")),
        ("selesai 3 hari", [12], Command("answer", 12, "selesai 3 hari", quoting=True)),
        ("ambil di kecamatan", [12], Command("answer", 12, "ambil di kecamatan", quoting=True)),
        ("B5 pulihkan", [], Command("lift", 5)),
        ("pulihkan 5", [], Command("lift", 5)),
        ("jeda dulu", [], Command("pause")),
        ("selesai", [12], Command("close", 12, quoting=True)),
        ("setuju #12", [], Command("approve", 12)),
        ("tolak #12 syaratnya kurang", [], Command("refuse", 12, "syaratnya kurang")),
        ("#12", [], Command("show", 12)),
        ("ambil", [11, 12], Command("which", 12)),
        ("jawaban untuk yang mana", [11, 12], Command("which", 12)),
        ("#11 bawa KK", [11, 12], Command("answer", 11, "bawa KK")),
        ("pulihkan B5", [], Command("lift", 5)),
        ("tetap b 5", [], Command("uphold", 5)),
        ("Jeda.", [], Command("pause")),
        ("keluar grup", [], Command("leave")),
        ("pertanyaan", [], Command("list")),
        ("bantuan", [], Command("help")),
    ],
)
def test_read(text, quoted, command):
    assert read(text, quoted) == command


@pytest.mark.parametrize(
    "text",
    [
        "syarat ktp hilang",
        "tanya syarat KTP dong",
        "jam buka kecamatan jam 12?",
        "setuju",
        "selesai",
        "ambil KTP di mana?",
        "tutup jam berapa kantornya",
        "perkara nomor 12/Pdt.G/2026",
        "tutup 7 sore?",
        "tanya 2 lembar fotokopi KK cukup?",
        "klaim 1 juta bagaimana?",
    ],
)
def test_what_is_for_the_bot(text):
    assert read(text, []) is None


def test_words_of_citizens():
    assert is_only("citizen_end", " Sudah cukup mbak, makasih! ") and not is_only("citizen_end", "cukup satu fotokopi?")
    assert is_only("citizen_appeal", "Banding")


def test_to_officers():
    assert to_officers("ke petugas ya") and not to_officers("")


def test_no_word_means_two_things():
    """Beside a number: what a citizen or an answer may say is not compared."""
    kinds = [*ABOUT_A_QUESTION, *ABOUT_AN_APPEAL, *BY_THEMSELVES]
    spelled = [word for kind in kinds for word in words()[kind]]
    assert len(spelled) == len(set(spelled))

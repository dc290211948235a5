"""What is a yes to sharing a question, what a no, and what neither: then it is asked again."""

import pytest

from office.group.assent import read

YES = """
ya | Iya pak | oke | ok lanjut | gas | inggih monggo | nggih | setuju | gpp | gak masalah | tidak apa-apa
mboten napa-napa
👍 | ya teruskan saja | boleh | sip | hm ya boleh deh | teruskan saja ya kak
"""


@pytest.mark.parametrize("text", [text.strip() for text in YES.replace("\n", "|").split("|") if text.strip()])
def test_yes(text):
    assert read(text) is True


@pytest.mark.parametrize("text", ["tidak", "gak usah", "ojok", "jangan", "mboten", "gak sido", "emoh"])
def test_no(text):
    assert read(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "mau tanya dulu, ini dikirim ke siapa?",
        "boleh tahu ini dibaca siapa saja?",
        "mau dihapus saja",
        "ya nanti dulu",
        "ya tapi jangan kirim ke orang lain dulu, saya ragu",
        "oleh ngerti iki diwaca sopo?",
        "nomor saya ga ikut kan?",
        "aman ga datanya?",
        "terserah",
        "iya tapi sekolahnya salah",
        "syarat ktp",
        "",
    ],
)
def test_neither(text):
    assert read(text) is None

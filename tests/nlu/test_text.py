import pytest

from nlu.text import even_out, fold, words


@pytest.mark.parametrize(
    ("written", "evened"),
    [
        ("PAKKKK", "pak"),
        ("surat2nya", "suratnya"),
        ("surat-surat", "surat"),
        ("anak-anaknya", "anaknya"),
        ("Kapé", "kape"),
    ],
)
def test_even_out(written: str, evened: str) -> None:
    assert even_out(written) == evened


def test_fold_drops_what_cannot_be_seen() -> None:
    assert fold("A​kta") == "akta"


def test_words_keep_their_places() -> None:
    text = "KK-ku ilang, piye?"
    assert [text[start:end] for _, start, end in words(text)] == ["KK-ku", "ilang", "piye"]

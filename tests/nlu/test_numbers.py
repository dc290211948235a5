import pytest

from nlu.numbers import parse_digits, parse_words


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("tigang yuta", 3_000_000),
        ("telung puluh juta", 30_000_000),
        ("satus ewu", 100_000),
        ("dua belas", 12),
        ("kalih dasa", 20),
        ("tiga juta dua ratus ribu", 3_200_000),
        ("selawe", 25),
    ],
)
def test_words(said: str, number: int) -> None:
    assert parse_words(said.split()) == number


def test_words_that_are_no_number() -> None:
    assert parse_words(["akta"]) is None


@pytest.mark.parametrize(("said", "number"), [("4,5", 4.5), ("4.500.000", 4_500_000), ("3.75", 3.75), ("150", 150)])
def test_digits(said: str, number: float) -> None:
    assert parse_digits(said) == number


def test_digits_that_are_no_number() -> None:
    assert parse_digits("1.2.3") is None

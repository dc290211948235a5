import unicodedata

import pytest

from connectors.incoming import TEXT_LIMIT, IncomingError, make_incoming
from connectors.plaintext import render, split, with_numbers


def units(text):
    return len(text.encode("utf-16-le")) // 2


def words(texts):
    return " ".join(texts).replace("*", "").split()


def test_buttons_become_a_numbered_list():
    buttons = [{"title": "Akta Kelahiran", "payload": "akta kelahiran"}, {"title": "Akta Kematian", "payload": "x"}]
    assert with_numbers("Akta yang mana?", buttons) == "Akta yang mana?\n\n1. Akta Kelahiran\n2. Akta Kematian"
    assert render([{"text": "Yang mana?", "buttons": buttons}]) == [
        {"text": "Yang mana?\n\n1. Akta Kelahiran\n2. Akta Kematian", "buttons": buttons}
    ]
    assert render([{"text": ""}, {}]) == []


def test_buttons_stay_on_the_last_part():
    buttons = [{"title": "A", "payload": "a"}]
    parts = render([{"text": "kata " * 500, "buttons": buttons}])
    assert len(parts) == 2 and [part["buttons"] for part in parts] == [[], buttons]
    assert parts[-1]["text"].endswith("1. A")


@pytest.mark.parametrize(
    "block, joiner",
    [
        ("Satu paragraf yang cukup panjang tentang syarat.", "\n\n"),
        ("3. Fotokopi KK dan KTP orang tua", "\n"),
        ("Datanglah ke kantor kecamatan.", " "),
        ("kata", " "),
    ],
)
def test_parted_at_the_best_place(block, joiner):
    text = joiner.join([block] * (4500 // len(block)))
    parts = split(text)
    assert all(units(part) <= 1600 for part in parts) and words(parts) == words([text])
    assert all(part.startswith(block) and part.endswith(block) for part in parts)
    assert len(parts) <= 4


def test_a_short_text_is_left_alone():
    assert split("  *Syarat*\n1. KK  ") == ["*Syarat*\n1. KK"] and split(" ") == []
    assert split("a" * 1600) == ["a" * 1600]


@pytest.mark.parametrize("emoji", ["😀", "👨‍👩‍👧‍👦", "👍🏽", "🇮🇩", "2️⃣", "é"])
@pytest.mark.parametrize("shift", range(4))
def test_never_inside_a_character(emoji, shift):
    text = "a" * shift + emoji * 1700
    parts = split(text)
    assert "".join(parts) == text and all(units(part) <= 1600 for part in parts)
    for part in parts[1:]:
        assert part.startswith(emoji), "an emoji was torn"
    for part in parts:
        part.encode("utf-8")
        assert unicodedata.category(part[0]) not in ("Mn", "Me", "Cf")


def test_bold_type_goes_on_in_the_next_part():
    parts = split("*" + "tebal " * 400 + "*")
    assert len(parts) == 2 and all(part.startswith("*") and part.endswith("*") for part in parts)
    assert all(units(part) <= 1600 for part in parts)


def test_bold_headings_are_left_alone():
    text = "\n\n".join(f"*Judul {number}*\nIsi bagian itu, beberapa kata." for number in range(120))
    assert all(part.count("*") % 2 == 0 for part in split(text))
    assert "\n\n".join(split(text)) == text


def test_incoming_is_cleaned_masked_and_cut():
    long = make_incoming("whatsapp", "+62", "SM1", "text", "kata " * 1000)
    assert len(long.text) == TEXT_LIMIT and long.details == {"cut": 5000}
    edge = make_incoming("web", "s", "1", "text", "x" * (TEXT_LIMIT - 8) + " 3516010101010001")
    assert "3516" not in edge.text
    assert make_incoming("web", "s", "1", "text", "a\0b\ud83d").text == "ab?"


@pytest.mark.parametrize(
    "field, value", [("address", ""), ("provider_id", ""), ("provider_id", "x" * 201), ("kind", "x")]
)
def test_incoming_lacks_something(field, value):
    fields = {"channel": "web", "address": "s", "provider_id": "1", "kind": "text", "text": "halo", field: value}
    with pytest.raises(IncomingError, match=field):
        make_incoming(**fields)

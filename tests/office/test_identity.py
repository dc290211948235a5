"""Who writes: numbers as people type them, and how they are shown."""

import pytest

from office.identity import PhoneError, masked, phone


@pytest.mark.parametrize(
    "text, stored",
    [
        ("081200000001", "+6281200000001"),
        ("0812-0000-0001", "+6281200000001"),
        ("+62 812 0000 0001", "+6281200000001"),
        ("6281200000001", "+6281200000001"),
        ("006281200000001", "+6281200000001"),
        ("81200000001", "+6281200000001"),
        ("+62 (0)812 0000 0001", "+6281200000001"),
        ("62-0812-0000-0001", "+6281200000001"),
        ("\u2068+62 812\u20110000\u20110001\u2069", "+6281200000001"),
        ("(0321) 000001", "+62321000001"),
        ("+60 12 000 0001", "+60120000001"),
    ],
)
def test_phone(text, stored):
    assert phone(text) == stored


@pytest.mark.parametrize("text", ["", "halo", "0812", "08120000000123456", "0812000000a1", "++6281200000001"])
def test_what_is_no_phone(text):
    with pytest.raises(PhoneError, match=r"phone: .* is no phone number; write e\.g\. 0812"):
        phone(text)


def test_masked():
    assert masked("+6281200000001") == "+62…001"

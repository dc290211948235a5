"""Who writes: phone numbers as they are stored and shown, and the engine's key of a conversation."""

from __future__ import annotations

import re

from errors import SapaError

_SENDER = re.compile(r"c(\d{1,18})")
_PHONE = re.compile(r"\+\d{8,15}")


class PhoneError(SapaError):
    """A text that is no phone number; it names the field and shows how to write one."""


def conversation_of(sender: str) -> int | None:
    """The conversation of the engine's key ("c12"); None for other keys."""
    known = _SENDER.fullmatch(sender)
    return int(known[1]) if known else None


def phone(text: str) -> str:
    """A number as it is stored, "+62...": from 0812..., 62812..., 812..., +62 (0)812..., with blanks or dashes, and
    with the invisible signs that come along when it is copied from WhatsApp. Raises PhoneError."""
    number = re.sub(r"[\s.\-()\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text)
    for start, instead in (("00", "+"), ("0", "+62"), ("62", "+62"), ("8", "+628")):
        if number.startswith(start):
            number = instead + number.removeprefix(start)
            break
    number = re.sub(r"^\+620(?=8)", "+62", number)
    if not _PHONE.fullmatch(number):
        raise PhoneError(f"phone: {text!r} is no phone number; write e.g. 0812..., or +62... with 8 to 15 digits")
    return number


def masked(number: str) -> str:
    """A number of which only the end can be read: "+62…123"."""
    return f"{number[:3]}…{number[-3:]}"

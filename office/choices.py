"""Numbered choices: how they are written, and a number as the answer to them, in Indonesian and Javanese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

# Cardinals, polite forms and ordinals ("kaping kalih" is "kaping", which is passed over, and "kalih").
_WORDS = {
    1: "satu siji setunggal pertama kesatu kapisan pisan",
    2: "dua loro kalih kedua kapindho kapindo pindho pindo",
    3: "tiga telu tigo ketiga katelu katiga",
    4: "empat papat sekawan sakawan keempat kapapat kasekawan",
    5: "lima limo gangsal kelima kalima kagangsal",
    6: "enam enem nem keenam kaenem kanem",
    7: "tujuh pitu ketujuh kapitu",
    8: "delapan wolu kedelapan kawolu",
    9: "sembilan sanga songo kesembilan kasanga kasongo",
    10: "sepuluh sedasa sedoso kesepuluh kasepuluh kasedasa",
}
_NUMBERS = {word: number for number, words in _WORDS.items() for word in words.split()}
# What people put around the number; a sentence with any other word is a sentence, not a choice.
_AROUND_IT = """
nomor nomer no nmr nmer number angka opsi pilihan pilih milih pilihanku pilihane piliane yang yg sing ingkang kang ke
kaping saya aku kula kulo dalem mau dong deh ya yo nggih inggih min kak pak bu mas mbak aja saja ae wae mawon itu iku
niku menika
"""
_AROUND = frozenset(_AROUND_IT.split())


def with_numbers(text: str, buttons: Sequence[Mapping[str, str]]) -> str:
    """The text followed by the choices, numbered from 1."""
    lines = [f"{number}. {button['title']}" for number, button in enumerate(buttons, 1)]
    return "\n\n".join(part for part in (text.strip(), "\n".join(lines)) if part)


def resolve_number(text: str, titles_payloads: Sequence[tuple[str, str]]) -> str | None:
    """The payload of the choice that a text names by its number, counted from 1; None where it names none.

    Understood: "2", "2.", "no 2", "nomor dua", "yang kedua", "nomer loro", "kaping kalih", "sing nomer siji",
    "pilihan 3", "2️⃣". Two different numbers, or other words beside it, are no choice ("akta 2 anak").

    >>> resolve_number("nomer loro", [("Akta Kelahiran", "akta kelahiran"), ("Akta Kematian", "akta kematian")])
    'akta kematian'
    """
    named = set()
    for word in _words(text):
        number = _number(word)
        if number is not None:
            named.add(number)
        elif word not in _AROUND:
            return None
    if len(named) != 1:
        return None
    number = named.pop()
    return titles_payloads[number - 1][1] if 1 <= number <= len(titles_payloads) else None


def _words(text: str) -> list[str]:
    # NFKC makes plain digits of circled, full-width and superscript ones; a keycap is a digit with two marks after it.
    plain = unicodedata.normalize("NFKC", text.replace("\U0001f51f", " 10 ")).casefold()
    plain = "".join(character for character in plain if unicodedata.category(character) not in ("Mn", "Me", "Cf"))
    return re.findall(r"\d+|[^\W\d_]+|[%+=<>@&]", plain)


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) <= 3 else _NUMBERS.get(word)

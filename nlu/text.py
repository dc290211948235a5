"""How a message's spelling is evened out before anything is compared: letters, repeated letters, reduplication."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_REDUPLICATED = re.compile(r"^([^\W\d_]{3,})2(nya|ne|e|an)?$")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def fold(text: str) -> str:
    """Lower case, without accents and invisible characters; may change the length."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")


@lru_cache(maxsize=20_000)
def even_out(word: str) -> str:
    """A word as it is compared: folded, "pakkkk" as "pak", "surat2nya" and "surat-surat" as "surat", "08:00" kept."""
    word = _REPEATED.sub(r"\1", fold(word)).replace("’", "'")
    if match := _REDUPLICATED.match(word):
        return match.group(1) + (match.group(2) or "")
    first, dash, second = word.partition("-")
    if dash and len(first) > 2 and second.startswith(first):
        return second
    return word


def words(text: str) -> list[tuple[str, int, int]]:
    """Words and numbers of a text with their start and end."""
    return [(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]

"""A yes or a no to a question for consent: only what is nothing else counts (UU 27/2022 Pasal 22: clear)."""

from __future__ import annotations

import re
from functools import lru_cache

from office.group.commands import words

_WORD = re.compile(r"[^\W\d_]+|👍|👌|🙏")


def read(text: str) -> bool | None:
    """True or False where a message is a yes or a no and nothing else; None for questions, doubts and the rest."""
    if "?" in text:
        return None
    said = " ".join(_WORD.findall(text.lower()))
    for phrase in _phrases("no_objection"):
        if re.search(rf"\b{phrase}\b", said):
            return True
    spoken = said.split()
    yes, no = _single("assent_yes"), _single("assent_no")
    around = _single("assent_around")
    if not spoken or any(word not in yes | no | around for word in spoken):
        return None
    if any(word in no for word in spoken):
        return False
    return True if any(word in yes for word in spoken) else None


@lru_cache(maxsize=8)
def _single(kind: str) -> frozenset[str]:
    return frozenset(words()[kind])


@lru_cache(maxsize=1)
def _phrases(kind: str) -> tuple[str, ...]:
    return tuple(words()[kind])

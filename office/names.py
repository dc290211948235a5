"""Masks names that are given as such ("nama saya ...", "atas nama ...", "jenengku ...")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

NAME_MASK = "[nama]"
FOLDER = Path(__file__).resolve().parent.parent / "data" / "lexicon"
EVERYDAY = ("umum", "jawa", "slang", "padanan", "topics")
"""Files of the folder whose words are no names."""
LONGEST = 4
"""Words of a name: without a comma nobody can tell where it ends."""
_BETWEEN = 7
"""Words between the announcement and the name: "nama lengkap anak pertama saya adalah"."""

_WORD = re.compile(r"[^\W\d_]+(?:['’`-][^\W\d_]+)*")
_BLANK = re.compile(r"[ \t\u00a0]*")
_GAP = re.compile(r"""(?P<comma>,)?[ \t\u00a0]*(?P<mark>[:=("“'-]+[ \t\u00a0]*)?""")

_SURE = ("given", "called", "introducing", "written")
"""Kinds of announcements that need no more to be believed."""
_RELATED = ("given", "bare")
"""Kinds after which may come whose name it is: "atas nama anak saya"."""


def mask_names(text: str) -> str:
    """The text with every announced name as "[nama]"; titles stay, and so does talk about names.

    Small letters suffice: a name goes on for up to four words, until a sign, a number or a word that is no name.

    >>> mask_names("nama saya siti aminah mau urus ktp, atas nama Pak Budi")
    'nama saya [nama] mau urus ktp, atas nama Pak [nama]'
    """
    parts, kept = [], 0
    for start, end in _Reading(text).names():
        parts += [text[kept:start], NAME_MASK]
        kept = end
    return "".join(parts) + text[kept:]


@dataclass(frozen=True)
class _Vocabulary:
    announcement: re.Pattern[str]
    """Its one group that has matched is the kind."""
    between: dict[str, frozenset[str]]
    owned_relation: re.Pattern[str]
    names: frozenset[str]
    names_with_capital: frozenset[str]
    abbreviations: frozenset[str]
    no_names: frozenset[str]
    no_name_form: re.Pattern[str]
    suffixes: tuple[str, ...]

    def is_relation(self, word: str) -> bool:
        return word in self.between["relations"] or bool(self.owned_relation.fullmatch(word))

    def is_name(self, word: str, capital: bool) -> bool:
        word = word.casefold()
        if word in self.names or (capital and word in self.names_with_capital):
            return True
        stems = (word.removesuffix(suffix) for suffix in self.suffixes if word.endswith(suffix))
        return not (
            word in self.no_names
            or self.no_name_form.fullmatch(word)
            or any(len(stem) >= 4 and stem in self.no_names for stem in stems)
        )


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    data = _load("names")
    between = {kind: frozenset(words.split()) for kind, words in data["between"].items()}
    no_name, too = data["no_name"], data["names_too"]
    return _Vocabulary(
        announcement=_announcement({kind: _any(words) for kind, words in data["announcing"].items()}),
        between=between,
        owned_relation=re.compile(f"({_any(data['between']['relations'])})({_any(data['between']['of_relation'])})"),
        names=frozenset(too["always"].split()),
        names_with_capital=frozenset(too["capital"].split()),
        abbreviations=frozenset(data["abbreviations"].split()),
        no_names=_strings(no_name["words"], no_name["places"], data["announcing"], *map(_load, EVERYDAY)),
        no_name_form=re.compile("|".join(no_name["forms"])),
        suffixes=tuple(no_name["suffixes"].split()),
    )


def _load(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return data


def _any(words: str) -> str:
    longest_first = sorted(words.split(), key=len, reverse=True)
    return "|".join(re.escape(word).replace("_", r"\s+") for word in longest_first)


def _announcement(kinds: dict[str, str]) -> re.Pattern[str]:
    kinds["introducing"] = rf"(?:{kinds['introducing']})\W{{1,3}}(?:{kinds['self']})"
    return re.compile(r"(?<![\w.])(?:" + "|".join(f"(?P<{k}>{v})" for k, v in kinds.items()) + r")(?!\w)", re.I)


def _strings(*data: Any) -> frozenset[str]:
    """All words that stand anywhere in data, keys too."""
    found: set[str] = set()
    for node in data:
        if isinstance(node, dict):
            found |= _strings(*node, *node.values())
        else:
            found.update(str(node).split())
    return frozenset(found)


class _Reading:
    """One text and what has been read of it."""

    def __init__(self, text: str):
        self._text = text
        self._known = _vocabulary()
        self._mixed = not text.isupper()

    def names(self) -> Iterator[tuple[int, int]]:
        """Begin and end of each name."""
        at, spoken_of = 0, False
        while announced := self._known.announcement.search(self._text, at):
            at, kind = announced.end(), str(announced.lastgroup)
            spoken_of |= kind in _RELATED
            if kind in ("written", "corrected") and not spoken_of:
                continue
            start = self._begin(announced, kind)
            while start is not None and (end := self._end(start)):
                yield start, end
                at, start = end, self._joined(end)

    def _begin(self, announced: re.Match[str], kind: str) -> int | None:
        """Where the name must begin that was announced; None when words are missing that would make it one."""
        between, at = self._known.between, announced.end()
        sure = kind in _SURE or (kind == "bare" and self._opens_line(announced.start()))
        owned = kind not in _RELATED
        for _ in range(_BETWEEN):
            gap = _GAP.match(self._text, at)
            word = _WORD.match(self._text, gap.end()) if gap else None
            if not gap or not word:
                return None
            said, capital = word.group().casefold(), self._capital(word)
            sure = sure or (bool(gap["mark"]) and kind != "self")
            if gap["comma"] and not (capital and kind in _RELATED):
                return None
            if not owned and self._known.is_relation(said) and not (capital and said in self._known.names):
                owned, sure = said not in between["relations"], sure or kind == "bare"
            elif said in between["owners"]:
                owned, sure = True, sure or kind == "bare"
            elif said in between["titles"]:
                sure = sure or kind == "self"
            elif said not in between["copulas"] and said not in between["documents"]:
                return word.start() if sure or (kind != "self" and capital) else None
            at = word.end() + (said in self._known.abbreviations and self._text.startswith(".", word.end()))
        return None

    def _opens_line(self, at: int) -> bool:
        return not self._text[self._text.rfind("\n", 0, at) + 1 : at].strip(" -*•\t")

    def _capital(self, word: re.Match[str]) -> bool:
        return self._mixed and word.group()[0].isupper()

    def _end(self, start: int) -> int | None:
        end, at = None, start
        for _ in range(LONGEST):
            word = _WORD.match(self._text, at)
            if not word or not self._known.is_name(word.group(), self._capital(word)):
                break
            end = at = word.end()
            if self._text.startswith(".", at) and word.group().casefold() in self._known.abbreviations:
                at += 1
            blank = _BLANK.match(self._text, at)
            if blank and blank.end() > end:
                at = blank.end()
            elif at == end:
                break
        return end

    def _joined(self, end: int) -> int | None:
        """Where a second name begins: "Budi dan Bu Ani"."""
        blank = _BLANK.match(self._text, end)
        word = _WORD.match(self._text, blank.end()) if blank else None
        if not word or word.group().casefold() not in self._known.between["joining"]:
            return None
        while word and word.group().casefold() in self._known.between["joining"] | self._known.between["titles"]:
            blank = _BLANK.match(self._text, word.end())
            word = _WORD.match(self._text, blank.end()) if blank else None
        return word.start() if word else None

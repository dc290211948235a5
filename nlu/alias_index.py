"""Finds aliases in a message in spite of typos, Javanese suffixes and spelling variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlu.lexicon import Lexicon
from nlu.text import words

_SUFFIXES = ("nipun", "ipun", "nya", "ne", "ku", "mu", "e")
_MOST_REMEMBERED = 20_000
_MIN_FUZZY = 6
"""Shorter words must be spelled right: one letter changes too many of them into others."""


@dataclass(frozen=True)
class Hit:
    """An alias found: `letters` and `words` of it matched, at characters start to end."""

    target: str
    start: int
    end: int
    letters: int
    exact: bool
    words: int


def key(word: str) -> str:
    """A word without what spelling and suffixes change: "aktene", "akta" are one; so are "kelairan", "kelahiran"."""
    word = word.replace("dh", "d").replace("th", "t").replace("h", "")
    for _ in range(2):
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                word = word[: -len(suffix)]
                break
    if len(word) > 3 and word[-1] in "aeo":
        word = word[:-1]
    return word.replace("o", "a").replace("y", "i")


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))} | {word}


class AliasIndex:
    """Aliases by target id; built once, searched in time linear in the message."""

    def __init__(self, aliases: Mapping[str, Iterable[str]], lexicon: Lexicon):
        self._lexicon = lexicon
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._near: dict[str, set[str]] = {}
        vocabulary: set[str] = set()
        for target, phrases in aliases.items():
            for phrase in phrases:
                parts = tuple(key(self._lexicon.spelling(w)) for w, _, _ in words(phrase))
                if parts:
                    self._by_first.setdefault(parts[0], []).append((parts, target))
                    vocabulary.update(parts)
        self._vocabulary = vocabulary
        self._read: dict[str, dict[str, bool]] = {}
        for word in vocabulary:
            if len(word) >= _MIN_FUZZY:
                for variant in _deletions(word):
                    self._near.setdefault(variant, set()).add(word)

    def find(self, text: str) -> list[Hit]:
        """All hits that do not lie inside a longer hit of another target, longest first."""
        tokens = [(self._readings(w), start, end) for w, start, end in words(text)]
        hits: dict[tuple[str, int, int], Hit] = {}
        for i, (readings, start, _) in enumerate(tokens):
            for reading, exact in readings.items():
                for parts, target in self._by_first.get(reading, ()):
                    if found := self._follow(tokens, i, parts):
                        last, all_exact = found
                        end = tokens[last][2]
                        letters = sum(map(len, parts))
                        hit = Hit(target, start, end, letters, exact and all_exact, len(parts))
                        old = hits.get((target, start, end))
                        if old is None or (hit.exact, hit.letters) > (old.exact, old.letters):
                            hits[target, start, end] = hit
        ordered = sorted(hits.values(), key=lambda h: (-h.letters, not h.exact, h.start, h.target))
        kept: list[Hit] = []
        for hit in ordered:
            if not any(k.start <= hit.start and hit.end <= k.end and k.letters > hit.letters for k in kept):
                kept.append(hit)
        return kept

    def _readings(self, word: str) -> dict[str, bool]:
        """Words of the vocabulary that a written word may stand for, and whether it is spelled so."""
        if word not in self._read:
            if len(self._read) > _MOST_REMEMBERED:
                self._read.clear()
            self._read[word] = self._look_up(word)
        return self._read[word]

    def _look_up(self, word: str) -> dict[str, bool]:
        plain = key(self._lexicon.spelling(word))
        if plain in self._vocabulary:
            return {plain: True}
        if len(plain) < _MIN_FUZZY - 1 or not plain.isalpha():
            return {}
        near: set[str] = set()
        for variant in _deletions(plain):
            near |= self._near.get(variant, set())
        return {n: False for n in near if abs(len(n) - len(plain)) <= 1 and n[0] == plain[0]}

    def _follow(
        self, tokens: list[tuple[dict[str, bool], int, int]], i: int, parts: tuple[str, ...]
    ) -> tuple[int, bool] | None:
        """Position of the last word of an alias that begins at token i, and whether the rest is spelled right."""
        exact = True
        for part in parts[1:]:
            for step in (1, 2):
                j = i + step
                if j < len(tokens) and part in tokens[j][0]:
                    exact = exact and tokens[j][0][part] and step == 1
                    i = j
                    break
            else:
                return None
        return i, exact

"""The project's own word lists (`data/lexicon/*.yml`): spellings, and Javanese words with their Indonesian sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.text import even_out, fold

FOLDER = Path(__file__).resolve().parent.parent / "data" / "lexicon"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Affixes:
    """Prefixes and suffixes of both languages, and the letters that a nasal prefix may have swallowed."""

    prefixes: tuple[str, ...] = ("",)
    suffixes: tuple[str, ...] = ()
    nasals: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Affixes:
        return cls((*data["prefixes"].split(), ""), tuple(data["suffixes"].split()), data["nasals"])

    def stems(self, word: str) -> list[str]:
        """What a word may be without prefix and suffix, the fewest letters taken off first."""
        if not word.isalpha():
            return []
        found: set[str] = set()
        for stem in (word, *(word.removesuffix(s) for s in self.suffixes if word.endswith(s))):
            for prefix in self.prefixes:
                if stem.startswith(prefix) and len(stem) - len(prefix) >= 3:
                    rest = stem[len(prefix) :]
                    found.update((rest, *(letter + rest for letter in self.nasals.get(prefix, ""))))
        return sorted(found - {word}, key=lambda s: (-len(s), s))


class Lexicon:
    """Spellings (`yg` is `yang`) and glosses (`pinten`, `piro` are `berapa`) by evened-out word."""

    def __init__(
        self,
        spellings: dict[str, str],
        glosses: dict[str, str],
        ngoko: set[str],
        krama: set[str],
        roots: set[str],
        topics: dict[str, list[str]],
        everyday: dict[str, set[str]],
        affixes: Affixes,
    ):
        self._spellings = spellings
        self._glosses = glosses
        self.ngoko = ngoko
        self.krama = krama
        self._affixes = affixes
        self._topics = topics
        self.everyday = everyday
        """Words by `jv_ngoko`, `jv_krama` and `id` that only tell the languages apart."""
        self._roots = {root: root for root in {*glosses.values(), *roots}} | glosses
        self._roots |= {v: self._roots.get(s, s) for v, s in spellings.items() if v not in self._roots}
        self._known: dict[str, str] = {}

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Lexicon:
        """Read all files of a folder; a folder without files gives an empty lexicon."""
        spellings: dict[str, str] = {}
        glosses: dict[str, str] = {}
        ngoko: set[str] = set()
        krama: set[str] = set()
        roots: set[str] = set()
        topics: dict[str, list[str]] = {}
        everyday: dict[str, set[str]] = {}
        affixes = Affixes()
        for path in sorted(folder.glob("*.yml")):
            data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
            for standard, variants in (data.get("spellings") or {}).items():
                spellings.update((even_out(v), even_out(standard)) for v in variants.split())
            for level, known in (("ngoko", ngoko), ("krama", krama)):
                for sense, variants in (data.get(level) or {}).items():
                    for variant in variants.split():
                        glosses[even_out(variant)] = even_out(sense)
                        known.add(even_out(variant))
            for sense, variants in (data.get("senses") or {}).items():
                for variant in variants.split():
                    glosses.setdefault(even_out(variant), even_out(sense))
            for topic, members in (data.get("topics") or {}).items():
                for member in members.split():
                    topics.setdefault(even_out(member), []).append(topic)
            if "affixes" in data:
                affixes = Affixes.read(data["affixes"])
            for level, members in (data.get("words") or {}).items():
                everyday.setdefault(level, set()).update(map(fold, members.split()))
            roots.update(map(even_out, (data.get("roots") or "").split()))
        return cls(spellings, glosses, ngoko - krama, krama - ngoko, roots, topics, everyday, affixes)

    def spelling(self, word: str) -> str:
        """The evened-out, usual spelling of a word: "yg" gives "yang"."""
        word = even_out(word)
        return self._spellings.get(word, word)

    def is_javanese(self, word: str) -> bool:
        """Whether a word as written stands in the Javanese lists, of one level only."""
        return word in self.ngoko or word in self.krama

    def topics(self, word: str) -> list[str]:
        """Topics that a word gives away, e.g. `kota_lain`; mostly none."""
        return self._topics.get(word) or self._topics.get(self.gloss(word), [])

    def gloss(self, word: str) -> str:
        """The Indonesian sense of a word, seen through affixes: "dipendhet" and "njupuk" give "ambil"."""
        word = self.spelling(word)
        if (known := self._roots.get(word)) is not None:
            return known
        if word not in self._known:
            if len(self._known) > 20_000:
                self._known.clear()
            self._known[word] = next((self._roots[s] for s in self._affixes.stems(word) if s in self._roots), word)
        return self._known[word]


@lru_cache(maxsize=4)
def lexicon(folder: Path = FOLDER) -> Lexicon:
    """The lexicon of a folder, read once per process."""
    return Lexicon.load(folder)

"""Words that the training sentences, the lexicons and the catalogue know; without Rasa, for the worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.alias_index import AliasIndex
from nlu.catalogue_names import CatalogueNames
from nlu.lexicon import lexicon
from nlu.text import even_out, words
from settings import ROOT

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SOURCES = ("data/nlu", "data/lexicon", "data/catalogue")
_MASK = re.compile(r"\[(?:nik|telepon|nama)\]")
_SHORTEST = 4
"""Letters of a word that counts as new: shorter ones are mostly slips."""


class Vocabulary:
    """What is known at one moment of the project's data."""

    def __init__(self, root: Path):
        self._lexicon = lexicon()
        texts = (text for source in _SOURCES for path in sorted((root / source).glob("*.yml")) for text in _texts(path))
        self._known = {form for text in texts for word, _, _ in words(text) for form in self._forms(word)}
        names = CatalogueNames.read(root / "data" / "catalogue")
        self._services = AliasIndex({**names.services, **names.groups}, self._lexicon)

    def _forms(self, word: str) -> set[str]:
        return {even_out(word), self._lexicon.gloss(word)}

    def new_words(self, text: str) -> list[str]:
        """Words of a text that stand nowhere, in no spelling and with no affix that the lexicon knows."""
        found = [word for word, _, _ in words(_MASK.sub(" ", text)) if word.isalpha() and len(word) >= _SHORTEST]
        return [word for word in found if self._known.isdisjoint(self._forms(word))]

    def names_service(self, text: str) -> bool:
        """Whether a text has a service's name or alias in it, spelled right."""
        return any(hit.exact for hit in self._services.find(text))


def _texts(path: Path) -> Iterator[str]:
    return _strings(yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER))


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(node, list):
        for one in node:
            yield from _strings(one)
    elif node is not None:
        yield str(node)


def vocabulary(root: Path = ROOT) -> Vocabulary:
    """The vocabulary of the files as they lie there now; read again only when one has changed."""
    files = [path for source in _SOURCES for path in sorted((root / source).glob("*.yml"))]
    return _read(root, tuple((path.name, (stat := path.stat()).st_mtime_ns, stat.st_size) for path in files))


@lru_cache(maxsize=1)
def _read(root: Path, _stamp: tuple[tuple[str, int, int], ...]) -> Vocabulary:
    return Vocabulary(root)

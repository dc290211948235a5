"""Word and character n-grams of a tokenized message, with tf-idf weights, served by dictionary and numpy alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import sparse

_DIGIT = re.compile(r"\d")
_MOST_PAIRED = 60
"""A longer message is cut for pairs, whose number grows with the square of its length."""


def terms(
    norms: Sequence[str],
    senses: Sequence[str],
    marks: Sequence[str] = (),
    topics: Sequence[str] = (),
    *,
    word_length: int = 2,
    characters: tuple[int, int] = (2, 5),
    kinds: str = "wcsdkmt",
) -> dict[str, list[str]]:
    """n-grams by kind: `w` words, `c` characters inside words, `s` senses, `d` characters inside senses, `k` pairs of
    senses anywhere in the message, `m` marks, `t` topics.

    `norms` are evened-out spellings, `senses` their Indonesian senses, `marks` names of other findings
    ("case_number"), `topics` what single words give away ("kota_lain").
    """
    norms = [_DIGIT.sub("0", n) for n in norms]
    senses = [_DIGIT.sub("0", s) for s in senses]
    found: dict[str, list[str]] = {}
    if "w" in kinds:
        found["w"] = _word_grams(norms, word_length)
    if "c" in kinds:
        found["c"] = _character_grams(norms, *characters)
    if "s" in kinds:
        found["s"] = _word_grams(senses, word_length)
    if "d" in kinds:
        found["d"] = _character_grams(senses, *characters)
    if "k" in kinds:
        different = sorted(set(senses))[:_MOST_PAIRED]
        found["k"] = [f"{one}|{other}" for one, other in combinations(different, 2)]
    if "m" in kinds:
        found["m"] = list(marks)
    if "t" in kinds:
        found["t"] = list(topics)
    return found


def _character_grams(words: Sequence[str], low: int, high: int) -> list[str]:
    return [gram for word in words for gram in _grams_of_word(word, low, high)]


@lru_cache(maxsize=20_000)
def _grams_of_word(word: str, low: int, high: int) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[i : i + n] for n in range(low, high + 1) for i in range(len(padded) - n + 1))


def _word_grams(tokens: Sequence[str], length: int) -> list[str]:
    padded = ["<", *tokens, ">"]
    grams = list(tokens)
    for n in range(2, length + 1):
        grams += [" ".join(padded[i : i + n]) for i in range(len(padded) - n + 1)]
    return grams


class Ngrams:
    """A fitted vocabulary with idf weights; each kind of n-gram is normalized by itself, so none drowns the others."""

    def __init__(self, index: dict[str, dict[str, int]], idf: np.ndarray):
        self._index = index
        self._idf = idf

    @property
    def size(self) -> int:
        return len(self._idf)

    @classmethod
    def fit(cls, documents: Iterable[dict[str, list[str]]], *, min_count: int = 2) -> Ngrams:
        """Vocabulary of n-grams that occur in at least `min_count` documents."""
        counts: dict[str, Counter[str]] = {}
        total = 0
        for document in documents:
            total += 1
            for kind, grams in document.items():
                counts.setdefault(kind, Counter()).update(set(grams))
        index: dict[str, dict[str, int]] = {}
        idf: list[float] = []
        for kind in sorted(counts):
            index[kind] = {}
            for gram, count in sorted(counts[kind].items()):
                if count >= min_count:
                    index[kind][gram] = len(idf)
                    idf.append(float(np.log((1 + total) / (1 + count)) + 1))
        return cls(index, np.asarray(idf, dtype=np.float32))

    def weights(self, document: dict[str, list[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Feature numbers and their weights (float32), for one document."""
        numbers: list[int] = []
        values: list[np.ndarray] = []
        for kind, grams in document.items():
            find = self._index.get(kind, {}).get
            count = Counter(number for number in map(find, grams) if number is not None)
            if not count:
                continue
            numbers.extend(count)
            ids = np.fromiter(count, dtype=np.int64, count=len(count))
            tf = 1 + np.log(np.fromiter(count.values(), dtype=np.float32, count=len(count)))
            weight = tf * self._idf[ids]
            values.append(weight / np.linalg.norm(weight))
        if not numbers:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        return np.asarray(numbers, dtype=np.int64), np.concatenate(values).astype(np.float32)

    def matrix(self, documents: Iterable[dict[str, list[str]]]) -> sparse.csr_matrix:
        """Documents as rows (n, size), float32."""
        pointers, columns, values = [0], [], []
        for document in documents:
            ids, weight = self.weights(document)
            columns.append(ids)
            values.append(weight)
            pointers.append(pointers[-1] + len(ids))
        data = (np.concatenate(values), np.concatenate(columns), np.asarray(pointers))
        return sparse.csr_matrix(data, shape=(len(pointers) - 1, self.size))

    def save(self, folder: Path, name: str) -> None:
        """Write NAME.json and NAME.npy."""
        text = json.dumps({k: list(v) for k, v in self._index.items()}, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
        np.save(folder / f"{name}.npy", self._idf)

    @classmethod
    def load(cls, folder: Path, name: str) -> Ngrams:
        kinds = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        index: dict[str, dict[str, int]] = {}
        start = 0
        for kind, grams in kinds.items():
            index[kind] = {gram: number for number, gram in enumerate(grams, start)}
            start += len(grams)
        return cls(index, np.load(folder / f"{name}.npy"))

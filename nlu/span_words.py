"""Which words of a message name or imply a label, learned from the words that people annotated."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

_UNLIKELY = -1.5


class SpanWords:
    """Log odds of a word (by its sense) standing inside an annotation of a label, rather than outside of any."""

    def __init__(self, odds: dict[str, dict[str, float]]):
        self._odds = odds

    @classmethod
    def fit(cls, examples: Iterable[tuple[str, Sequence[str], Sequence[str]]]) -> SpanWords:
        """From (label, senses of the annotated words, senses of the other words)."""
        inside: defaultdict[str, Counter[str]] = defaultdict(Counter)
        outside: Counter[str] = Counter()
        for label, named, others in examples:
            inside[label].update(named)
            outside.update(others)
        total = sum(outside.values()) or 1
        odds: dict[str, dict[str, float]] = {}
        for label, counts in inside.items():
            size = sum(counts.values())
            odds[label] = {
                word: round(math.log((count / size) / ((outside[word] + 2) / total)), 3)
                for word, count in sorted(counts.items())
            }
        return cls(odds)

    def best_run(self, label: str, senses: Sequence[str]) -> tuple[int, int]:
        """First and last position of the run of words that speaks most for a label."""
        known = self._odds.get(label, {})
        best, best_sum, start, total = (0, 0), -math.inf, 0, 0.0
        for i, sense in enumerate(senses):
            if total <= 0:
                start, total = i, 0.0
            total += known.get(sense, _UNLIKELY)
            if total > best_sum:
                best, best_sum = (start, i), total
        return best

    def save(self, folder: Path, name: str) -> None:
        (folder / f"{name}.json").write_text(json.dumps(self._odds, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> SpanWords:
        return cls(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))

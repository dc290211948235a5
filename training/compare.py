"""Compares a new model with the active one, on messages that neither was trained on and in whole conversations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import confusion_matrix, f1_score

from errors import ModelError
from settings import ROOT
from training.evaluate import Parser, read_rows, score, understood
from training.examples import LEARNT_HELDOUT

HAND_WRITTEN = "tests/nlu/heldout.jsonl"
"""Labelled messages that were written for measuring; LEARNT_HELDOUT are set aside from what citizens wrote."""
BITE = 20
"""Messages understood at a time."""
MOST_LABELS = 25
"""Intents that the confusion matrix tells apart; the others share one line."""
OTHERS = "lainnya"

Results = list[dict[str, Any]]
"""What a model understood of each line."""


def read_lines(root: Path = ROOT, say: Callable[[str], None] = print) -> list[dict[str, Any]]:
    """The labelled messages; those that citizens wrote have `learnt`. Raises ModelError where there are none."""
    rows = []
    for file in (HAND_WRITTEN, LEARNT_HELDOUT):
        path = root / file
        if not path.exists():
            continue
        try:
            found, problems = read_rows(path.read_text(encoding="utf-8").splitlines(), file)
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"{path} cannot be read: {error}") from error
        rows += [{**row, "learnt": file == LEARNT_HELDOUT} for row in found]
        for problem in problems:
            say(problem)
    if not rows:
        raise ModelError(f"{root / HAND_WRITTEN} holds no labelled message: there is nothing to compare models with")
    return rows


def parse(rows: Sequence[dict[str, Any]], parser: Parser, progress: Callable[[float], None]) -> Results:
    """What a model understands of each row, a few at a time; `progress` is told the share that is done."""
    parsed: Results = []
    for start in range(0, len(rows), BITE):
        parsed += parser.parse([row["text"] for row in rows[start : start + BITE]])
        progress(len(parsed) / len(rows))
    return parsed


def report(rows: list[dict[str, Any]], candidate: Results, active: Results | None) -> dict[str, Any]:
    """All that is told of two models beside their names and conversations; every figure of `active` may be None.

    {"lines", "overall", "languages", "intents", "confusion", "fixed", "broken"}.
    """
    results = {"active": active, "candidate": candidate}
    return {
        "lines": len(rows),
        **_accuracies(rows, results),
        "intents": _intents(rows, results),
        "confusion": _confusion(rows, results),
        **_flips(rows, candidate, active),
    }


def _accuracies(rows: list[dict[str, Any]], results: dict[str, Results | None]) -> dict[str, Any]:
    scores = {name: score(rows, parsed) if parsed is not None else None for name, parsed in results.items()}
    languages = sorted({row.get("lang") or "unknown" for row in rows})
    return {
        "overall": {name: _figures(found) if found else None for name, found in scores.items()},
        "languages": {
            language: {name: _figures(found["by_lang"][language]) if found else None for name, found in scores.items()}
            for language in languages
        },
    }


def _figures(scores: dict[str, Any]) -> dict[str, Any]:
    return {key: scores[key] for key in ("lines", "intent_accuracy", "service_accuracy", "both_accuracy")}


def _names(parsed: Results) -> list[str]:
    return [str(result["intent"]["name"]) for result in parsed]


def _intents(rows: list[dict[str, Any]], results: dict[str, Results | None]) -> dict[str, dict[str, Any]]:
    """F1 of each intent that has a line."""
    expected = [row["intent"] for row in rows]
    labels = sorted(set(expected))
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for label in labels:
        found[label]["lines"] = expected.count(label)
    for name, parsed in results.items():
        values: Sequence[float | None] = [None] * len(labels)
        if parsed is not None:
            values = f1_score(expected, _names(parsed), labels=labels, average=None, zero_division=0).round(4).tolist()
        for label, value in zip(labels, values, strict=True):
            found[label][name] = value
    return dict(found)


def _confusion(rows: list[dict[str, Any]], results: dict[str, Results | None]) -> dict[str, Any]:
    """Counts by expected (row) and understood (column) intent; only the most confused have a line of their own."""
    expected = [row["intent"] for row in rows]
    names = {name: _names(parsed) for name, parsed in results.items() if parsed is not None}
    mistakes = dict.fromkeys(sorted({*expected, *(n for found in names.values() for n in found)}), 0)
    for found in names.values():
        for right, said in zip(expected, found, strict=True):
            if right != said:
                mistakes[right] += 1
                mistakes[said] += 1
    labels = sorted(sorted(mistakes, key=lambda label: -mistakes[label])[:MOST_LABELS])
    if len(labels) < len(mistakes):
        labels.append(OTHERS)

    def own(values: list[str]) -> list[str]:
        return [value if value in labels else OTHERS for value in values]

    return {
        "labels": labels,
        **{
            name: confusion_matrix(own(expected), own(names[name]), labels=labels).tolist() if name in names else None
            for name in results
        },
    }


def _flips(rows: list[dict[str, Any]], candidate: Results, active: Results | None) -> dict[str, list[dict[str, Any]]]:
    """The messages whose intent and service are right now and were not, and the other way round."""
    flips: dict[str, list[dict[str, Any]]] = {"fixed": [], "broken": []}
    if active is None:
        return flips
    for row, before, after in zip(rows, active, candidate, strict=True):
        was, now = understood(row, before), understood(row, after)
        if was.right != now.right:
            flips["fixed" if now.right else "broken"].append(
                {
                    "text": row["text"],
                    "lang": row.get("lang"),
                    "expected": was.expected,
                    "was": was.said,
                    "now": now.said,
                    "learnt": row["learnt"],
                }
            )
    return flips

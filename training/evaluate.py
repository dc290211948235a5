"""Parses texts with a trained model, and scores a file of labelled messages."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from errors import ModelError

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
_SERVICE_KINDS = ("service", "service_group", "agency")


class Parser(Protocol):
    """What can be scored: a model, or anything else that understands texts."""

    def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """One dictionary a text: text, intent {name, confidence}, intent_ranking, entities, language."""
        ...


class RasaParser:
    """The understanding of a trained Rasa model, without its dialogue."""

    def __init__(self, processor: Any):
        self._processor = processor

    def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """Parse texts in order. The entity `speech` is left out: `language` says the same and more."""
        from rasa.core.channels.channel import UserMessage

        async def parse_all() -> list[dict[str, Any]]:
            return [await self._processor.parse_message(UserMessage(text)) for text in texts]

        return [_printed(text, parsed) for text, parsed in zip(texts, asyncio.run(parse_all()), strict=True)]


def _printed(text: str, parsed: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": text,
        "intent": parsed["intent"],
        "intent_ranking": parsed.get("intent_ranking", []),
        "entities": [e for e in parsed["entities"] if e["entity"] != "speech"],
        "language": parsed.get("language"),
    }


def load_parser(model: Path) -> RasaParser:
    """The understanding of a model file (`*.tar.gz`). Raises ModelError where it cannot be loaded."""
    if "rasa" not in sys.modules:
        from engine import without_tensorflow

        without_tensorflow()
    from rasa.core.agent import Agent
    from rasa.exceptions import ModelNotFound
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    try:
        agent = Agent.load(str(model))
    except ModelNotFound as error:
        raise ModelError(f"{model}: no model lies there; train one with `sapa train`") from error
    if agent.processor is None:
        raise ModelError(f"{model}: not a model that can be loaded; train it anew with `sapa train --force`")
    return RasaParser(agent.processor)


def evaluate_file(file: Path, parser: Parser, *, with_errors: bool = False) -> tuple[dict[str, Any], list[str]]:
    """Score JSON lines {"text", "lang", "style", "intent", "service", "agency", "entities", "ambiguous"}.

    Returns the report and one sentence for each line that could not be used; such lines are left out of every figure.
    """
    rows, problems = read_rows(file.read_text(encoding="utf-8").splitlines(), str(file))
    parsed = parser.parse([row["text"] for row in rows])
    report = score(rows, parsed, with_errors=with_errors)
    report["skipped"] = len(problems)
    return report, problems


def read_rows(lines: Iterable[str], name: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Usable rows, and a sentence for each line that is none. Empty lines are passed over."""
    rows, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows.append({**_checked(json.loads(line)), "line": number})
        except ValueError as error:
            problems.append(f"{name}: line {number} is skipped: {error}")
    return rows, problems


def _checked(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise ValueError("is not a JSON object")
    for field in ("text", "intent"):
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise ValueError(f"field {field} must be a text that is not empty")
    for field in ("lang", "style", "service", "agency"):
        if not isinstance(row.get(field), str | None):
            raise ValueError(f"field {field} must be a text or null")
    for field in ("entities", "ambiguous"):
        if not isinstance(row.get(field), list | None):
            raise ValueError(f"field {field} must be a list or null")
    if not all(isinstance(e, dict) and isinstance(e.get("entity"), str) for e in row.get("entities") or []):
        raise ValueError('field entities must hold objects like {"entity": "amount", "text": "4,5jt"}')
    return row


def score(rows: list[dict[str, Any]], parsed: list[dict[str, Any]], *, with_errors: bool = False) -> dict[str, Any]:
    """Accuracies of intent, service, both, agency and language: over all, by lang, by style; out of scope; entities.

    Every accuracy is a share from 0 to 1, or null where there is no line to measure it on.
    """
    marks = [_marks(row, result) for row, result in zip(rows, parsed, strict=True)]
    report: dict[str, Any] = {"lines": len(rows), **_accuracies(marks)}
    for field in ("lang", "style"):
        parts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row, mark in zip(rows, marks, strict=True):
            parts[row.get(field) or "unknown"].append(mark)
        report[f"by_{field}"] = {k: {"lines": len(v), **_accuracies(v)} for k, v in sorted(parts.items())}
    report["out_of_scope"] = _out_of_scope(rows, parsed)
    report["entities"] = _entity_report(rows, parsed)
    if with_errors:
        report["errors"] = list(_errors(rows, parsed, marks))
    return report


def _marks(row: dict[str, Any], result: dict[str, Any]) -> dict[str, bool | None]:
    intent = result["intent"]["name"] == row["intent"]
    service = _service_right(row, result)
    language = (result.get("language") or {}).get("name")
    return {
        "intent": intent,
        "service": service,
        "both": intent and service,
        "agency": _first(result, "agency") == row.get("agency"),
        "language": language == row["lang"] if row.get("lang") in ("id", "jv") and language else None,
    }


@dataclass(frozen=True)
class Understood:
    """Intent and service of one line, as "intent" or "intent: service"."""

    expected: str
    said: str
    right: bool
    """By the same rule as `both_accuracy`."""


def understood(row: dict[str, Any], result: dict[str, Any]) -> Understood:
    """What was to be understood of a labelled message, and what was."""
    services = " / ".join(row.get("ambiguous") or []) or row.get("service")
    return Understood(
        expected=": ".join(filter(None, (row["intent"], services))),
        said=": ".join(filter(None, (result["intent"]["name"], _first(result, "service")))),
        right=bool(_marks(row, result)["both"]),
    )


def _service_right(row: dict[str, Any], result: dict[str, Any]) -> bool:
    found = _first(result, "service")
    if row.get("ambiguous"):
        return found is None or found in row["ambiguous"]
    return found == row.get("service")


def _first(result: dict[str, Any], kind: str) -> str | None:
    return next((e["value"] for e in result["entities"] if e["entity"] == kind), None)


def _accuracies(marks: list[dict[str, Any]]) -> dict[str, float | None]:
    return {
        f"{kind}_accuracy": _share(bool(m[kind]) for m in marks if m[kind] is not None)
        for kind in ("intent", "service", "both", "agency", "language")
    }


def _share(hits: Iterable[bool]) -> float | None:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else None


def _out_of_scope(rows: list[dict[str, Any]], parsed: list[dict[str, Any]]) -> dict[str, Any]:
    """`found`: share of foreign messages claimed to be foreign; `asked_back`: share of all met with nlu_fallback."""
    names = [result["intent"]["name"] for result in parsed]
    foreign = [name for row, name in zip(rows, names, strict=True) if row["intent"] == OUT_OF_SCOPE]
    own = [name for row, name in zip(rows, names, strict=True) if row["intent"] != OUT_OF_SCOPE]
    return {
        "lines": len(foreign),
        "found": _share(n == OUT_OF_SCOPE for n in foreign),
        "found_or_asked_back": _share(n in (OUT_OF_SCOPE, FALLBACK) for n in foreign),
        "wrongly_claimed": _share(n == OUT_OF_SCOPE for n in own),
        "asked_back": _share(n == FALLBACK for n in own),
    }


def _entity_report(rows: list[dict[str, Any]], parsed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By kind: how many expected and predicted, and of both how many agree in kind and words (or overlap in words)."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row, result in zip(rows, parsed, strict=True):
        open_ = [e for e in result["entities"] if e["entity"] not in _SERVICE_KINDS]
        for entity in open_:
            counts[entity["entity"]]["predicted"] += 1
        for expected in (e for e in row.get("entities") or [] if e["entity"] not in _SERVICE_KINDS):
            kind = expected["entity"]
            counts[kind]["expected"] += 1
            words = _words(row["text"], expected)
            same = [e for e in open_ if e["entity"] == kind]
            exact = next((e for e in same if _words(row["text"], e) == words), None)
            near = exact or next((e for e in same if _overlap(_words(row["text"], e), words)), None)
            if near:
                open_.remove(near)
                counts[kind]["overlapping"] += 1
                counts[kind]["exact"] += exact is not None
    kinds = ("expected", "predicted", "exact", "overlapping")
    return {kind: {k: counts[kind][k] for k in kinds} for kind in sorted(counts)}


def _words(text: str, entity: dict[str, Any]) -> str:
    if isinstance(entity.get("start"), int) and isinstance(entity.get("end"), int):
        return " ".join(text[entity["start"] : entity["end"]].casefold().split())
    return " ".join(str(entity.get("text", entity.get("value", ""))).casefold().split())


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _errors(
    rows: list[dict[str, Any]], parsed: list[dict[str, Any]], marks: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for row, result, mark in zip(rows, parsed, marks, strict=True):
        wrong = [kind for kind in ("intent", "service", "agency", "language") if mark[kind] is False]
        if wrong:
            yield {
                "line": row["line"],
                "text": row["text"],
                "lang": row.get("lang"),
                "style": row.get("style"),
                "wrong": wrong,
                "expected": {k: row.get(k) for k in ("intent", "service", "agency", "ambiguous")},
                "got": {
                    "intent": result["intent"],
                    "service": _first(result, "service"),
                    "service_group": _first(result, "service_group"),
                    "agency": _first(result, "agency"),
                    "language": (result.get("language") or {}).get("name"),
                },
            }

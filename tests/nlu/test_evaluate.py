from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.evaluate import evaluate_file, read_rows, score


def row(**changes: Any) -> dict[str, Any]:
    plain = {"text": "t", "lang": "id", "style": "formal", "intent": "ask_cost", "service": "kia", "agency": None}
    return {**plain, "entities": [], "ambiguous": None, "line": 1, **changes}


def parsed(intent: str = "ask_cost", service: str | None = "kia", **changes: Any) -> dict[str, Any]:
    entities = [{"entity": "service", "value": service}] if service else []
    return {"text": "t", "intent": {"name": intent}, "entities": entities, "language": {"name": "id"}, **changes}


def test_both_need_intent_and_service() -> None:
    report = score([row(), row(), row()], [parsed(), parsed(intent="greet"), parsed(service=None)])
    assert report["intent_accuracy"] == report["service_accuracy"] == 0.6667
    assert report["both_accuracy"] == 0.3333


def test_no_service_expected() -> None:
    report = score([row(service=None), row(service=None)], [parsed(service=None), parsed()])
    assert report["service_accuracy"] == 0.5


def test_ambiguous_any_of_them_or_a_question_back_is_right() -> None:
    rows = [row(service=None, ambiguous=["kia", "ktp_hilang"])] * 3
    results = [parsed(), parsed(service=None), parsed(service="jht")]
    assert score(rows, results)["service_accuracy"] == 0.6667


def test_out_of_scope() -> None:
    rows = [row(intent="out_of_scope", service=None)] * 2 + [row()] * 2
    results = [parsed("out_of_scope", None), parsed("nlu_fallback", None), parsed("out_of_scope", None), parsed()]
    report = score(rows, results)["out_of_scope"]
    assert (report["found"], report["found_or_asked_back"], report["wrongly_claimed"]) == (0.5, 1.0, 0.5)


def test_entities_count_by_words_or_place() -> None:
    rows = [row(text="gaji 4,5jt besok", entities=[{"entity": "amount", "text": "4,5JT"}])]
    results = [parsed(entities=[{"entity": "amount", "start": 5, "end": 10, "value": 4_500_000}])]
    assert score(rows, results)["entities"]["amount"] == {"expected": 1, "predicted": 1, "exact": 1, "overlapping": 1}


def test_bad_lines_are_named_and_skipped(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    good = json.dumps(row())
    file.write_text(f'{good}\nno json\n{{"text": ""}}\n[]\n\n{good}\n', encoding="utf-8")

    class Everything:
        def parse(self, texts: list[str]) -> list[dict[str, Any]]:
            return [parsed() for _ in texts]

    report, problems = evaluate_file(file, Everything())
    assert report["lines"] == 2 and report["skipped"] == 3
    assert [f"line {n}" in p for n, p in zip((2, 3, 4), problems, strict=True)] == [True] * 3


def test_errors_are_listed_when_asked_for() -> None:
    report = score([row()], [parsed(service="jht")], with_errors=True)
    assert report["errors"][0]["wrong"] == ["service"]
    assert report["errors"][0]["got"]["service"] == "jht"


def test_no_lines_give_no_figures() -> None:
    assert score([], [])["both_accuracy"] is None
    assert read_rows([], "x") == ([], [])

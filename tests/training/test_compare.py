"""What is told of two models, from what each understood; and how labelled messages are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import ModelError
from training import compare


def row(intent: str, service: str | None = None, lang: str = "id", **changes: Any) -> dict[str, Any]:
    return {
        "text": f"{intent} {service}",
        "lang": lang,
        "intent": intent,
        "service": service,
        "learnt": False,
        "line": 1,
        **changes,
    }


def result(intent: str, service: str | None = None) -> dict[str, Any]:
    entities = [{"entity": "service", "value": service}] if service else []
    return {"intent": {"name": intent}, "entities": entities, "language": {"name": "id"}}


def report(rows: list[dict], candidate: list[dict], active: list[dict] | None = None) -> dict[str, Any]:
    return compare.report(rows, candidate, active)


def test_accuracies_of_both_models_over_all_and_by_language():
    rows = [row("ask_cost", "kia"), row("ask_cost", "kia", "jv"), row("greet", None, "jv"), row("greet")]
    active = [result("ask_cost", "kia"), result("ask_cost"), result("greet"), result("thank")]
    candidate = [result("ask_cost", "kia"), result("ask_cost", "kia"), result("greet"), result("greet")]
    told = report(rows, candidate, active)
    assert told["lines"] == 4
    assert told["overall"] == {
        "active": {"lines": 4, "intent_accuracy": 0.75, "service_accuracy": 0.75, "both_accuracy": 0.5},
        "candidate": {"lines": 4, "intent_accuracy": 1.0, "service_accuracy": 1.0, "both_accuracy": 1.0},
    }
    assert list(told["languages"]) == ["id", "jv"]
    assert told["languages"]["jv"]["active"] == {
        "lines": 2,
        "intent_accuracy": 1.0,
        "service_accuracy": 0.5,
        "both_accuracy": 0.5,
    }


def test_f1_as_worked_out_by_hand():
    rows = [row("a"), row("a"), row("a"), row("b"), row("b"), row("c")]
    said = [result(name) for name in ("a", "a", "b", "b", "nlu_fallback", "a")]
    intents = report(rows, said, [result(r["intent"]) for r in rows])["intents"]
    # a: precision 2/3, recall 2/3; b: precision 1/2, recall 1/2; c: never said
    assert intents == {
        "a": {"lines": 3, "active": 1.0, "candidate": 0.6667},
        "b": {"lines": 2, "active": 1.0, "candidate": 0.5},
        "c": {"lines": 1, "active": 1.0, "candidate": 0.0},
    }


def test_messages_that_flip_in_intent_or_service():
    rows = [row("ask_cost", "kia"), row("greet", learnt=True), row("ask_cost", "kk"), row("thank")]
    active = [result("ask_cost", "kk"), result("greet"), result("thank"), result("thank")]
    candidate = [result("ask_cost", "kia"), result("nlu_fallback"), result("ask_cost"), result("thank", "kia")]
    told = report(rows, candidate, active)
    assert told["fixed"] == [
        {
            "text": "ask_cost kia",
            "lang": "id",
            "expected": "ask_cost: kia",
            "was": "ask_cost: kk",
            "now": "ask_cost: kia",
            "learnt": False,
        }
    ]
    assert [(flip["expected"], flip["was"], flip["now"], flip["learnt"]) for flip in told["broken"]] == [
        ("greet", "greet", "nlu_fallback", True),
        ("thank", "thank", "thank: kia", False),
    ]


def test_an_ambiguous_message_names_all_that_would_be_right():
    rows = [row("ask_cost", ambiguous=["kia", "kk"])]
    told = report(rows, [result("ask_cost", "kia")], [result("ask_cost", "jht")])
    assert told["fixed"][0]["expected"] == "ask_cost: kia / kk"


def test_without_an_active_model_its_figures_are_absent():
    told = report([row("a"), row("b")], [result("a"), result("a")])
    assert told["overall"]["active"] is None and told["languages"]["id"]["active"] is None
    assert told["intents"]["a"]["active"] is None and told["confusion"]["active"] is None
    assert told["fixed"] == told["broken"] == []


def test_confusion_counts_expected_by_understood():
    rows = [row("a"), row("a"), row("b")]
    told = report(rows, [result("a"), result("b"), result("nlu_fallback")], [result("a"), result("a"), result("b")])
    assert told["confusion"] == {
        "labels": ["a", "b", "nlu_fallback"],
        "active": [[2, 0, 0], [0, 1, 0], [0, 0, 0]],
        "candidate": [[1, 1, 0], [0, 0, 1], [0, 0, 0]],
    }


def test_only_the_most_confused_intents_have_a_line_of_their_own():
    names = [f"i{number:02}" for number in range(compare.MOST_LABELS + 5)]
    rows = [row(name) for name in names] * 2
    said = [result(name) for name in names] + [result(name) for name in names[:5]] + [result("i00")] * (len(names) - 5)
    confusion = report(rows, said)["confusion"]
    assert confusion["labels"][-1] == compare.OTHERS and len(confusion["labels"]) == compare.MOST_LABELS + 1
    assert "i00" in confusion["labels"] and not set(names[1:5]) & set(confusion["labels"]), "those without a mistake"
    assert sum(map(sum, confusion["candidate"])) == len(rows), "no message is lost"


def test_understood_in_bites_and_in_order():
    class Parser:
        bites: list[int] = []

        def parse(self, texts: list[str]) -> list[dict[str, Any]]:
            self.bites.append(len(texts))
            return [result(text) for text in texts]

    rows = [row("x", text=str(number)) for number in range(compare.BITE * 2 + 3)]
    shares: list[float] = []
    parsed = compare.parse(rows, Parser(), shares.append)
    assert [one["intent"]["name"] for one in parsed] == [one["text"] for one in rows]
    assert Parser.bites == [compare.BITE, compare.BITE, 3] and shares[-1] == 1.0 and shares == sorted(shares)


def test_both_files_are_read_and_what_citizens_wrote_is_marked(tmp_path):
    line = {"text": "t", "lang": "id", "style": None, "intent": "greet", "service": None, "agency": None}
    for file in (compare.HAND_WRITTEN, compare.LEARNT_HELDOUT):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(json.dumps(line | {"text": Path(file).stem}) + "\nrusak\n")
    said: list[str] = []
    rows = compare.read_lines(tmp_path, said.append)
    assert [(r["text"], r["learnt"]) for r in rows] == [("heldout", False), ("learnt", True)]
    assert len(said) == 2 and "learnt.jsonl: line 2 is skipped" in said[1]
    (tmp_path / compare.LEARNT_HELDOUT).unlink()
    assert len(compare.read_lines(tmp_path, said.append)) == 1


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_files_with_nothing_to_compare_on(tmp_path, content):
    if content is not None:
        (tmp_path / compare.HAND_WRITTEN).parent.mkdir(parents=True)
        (tmp_path / compare.HAND_WRITTEN).write_bytes(content)
    with pytest.raises(ModelError, match=r"heldout\.jsonl"):
        compare.read_lines(tmp_path, lambda line: None)

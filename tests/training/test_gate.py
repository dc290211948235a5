"""What speaks against a model, by its report."""

from __future__ import annotations

import copy
from typing import Any

from training.gate import FEWEST_LINES, MOST_FALL, objections

REPORT: dict[str, Any] = {
    "model": "b" * 12,
    "active": "a" * 12,
    "lines": 100,
    "overall": {"active": {"both_accuracy": 0.9}, "candidate": {"both_accuracy": 0.9}},
    "intents": {
        "ask_cost": {"lines": FEWEST_LINES, "active": 0.9, "candidate": 0.9 - MOST_FALL},
        "ask_hours": {"lines": FEWEST_LINES - 1, "active": 1.0, "candidate": 0.1},
    },
    "conversations": {
        "active": {"passed": 9, "total": 10, "failed": ["court: siapa"]},
        "candidate": {"passed": 9, "total": 10, "failed": ["court: siapa"]},
    },
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**copy.deepcopy(REPORT), **parts}


def test_as_good_as_the_active_one_may_answer():
    """Also where an intent falls by just the bound, or by more on few lines, and a conversation failed before."""
    assert objections(REPORT, "a" * 12) == []


def test_without_a_comparison_none_may():
    assert "belum dibandingkan" in objections(None, "a" * 12)[0]
    assert "belum dibandingkan" in objections(None, None)[0]


def test_a_comparison_with_a_model_that_answers_no_more_is_none():
    (said,) = objections(REPORT, "c" * 12)
    assert "dibandingkan dengan model lain" in said and "c" * 12 in said
    (said,) = objections(changed(active=None), "c" * 12)
    assert "dibandingkan dengan model lain" in said


def test_nothing_speaks_against_the_first_one():
    assert objections(changed(active=None), None) == []


def test_worse_overall():
    (said,) = objections(
        changed(overall={"active": {"both_accuracy": 0.9}, "candidate": {"both_accuracy": 0.8991}}), "a" * 12
    )
    assert "90,0%" in said and "89,9%" in said


def test_an_intent_that_fell():
    intents = {"ask_cost": {"lines": FEWEST_LINES, "active": 0.9, "candidate": 0.8499}}
    (said,) = objections(changed(intents=intents), "a" * 12)
    assert "“Menanyakan biaya”" in said and "90,0%" in said and "85,0%" in said


def test_a_conversation_that_fails_now():
    report = changed()
    report["conversations"]["candidate"]["failed"] = ["court: siapa", "requests: akta"]
    (said,) = objections(report, "a" * 12)
    assert "requests: akta" in said


def test_all_that_speaks_against_it_is_said():
    report = changed(overall={"active": {"both_accuracy": 0.9}, "candidate": {"both_accuracy": 0.1}})
    report["intents"]["ask_cost"]["candidate"] = 0.1
    report["conversations"]["candidate"]["failed"] = ["requests: akta"]
    assert len(objections(report, "a" * 12)) == 3

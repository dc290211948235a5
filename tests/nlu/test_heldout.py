"""The model of the current data: what it must reach on messages that it has not seen."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from settings import ROOT
from tests.instance import SAPA, trained_model, variables
from training.evaluate import read_rows, score

HELDOUT, BLIND = Path(__file__).with_name("heldout.jsonl"), Path(__file__).with_name("blind.jsonl")
ROWS, PROBLEMS = read_rows(HELDOUT.read_text(encoding="utf-8").splitlines(), HELDOUT.name)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return load_data(str(ROOT / "data" / "nlu"))


@pytest.fixture(scope="module")
def parsed() -> list[dict[str, Any]]:
    return parse(ROWS)


def parse(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    trained_model()
    texts = "\n".join(row["text"] for row in rows)
    done = subprocess.run(
        [SAPA, "parse"], cwd=ROOT, env=variables(ROOT / "var"), input=texts.encode(), capture_output=True, check=True
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


@pytest.fixture(scope="module")
def report(parsed: list[dict[str, Any]]) -> dict[str, Any]:
    return score(ROWS, parsed)


def test_enough_of_both(data: TrainingData) -> None:
    assert not PROBLEMS
    assert len({m.get("text") for m in data.intent_examples}) >= 5000
    assert len({row["text"] for row in ROWS}) >= 800


def test_every_service_in_several_intents(data: TrainingData) -> None:
    intents: dict[str, set[str]] = {}
    for message in data.intent_examples:
        for entity in message.get("entities", []):
            if entity["entity"] == "service":
                intents.setdefault(entity["value"], set()).add(message.get("intent"))
    assert len(intents) == 49
    assert min(map(len, intents.values())) >= 4


def test_heldout_is_no_copy_of_the_training_data(data: TrainingData) -> None:
    """Nearest neighbour by character 4-grams (Jaccard). Reported here: run with -s."""
    known = [_grams(m.get("text")) for m in data.intent_examples]
    owners: dict[str, list[int]] = {}
    for number, grams in enumerate(known):
        for gram in grams:
            owners.setdefault(gram, []).append(number)
    nearest = []
    for row in ROWS:
        grams = _grams(row["text"])
        shared = Counter(number for gram in grams for number in owners.get(gram, ()))
        nearest.append(max((n / len(grams | known[k]) for k, n in shared.most_common(50)), default=0.0))
    print(f"nearest neighbour: mean {np.mean(nearest):.3f}, 95 % below {np.percentile(nearest, 95):.3f}")
    assert np.mean(nearest) < 0.35
    assert np.mean(np.asarray(nearest) > 0.8) < 0.04


def _grams(text: str) -> set[str]:
    plain = f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "
    return {plain[i : i + 4] for i in range(len(plain) - 3)} or {plain}


@pytest.mark.parametrize(("language", "floor"), [("id", 0.90), ("jv", 0.88)])
def test_intent_and_service(report: dict[str, Any], language: str, floor: float) -> None:
    assert report["by_lang"][language]["both_accuracy"] >= floor


def test_messages_that_nobody_here_has_seen() -> None:
    """Written by people who knew the labels alone; never read to write training data."""
    rows, problems = read_rows(BLIND.read_text(encoding="utf-8").splitlines(), BLIND.name)
    report = score(rows, parse(rows))
    assert not problems and len(rows) == 520
    assert min(report["by_lang"][language]["both_accuracy"] for language in ("id", "jv")) >= 0.90


def test_out_of_scope(report: dict[str, Any]) -> None:
    assert report["out_of_scope"]["found"] >= 0.85
    assert report["out_of_scope"]["wrongly_claimed"] <= 0.03


def test_language(report: dict[str, Any]) -> None:
    assert report["language_accuracy"] >= 0.95


@pytest.mark.parametrize("kind", ["case_number", "application_number", "amount", "period", "date", "language"])
def test_entities_with_a_form(report: dict[str, Any], kind: str) -> None:
    counts = report["entities"][kind]
    assert counts["overlapping"] >= 0.9 * counts["expected"]


def test_confidence_is_worth_its_name(parsed: list[dict[str, Any]]) -> None:
    """Among messages of like confidence the share of right ones is not far below it, and grows with it."""
    certain = [
        (r["intent"]["confidence"], r["intent"]["name"] == row["intent"]) for row, r in zip(ROWS, parsed, strict=True)
    ]
    low, high = ([right for c, right in certain if lo <= c < hi] for lo, hi in ((0.0, 0.7), (0.95, 1.01)))
    assert np.mean(high) >= 0.95
    assert np.mean(low) < np.mean(high)

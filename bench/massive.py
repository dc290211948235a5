"""The components on MASSIVE: trained on id-ID and jv-ID train together, reported on the dev part of each."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from settings import ROOT

LOCALES = ("id-ID", "jv-ID")
_SLOT = re.compile(r"\[([^:\]]+?) : ([^\]]*)\]")
PUBLISHED = {
    "mT5-base text-to-text": (87.0, 84.5, 76.9, 78.1, 68.6, 66.6),
    "mT5-base encoder": (86.8, 85.3, 75.6, 76.1, 67.2, 65.4),
    "XLM-R base": (87.1, 82.9, 73.6, 70.9, 64.8, 59.3),
}
"""Test split, ACL 2023 paper, tables 7 to 9: intent id, jv; slot F1 id, jv; exact match id, jv."""


def run(folder: Path, out: Path) -> None:
    """Train, measure, and write `massive.json` and `massive.md`."""
    from engine import without_tensorflow

    without_tensorflow()
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from training.components import read_pipeline, train_components

    def messages(part: str, locale: str) -> list[Message]:
        lines = (folder / f"{locale}.{part}.jsonl").read_text(encoding="utf-8").splitlines()
        return [Message(_annotated(json.loads(line))) for line in lines]

    started = time.monotonic()
    data = TrainingData([m for locale in LOCALES for m in messages("train", locale)])
    trained = train_components(read_pipeline(ROOT / "bench" / "massive.yml"), data)
    report: dict[str, Any] = {"train_s": round(time.monotonic() - started)}
    for locale in LOCALES:
        dev = messages("dev", locale)
        started = time.monotonic()
        results = trained.parse([m.get("text") for m in dev])
        report[locale] = _score(dev, results) | {"parse_ms": round((time.monotonic() - started) / len(dev) * 1000, 2)}
    (out / "massive.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    (out / "massive.md").write_text(_table(report), encoding="utf-8")
    print(_table(report))


def _annotated(row: dict[str, Any]) -> dict[str, Any]:
    """Text, intent and entities of a row: slots stand as [kind : words] in `annot_utt`."""
    text, entities, done = "", [], 0
    for match in _SLOT.finditer(row["annot_utt"]):
        text += row["annot_utt"][done : match.start()]
        words = match[2].strip()
        entities.append({"entity": match[1].strip(), "start": len(text), "end": len(text) + len(words), "value": words})
        text += words
        done = match.end()
    return {"text": text + row["annot_utt"][done:], "intent": row["intent"], "entities": entities}


def _score(dev: list[Any], results: list[dict[str, Any]]) -> dict[str, float]:
    right = wrong = missed = intents = exact = 0
    for message, result in zip(dev, results, strict=True):
        gold = {(e["entity"], e["start"], e["end"]) for e in message.get("entities")}
        found = {(e["entity"], e["start"], e["end"]) for e in result["entities"]}
        right, wrong, missed = right + len(gold & found), wrong + len(found - gold), missed + len(gold - found)
        intent = result["intent"]["name"] == message.get("intent")
        intents, exact = intents + intent, exact + (intent and gold == found)
    return {
        "intent": round(100 * intents / len(dev), 1),
        "slot_f1": round(200 * right / (2 * right + wrong + missed), 1),
        "exact": round(100 * exact / len(dev), 1),
    }


def _table(report: dict[str, Any]) -> str:
    ours = [report[locale][kind] for kind in ("intent", "slot_f1", "exact") for locale in LOCALES]
    rows = {"Sapa's components (dev)": ours, **{f"{k} (test, published)": v for k, v in PUBLISHED.items()}}
    head = (
        "| | intent id | intent jv | slot F1 id | slot F1 jv | exact id | exact jv |\n|---|---|---|---|---|---|---|\n"
    )
    body = "\n".join(f"| {name} | " + " | ".join(f"{v:.1f}" for v in values) + " |" for name, values in rows.items())
    return f"{head}{body}\n\nTraining took {report['train_s']} s.\n"

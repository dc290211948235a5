"""The components on MASSIVE: trained on id-ID and jv-ID train together, reported on the dev part of each.

    python -m bench.massive FOLDER [--out bench/results]

MASSIVE (CC BY 4.0) is no part of this repository: docs/understanding.md says how to get the FOLDER.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import re
import time
from pathlib import Path
from typing import Any

from bench.machine import machine
from settings import ROOT

LOCALES = ("id-ID", "jv-ID")
MEASURES = {"intent": "intent", "slot_f1": "slot F1", "exact": "exact match"}
_SLOT = re.compile(r"\[([^:\]]+?) : ([^\]]*)\]")
PUBLISHED = {
    "mT5-base text-to-text": (87.0, 84.5, 76.9, 78.1, 68.6, 66.6),
    "mT5-base encoder": (86.8, 85.3, 75.6, 76.1, 67.2, 65.4),
    "XLM-R base": (87.1, 82.9, 73.6, 70.9, 64.8, 59.3),
}
"""Test split, ACL 2023 paper, tables 7 to 9: intent id, jv; slot F1 id, jv; exact match id, jv."""


def run(folder: Path, out: Path) -> None:
    """Train, measure, and write `massive.json`, `massive.md` and `massive.svg`."""
    logging.basicConfig()
    logging.getLogger("nlu").setLevel(logging.INFO)
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
    ours = tuple(report[locale][measure] for measure in MEASURES for locale in LOCALES)
    systems = {"Sapa's components (dev)": ours, **{f"{k} (test, published)": v for k, v in PUBLISHED.items()}}
    (out / "massive.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    (out / "massive.md").write_text(_table(systems, report), encoding="utf-8")
    # In a process of its own: what stands in for TensorFlow in this one confuses matplotlib.
    drawing = multiprocessing.get_context("spawn").Process(target=_plot, args=(systems, out / "massive.svg"))
    drawing.start()
    drawing.join()
    print(_table(systems, report))


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


def _columns() -> list[str]:
    return [f"{measure} {locale[:2]}" for measure in MEASURES.values() for locale in LOCALES]


def _table(systems: dict[str, tuple[float, ...]], report: dict[str, Any]) -> str:
    head = "| | " + " | ".join(_columns()) + " |\n|---|" + "---|" * len(_columns())
    body = "\n".join(f"| {name} | " + " | ".join(f"{v:.1f}" for v in values) + " |" for name, values in systems.items())
    times = ", ".join(f"{report[locale]['parse_ms']} ms a message of {locale}" for locale in LOCALES)
    return f"{head}\n{body}\n\nTraining took {report['train_s']} s, parsing {times}; {machine()}.\n"


def _plot(systems: dict[str, tuple[float, ...]], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 3.6))
    width = 0.8 / len(systems)
    for number, (name, values) in enumerate(systems.items()):
        axes.bar([i + number * width for i in range(len(values))], values, width, label=name)
    axes.set_xticks([i + 0.4 - width / 2 for i in range(len(_columns()))])
    axes.set_xticklabels(_columns(), fontsize=8)
    axes.set_ylim(50, 95)
    axes.set_ylabel("% of MASSIVE")
    axes.legend(loc="upper right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    options = parser.parse_args()
    wanted = [options.folder / f"{locale}.{part}.jsonl" for locale in LOCALES for part in ("train", "dev")]
    if missing := [str(path) for path in wanted if not path.is_file()]:
        raise SystemExit(f"not there: {', '.join(missing)}; docs/understanding.md says how to get MASSIVE")
    options.out.mkdir(parents=True, exist_ok=True)
    run(options.folder, options.out)


if __name__ == "__main__":
    main()

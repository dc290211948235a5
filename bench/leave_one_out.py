"""What each part of the understanding is worth: the pipeline of `config.yml` without it, by cross-validation.

    python -m bench.leave_one_out [--folds 5] [--run 1] [--only "whole,pairs of senses"]

A fifth of data/nlu is kept back, the pipeline trained on the rest, whole and each time without one part, and scored on
what was kept back. `--run 5` does so for all five fifths. Prints a table; a minute or two for each part and fold.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from settings import ROOT

if "rasa" not in sys.modules:
    from engine import without_tensorflow

    without_tensorflow()

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from training.components import read_pipeline, train_components
from training.evaluate import score

Pipeline = list[dict[str, Any]]
_KINDS = "wcsdkmt"


def _set(component: str, **settings: Any) -> Callable[[Pipeline], Pipeline]:
    return lambda pipeline: [{**p, **settings} if p["name"].endswith(component) else p for p in pipeline]


def _drop(component: str) -> Callable[[Pipeline], Pipeline]:
    return lambda pipeline: [p for p in pipeline if not p["name"].endswith(component)]


def _kinds_without(letters: str) -> Callable[[Pipeline], Pipeline]:
    return _set("NgramFeaturizer", kinds="".join(k for k in _KINDS if k not in letters))


PARTS: dict[str, Callable[[Pipeline], Pipeline]] = {
    "whole": lambda pipeline: pipeline,
    "the lexicon's senses": _kinds_without("sdk"),
    "pairs of senses": _kinds_without("k"),
    "characters": _kinds_without("cd"),
    "topics": _kinds_without("t"),
    "marks of patterns": _kinds_without("m"),
    "sentence vector": _drop("SentenceFeaturizer"),
    "services' chances for the intent": _set("NgramIntentClassifier", service_weight=0.0),
    "aliases": _set("ServiceScorer", alias_weight=0.0),
    "favoured": _set("NgramIntentClassifier", favoured={}),
    "FallbackClassifier": _drop("FallbackClassifier"),
}
COLUMNS = ("intent", "service", "both, id", "both, jv", "out of scope found", "wrongly claimed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--run", type=int, default=1, help="how many of the folds")
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    print(f"| without | {' | '.join(COLUMNS)} |\n|---{'|---' * len(COLUMNS)}|", flush=True)
    for name in options.only.split(","):
        print(f"| {name} | {' | '.join(measure(PARTS[name], options.folds, options.run))} |", flush=True)


def measure(change: Callable[[Pipeline], Pipeline], folds: int, run: int) -> list[str]:
    """The columns, in percent, of the pipeline with a change, over the first `run` of the folds together."""
    pipeline = change(_drop("LanguageDetector")(read_pipeline(ROOT / "config.yml")))
    examples = load_data(str(ROOT / "data" / "nlu")).intent_examples
    order = np.random.RandomState(1).permutation(len(examples))
    rows: list[dict[str, Any]] = []
    parsed: list[dict[str, Any]] = []
    for fold in range(run):
        kept_back = set(order[fold::folds])
        known = TrainingData([copy.deepcopy(m) for i, m in enumerate(examples) if i not in kept_back])
        trained = train_components(pipeline, known)
        new = [_row(examples[i]) for i in sorted(kept_back)]
        rows += new
        parsed += trained.parse([row["text"] for row in new])
    report = score(rows, parsed)
    scope = report["out_of_scope"]
    both = [report["by_lang"][language]["both_accuracy"] for language in ("id", "jv")]
    found = [report["intent_accuracy"], report["service_accuracy"], *both, scope["found"], scope["wrongly_claimed"]]
    return [f"{100 * value:.1f}" for value in found]


def _row(message: Message) -> dict[str, Any]:
    """A training example as a line of a labelled file."""
    services = [e["value"] for e in message.get("entities", []) if e["entity"] == "service"]
    language = ((message.get("metadata") or {}).get("intent") or {}).get("language", "")
    return {
        "line": 0,
        "text": message.get(TEXT),
        "intent": message.get(INTENT),
        "lang": language[:2] if language != "mixed" else None,
        "service": services[0] if services else None,
        "ambiguous": services if len(services) > 1 else None,
    }


if __name__ == "__main__":
    main()

"""Understanding, side by side in one run: ours, Rasa's default pipeline with DIET, a linear SVM. Tables, JSON, SVG.

    python -m bench.understanding [--only ours,default,svm] [--again] [--out bench/results]

Every system is trained on data/nlu, in a process of its own, one after the other, and scored on the held-out set."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from settings import ROOT

HELDOUT = ROOT / "tests" / "nlu" / "heldout.jsonl"
WORK = ROOT / "bench" / "work" / "understanding"
ROUNDS = 3
"""The systems are measured in turn, so that what else the machine does meets all of them."""
SYSTEMS = ("ours", "default", "svm")
ROWS = (
    ("intent and service, id", ("by_lang", "id", "both_accuracy"), "{:.1%}"),
    ("intent and service, jv", ("by_lang", "jv", "both_accuracy"), "{:.1%}"),
    ("intent, id", ("by_lang", "id", "intent_accuracy"), "{:.1%}"),
    ("intent, jv", ("by_lang", "jv", "intent_accuracy"), "{:.1%}"),
    ("out of scope found", ("out_of_scope", "found"), "{:.1%}"),
    ("out of scope wrongly claimed", ("out_of_scope", "wrongly_claimed"), "{:.1%}"),
    ("language id or jv", ("language_accuracy",), "{:.1%}"),
    ("parse p50, ms", ("cost", "parse_p50_ms"), "{:.2f}"),
    ("parse p95, ms", ("cost", "parse_p95_ms"), "{:.2f}"),
    ("from start to ready, s", ("cost", "ready_s"), "{:.1f}"),
    ("of that loading the model, s", ("cost", "load_s"), "{:.2f}"),
    ("memory, MB", ("cost", "memory_mb"), "{:.0f}"),
    ("training, s", ("cost", "train_s"), "{:.0f}"),
    ("processor time of training, s", ("cost", "train_cpu_s"), "{:.0f}"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SYSTEMS))
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results")
    parser.add_argument("--again", action="store_true", help="Measure the models of the last run, train none.")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measure(options.measure)))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    names = options.only.split(",")
    training = {name: _trained(name, options.again) for name in names}
    rounds = [{name: _fresh_measure(name) for name in names} for _ in range(ROUNDS)]
    results = {name: _together([r[name] for r in rounds]) for name in names}
    for name, (train_s, train_cpu_s) in training.items():
        results[name]["cost"] |= {"train_s": round(train_s, 1), "train_cpu_s": round(train_cpu_s, 1)}
    (options.out / "understanding.json").write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
    table = _table(results)
    (options.out / "understanding.md").write_text(table, encoding="utf-8")
    _plot(results, options.out / "understanding.svg")
    print(table)


def _trained(name: str, again: bool) -> tuple[float, float]:
    """Seconds and processor seconds that training a system took, now or in the last run."""
    WORK.mkdir(parents=True, exist_ok=True)
    noted = WORK / f"{name}.seconds.json"
    if not again:
        print(f"{name}: training ...", file=sys.stderr)
        noted.write_text(json.dumps(_train(name)), encoding="utf-8")
    train_s, train_cpu_s = json.loads(noted.read_text(encoding="utf-8"))
    print(f"{name}: trained in {train_s:.0f} s", file=sys.stderr)
    return train_s, train_cpu_s


def _fresh_measure(name: str) -> dict[str, Any]:
    """Measure one system in a fresh process."""
    print(f"{name}: measuring ...", file=sys.stderr)
    command = [sys.executable, "-m", "bench.understanding", "--measure", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=_environment())
    if done.returncode:
        raise SystemExit(f"{name} could not be measured:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _together(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """One report of several: the scores are the same in all, of the costs the median counts."""
    costs = {key: statistics.median(r["cost"][key] for r in rounds) for key in rounds[0]["cost"]}
    return {**rounds[0], "cost": costs}


def _environment() -> dict[str, str]:
    # Without Rasa's cache: a second training of the same data would only be looked up.
    silent = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return os.environ | silent | {"RASA_MAX_CACHE_SIZE": "0"}


def _train(name: str) -> tuple[float, float]:
    if name == "svm":
        command = [sys.executable, "-m", "bench.svm", "train", str(WORK / "svm.pkl")]
    else:
        program = ["engine.py"] if name == "ours" else ["-m", "rasa"]
        config = "config.yml" if name == "ours" else "bench/stock.yml"
        command = [sys.executable, *program, "train", "nlu", "--config", config, "--nlu", "data/nlu"]
        command += ["--out", str(WORK), "--fixed-model-name", name]
    before, started = os.times(), time.monotonic()
    with (WORK / f"{name}.log").open("wb") as log:
        subprocess.run(command, cwd=ROOT, env=_environment(), stdout=log, stderr=log, check=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - started, cpu


def _measure(name: str) -> dict[str, Any]:
    """Load, warm up, parse the held-out set one message at a time, score it."""
    from training.evaluate import load_parser, read_rows, score

    process_started = _process_start()
    if name == "svm":
        from bench.svm import Svm

        loading = time.monotonic()
        parser: Any = Svm.load(WORK / "svm.pkl")
    else:
        if name == "default":
            import rasa.core.agent
        else:
            from engine import without_tensorflow

            without_tensorflow()
            import rasa.core.agent  # noqa: F401
        loading = time.monotonic()
        parser = load_parser(WORK / f"{name}.tar.gz")
    load_s, ready_s = time.monotonic() - loading, time.time() - process_started
    rows, _ = read_rows(HELDOUT.read_text(encoding="utf-8").splitlines(), HELDOUT.name)
    parser.parse([row["text"] for row in rows[:20]])
    parsed, times = [], []
    for row in rows:
        started = time.perf_counter()
        parsed += parser.parse([row["text"]])
        times.append((time.perf_counter() - started) * 1000)
    report = score(rows, parsed)
    times.sort()
    report["cost"] = {
        "parse_p50_ms": round(times[len(times) // 2], 3),
        "parse_p95_ms": round(times[int(len(times) * 0.95)], 3),
        "load_s": round(load_s, 2),
        "ready_s": round(ready_s, 1),
        "memory_mb": _resident_mb(),
    }
    return report


def _process_start() -> float:
    import psutil

    return float(psutil.Process().create_time())


def _resident_mb() -> float:
    import psutil

    return round(psutil.Process().memory_info().rss / 1e6)


def _value(report: dict[str, Any], path: tuple[str, ...]) -> float | None:
    found: Any = report
    for key in path:
        found = (found or {}).get(key)
    return found


def _table(results: dict[str, dict[str, Any]]) -> str:
    names = {"ours": "Sapa", "default": "Rasa's default (DIET)", "svm": "linear SVM"}
    lines = ["| | " + " | ".join(names[n] for n in results) + " |", "|---|" + "---|" * len(results)]
    for title, path, form in ROWS:
        cells = [form.format(v) if (v := _value(r, path)) is not None else "-" for r in results.values()]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    first = next(iter(results.values()))
    note = f"Held-out lines: {first['lines']}; {os.cpu_count()} cores; {time.strftime('%Y-%m-%d')}."
    return "\n".join(lines) + f"\n\n{note}\n"


def _plot(results: dict[str, dict[str, Any]], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    shown = [row for row in ROWS if "%" in row[2] and "wrongly" not in row[0]]
    figure, axes = plt.subplots(figsize=(8, 3.6))
    width = 0.8 / len(results)
    for number, (name, report) in enumerate(results.items()):
        heights = [100 * (_value(report, path_) or 0) for _, path_, _ in shown]
        axes.bar([i + number * width for i in range(len(shown))], heights, width, label=name)
    axes.set_xticks([i + 0.4 - width / 2 for i in range(len(shown))])
    axes.set_xticklabels([title.replace(", ", "\n") for title, _, _ in shown], fontsize=8)
    axes.set_ylim(40, 100)
    axes.set_ylabel("% of held-out messages")
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()

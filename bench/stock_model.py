"""The peer of `bench/messages.py`: a model of Rasa's default configuration on the same data."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from settings import ROOT
from training.fingerprint import fingerprint

SOURCES = ("bench/stock.yml", "domain.yml", "data/nlu", "data/rules", "data/stories")
DIET_EPOCHS = 5
"""Instead of 100, which take half an hour: what a message costs does not depend on them. How well the default
understands is measured with its own 100 by `bench/understanding.py`."""


def stock_model(work: Path, say: Callable[[str], None]) -> Path:
    """Path of the model under `work`; trains it if it is not there (minutes)."""
    folder = work / "stock"
    model = folder / f"{fingerprint(sources=SOURCES)}.tar.gz"
    if model.exists():
        return model
    say(f"stock: training DIET for {DIET_EPOCHS} epochs, TED and UnexpecTED for their default 100")
    folder.mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load((ROOT / "bench" / "stock.yml").read_text("utf-8"))
    next(c for c in config["pipeline"] if c["name"] == "DIETClassifier")["epochs"] = DIET_EPOCHS
    (folder / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    command = [sys.executable, "-m", "rasa", "train", "--config", str(folder / "config.yml"), "--domain", "domain.yml"]
    command += ["--data", "data/nlu", "data/rules", "data/stories", "--out", str(folder)]
    command += ["--fixed-model-name", "unfinished"]
    with (folder / "train.log").open("wb") as log:
        environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false"}
        subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=True)
    (folder / "unfinished.tar.gz").rename(model)
    return model

"""A small project to export into, and annotations of people who do not exist."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from pathlib import Path
from typing import Any

from settings import ROOT
from training import export
from training.export import Annotation

HAND_WRITTEN = """version: "3.1"
# Written by hand; the order is a person's own.
nlu:
- intent: ask_requirements
  metadata:
    language: id
  examples: |
    - syarat ngurus [KTP hilang](service:ktp_hilang)
    - berkas [pecah KK](service:kk_pecah) apa saja  # bukan komentar

# between two blocks
- intent: ask_cost
  metadata:
    language: id
  examples: |
    - biaya bikin [KIA](service:kia) berapa
"""
HELD_OUT = '{"text": "Jam berapa tutup hari Jumat?", "lang": "id", "intent": "ask_hours", "service": null}\n'


def project(root: Path) -> Path:
    """What an export reads, in a folder of its own."""
    (root / "data" / "nlu").mkdir(parents=True)
    (root / "tests" / "nlu").mkdir(parents=True)
    shutil.copy(ROOT / "domain.yml", root / "domain.yml")
    shutil.copytree(ROOT / "data" / "catalogue", root / "data" / "catalogue")
    (root / "data" / "nlu" / "ktp.yml").write_text(HAND_WRITTEN, encoding="utf-8")
    (root / "tests" / "nlu" / "heldout.jsonl").write_text(HELD_OUT, encoding="utf-8")
    return root


_numbers = itertools.count(1)


def annotated(text: str, intent: str = "ask_requirements", *marks: tuple[str, str, str], **other: Any) -> Annotation:
    """An annotation; each mark is (entity, value, words), without words where no place is marked."""
    entities = tuple(
        {
            "entity": kind,
            "value": value,
            "start": text.index(words) if words else None,
            "end": text.index(words) + len(words) if words else None,
        }
        for kind, value, words in marks
    )
    given: dict[str, Any] = {
        "language": "id",
        "decided_by": "siti.contoh",
        "decided_at": dt.datetime(2026, 12, 1, 23, tzinfo=dt.UTC),
        "item": f"inbox {next(_numbers)}",
    }
    return Annotation(text, intent, entities, **{**given, **other})


def on_side(heldout: bool, words: str = "apa syaratnya", intent: str = "ask_requirements") -> Annotation:
    """An annotation that falls on the wanted side."""
    found = (annotated(f"{words} {a}{b}{c}", intent) for a in "bdgklmnprst" for b in "aiueo" for c in "klmnrst")
    return next(one for one in found if (export._side(one) == 0) == heldout)

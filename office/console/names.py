"""What the console calls intents, entities and reasons, in plain Indonesian (`data/console.yml`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from office.console.inbox import FALLBACK

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "console.yml"


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def intents() -> dict[str, str]:
    """Names of all intents that a citizen can express, by id, the commonest first."""
    return dict(_read()["intents"])


def intent(intent_id: str | None) -> str:
    """The name of an intent; of nlu_fallback too, and the id itself of one that no longer exists."""
    if intent_id == FALLBACK:
        return str(_read()["not_understood"])
    return intents().get(intent_id or "", intent_id or "–")


def entities() -> dict[str, str]:
    """Names of the kinds of entities, by id."""
    return dict(_read()["entities"])


def reasons() -> dict[str, str]:
    """Names of the reasons why a text is in the inbox, the weightiest first."""
    return dict(_read()["reasons"])

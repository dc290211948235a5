"""The words that composed answers are made of, in both languages (`data/wording.yml`)."""

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parent.parent / "data" / "wording.yml"


@lru_cache(maxsize=1)
def _wording() -> dict[str, Any]:
    wording: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return wording


def say(key: str, language: str, **values: Any) -> str:
    """The sentence of a dotted key ("title.ask_cost") in "id" or "jv", with its braces filled."""
    node = _wording()
    for part in key.split("."):
        node = node[part]
    sentence: str = node[language]
    return sentence.format(**values)


def date(day: dt.date, language: str) -> str:
    """A day as people write it: "21 November 2026"."""
    return f"{day.day} {_wording()['months'][language][day.month - 1]} {day.year}"


def rupiah(amount: int) -> str:
    """An amount with dots: "10.000"."""
    return f"{amount:,}".replace(",", ".")


def listing(names: list[str], language: str) -> str:
    """Names joined as in a sentence: "a, b dan c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {say('and', language)} {names[-1]}"

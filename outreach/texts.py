"""The words of posters, share texts and storyboards (`data/outreach.yml`)."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parent.parent / "data" / "outreach.yml"


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return texts


def entry(key: str) -> Any:
    """What stands under a dotted key ("poster.steps.web")."""
    node: Any = _texts()
    for part in key.split("."):
        node = node[part]
    return node


def text(key: str, language: str = "id", **values: Any) -> str:
    """The sentence of a dotted key in "id" or "jv", with its braces filled."""
    return str(entry(key)[language]).format(**values)

"""Which cases are closed: of them only number, day, room and agenda are kept. The words: data/court/closed.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from errors import CatalogueError

FILE = Path(__file__).resolve().parents[2] / "data" / "court" / "closed.yml"
CHILDREN = 118
"""SIPP's `alur_perkara_id` of children's cases."""


def is_closed(flow: int, number: str, kind: str | None, parties_published: bool) -> bool:
    """Whether a case may only be told with number, day, room and agenda. Raises CatalogueError for a broken file."""
    kind = (kind or "").casefold()
    return not parties_published or flow == CHILDREN or "anak" in number.casefold() or any(w in kind for w in _words())


@cache
def _words() -> tuple[str, ...]:
    try:
        groups = yaml.safe_load(FILE.read_text(encoding="utf-8"))["words"]
        return tuple(str(word).casefold() for group in groups.values() for word in group)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError(f"{FILE}: field words: cannot be read ({error!r}); restore it") from error

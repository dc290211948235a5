"""spaCy's Indonesian language class, without what a tokenizer does not need."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Any

_REDUPLICATED = re.compile(r"^\w*?(\w{3,})-\1\w*$")


@lru_cache(maxsize=1)
def indonesian() -> Any:
    """An `Indonesian` of spaCy that keeps reduplications ("surat-suratnya") in one piece by rule.

    spaCy lists 16,000 of them one by one, which costs 48 MB and two seconds at every start.
    """
    whole = _import_indonesian()
    exceptions = {k: v for k, v in whole.Defaults.tokenizer_exceptions.items() if "-" not in k}
    changes = {"tokenizer_exceptions": exceptions, "token_match": _REDUPLICATED.match}
    compact = type("Indonesian", (whole,), {"Defaults": type("Defaults", (whole.Defaults,), changes)})
    return compact()


def _import_indonesian() -> Any:
    """Import it without torch, which thinc, under spaCy, imports when it finds it: 200 MB and seconds.

    While spaCy is imported for the first time torch therefore looks absent; who needs torch imports it afterwards.
    """
    hide = "torch" not in sys.modules and "spacy" not in sys.modules
    if hide:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        from spacy.lang.id import Indonesian
    finally:
        if hide:
            del sys.modules["torch"]
    return Indonesian

"""The number of a case: `ordinal/CODE/year/PN Mjk`, without leading zeros (standard of Mahkamah Agung)."""

from __future__ import annotations

import re

_NOT_IN_KEY = re.compile(r"[^a-z0-9/]")
_ZEROS = re.compile(r"(?<![a-z0-9])0+(?=\d)")


def key(number: str) -> str:
    """A number evened out: "12/Pdt.G/2026/PN Mjk" and "012/PDT.G/2026/PN. MJK" are both "12/pdtg/2026/pnmjk"."""
    return _ZEROS.sub("", _NOT_IN_KEY.sub("", number.casefold()))

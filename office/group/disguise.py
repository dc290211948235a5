"""Reads words through disguises: digits for letters, blanks between letters, stars, letters of other scripts."""

from __future__ import annotations

import re

_ENDS_WORD = re.compile(r"""(?P<stop>[;\n]|[.!]+(?=\s|$))|(?P<ask>\?)|[^\s,;:?()\[\]{}<>"“”/\\]+""")
_SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[^a-z0-9\n]{1,3}[a-z0-9@$!](?![a-z0-9])){2,}")
_PIECE = re.compile(r"[a-z0-9]+")
_LETTERS = re.compile(r"[a-z]+")
_BETWEEN = re.compile(r"[.\-_'’`~+=|^·•&,/\s]+")
_STARS = re.compile(r"[*#×•%^]")
_REPEATED = re.compile(r"(.)\1+")
_MANY = re.compile(r"(.)\1\1")
_READINGS = 16
"""Readings of digits as letters that are tried for one word."""
_SHORTEST = 3
"""Letters of a disguised word."""

"""How a citizen reaches Sapa, and the source code that tells where he learned of it, e.g. "poster" or "desa-sooko".

On WhatsApp the code stands in brackets behind the greeting that a link fills in, "Halo Sapa (poster)"; in the address
of a web page it is `?source=poster`.
"""

from __future__ import annotations

import re
from urllib.parse import quote

GREETING = "Halo Sapa"
PARAMETER = "source"
"""Name of the code in the address of a web page, and in what the widget sends."""
WEBSITE = "website"
"""Code of whoever goes on to WhatsApp from the web page without having come there by another one."""

_CODE = re.compile(r"(?!(?:\D*\d){7})[a-z](?:-?[a-z0-9]){1,31}")
_TAGGED = re.compile(rf"\b{GREETING.replace(' ', '[ ]+')}\s*\(\s*([\w-]+)\s*\)[\s,.!:;]*", re.IGNORECASE)


def source_code(value: object) -> str | None:
    """The code in small letters; None for what is none: 2 to 32 letters, digits and single hyphens between them.

    It begins with a letter and holds at most six digits, so that nobody's number becomes a code.
    """
    code = value.strip().lower() if isinstance(value, str) else ""
    return code if len(code) <= 32 and _CODE.fullmatch(code) else None


def greeting(code: str) -> str:
    """What a link to WhatsApp fills in."""
    return f"{GREETING} ({code})"


def arrived(text: str) -> tuple[str, str | None]:
    """A message as the citizen meant it, and its source code.

    Of "Halo Sapa (poster) syarat KTP hilang" the question is left, of the greeting alone the greeting without its code.
    """
    found = _TAGGED.search(text)
    code = source_code(found[1]) if found else None
    if not found or not code:
        return text, None
    return (text[: found.start()] + text[found.end() :]).strip() or GREETING, code


def whatsapp_link(number: str, text: str) -> str:
    """A link that opens WhatsApp with a message to this number; `number` with the country's code, "+62..."."""
    return f"https://wa.me/{number.removeprefix('whatsapp:').lstrip('+')}?text={quote(text)}"


def web_link(address: str, code: str) -> str:
    """A link to the landing page."""
    return f"{address.rstrip('/')}/?{PARAMETER}={code}"


def readable(number: str) -> str:
    """A mobile number as people write it: +6285933871047 -> 0859-3387-1047; others as they are."""
    if not number.startswith("+62") or not number[1:].isdigit():
        return number
    local = "0" + number[3:]
    return "-".join(local[start : start + 4] for start in range(0, len(local), 4))

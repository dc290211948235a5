"""Replies for channels that have only text: choices as a numbered list, long texts in several messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from office.choices import with_numbers
from office.length import units

LIMIT = 1600
# Where a text may be parted, best first: after a paragraph, before a list item or after a line, a sentence, a word.
_PLACES = (r"\n\s*\n", r"\n", r"(?<=[.!?…])\s+", r"\s+")
_JOINER = "\u200d"


def render(replies: Iterable[Mapping[str, Any]], limit: int = LIMIT) -> list[dict[str, Any]]:
    """Replies as messages of at most `limit` UTF-16 units (so Twilio counts); buttons stay on a reply's last message.

    Each: {"text": str, "buttons": [{"title", "payload"}]}. A reply without text and buttons gives nothing.
    """
    messages: list[dict[str, Any]] = []
    for reply in replies:
        buttons = list(reply.get("buttons") or [])
        parts = split(with_numbers(reply.get("text") or "", buttons), limit)
        messages += [{"text": part, "buttons": []} for part in parts[:-1]]
        messages += [{"text": part, "buttons": buttons} for part in parts[-1:]]
    return messages


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Parts of at most `limit` UTF-16 units, parted at the best place in the second half of each; [] for no text."""
    rest, parts = text.strip(), []
    while units(rest) > limit:
        end = _longest_prefix(rest, limit)
        cut, skip = _best_place(rest, end)
        part = rest[:cut].rstrip()
        parts.append(part + "*" if _bold_is_open(part) and units(part) < limit else part)
        rest = ("*" if _bold_is_open(part) else "") + rest[skip:].lstrip()
    return [*parts, rest] if rest else parts


def _longest_prefix(text: str, limit: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit - 1:  # one unit is kept for a star that closes bold type
            return index
    return len(text)


def _best_place(text: str, end: int) -> tuple[int, int]:
    for place in _PLACES:
        found = [match for match in re.finditer(place, text[: end + 1]) if end // 2 <= match.start() <= end]
        if found:
            return found[-1].start(), found[-1].end()
    at = end
    while at > end - 40 and _inside_emoji(text, at):
        at -= 1
    return at, at


def _inside_emoji(text: str, at: int) -> bool:
    # An emoji may consist of several characters: joiners, variation and skin-tone marks, pairs of regional letters.
    before, after = text[at - 1], text[at]
    flag_letters = re.search("[\U0001f1e6-\U0001f1ff]*$", text[:at])
    half_a_flag = "\U0001f1e6" <= after <= "\U0001f1ff" and flag_letters and len(flag_letters.group()) % 2 == 1
    tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    return bool(half_a_flag) or tone or _JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Me")


def _bold_is_open(text: str) -> bool:
    # Stars within the last line only: WhatsApp's bold type does not go over a line's end.
    return len(re.findall(r"(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)", text.rpartition("\n")[2])) % 2 == 1

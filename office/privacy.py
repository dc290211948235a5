"""Masks what identifies a person in a citizen's words, before anything stores or logs them."""

from __future__ import annotations

import re
from collections.abc import Iterator

ID_MASK = "[nik]"
"""Stands for a 16-digit number: NIK or KK."""
PHONE_MASK = "[telepon]"

# Letters stand for digits (O812, 35l6) only in a group that consists of them and digits alone.
_GROUP = re.compile(r"(?<![^\W_])[\dOolI]+(?![^\W_])|\d+")
_RUN = re.compile(rf"(?:{_GROUP.pattern})(?:[\W_]{{1,3}}(?:{_GROUP.pattern}))*")
_TYPED_FOR = str.maketrans("OolI", "0011")

_HOUR = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_DATE = r"(?:\d\d?(?P<sign>[-./ ])\d\d?(?P=sign)(?:19|20)\d\d(?:\s[0-2]\d)?|(?:19|20)\d\d-[01]\d-[0-3]\d)"
_MONEY = r"(?!62\.?8)[1-9]\d{0,2}(?:\.\d{3}){1,4}(?:,\d\d?)?"
_END = r"(?=$|[\s,;/&+()\-\u2013\u2014]|[.:!?](?!\d))"
_THING = re.compile(rf"(?:{_DATE}|{_HOUR}|{_MONEY}){_END}")
"""An hour, a date, an amount."""
_TIME = re.compile(rf"(?:{_DATE}|{_HOUR}){_END}")
_SMALL = re.compile(rf"(?:(?:19|20)\d\d|0|[1-9]\d{{0,2}}){_END}")
"""A year, an age, an item of a list."""
_BETWEEN = re.compile(r"[\s,;/&+()\-\u2013\u2014]{1,4}")
_LONGEST = 17

_PROVINCE = re.compile("1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7]")
"""How a NIK and a KK begin."""
_BORN = re.compile(r"\d{6}(?:0[1-9]|[1256]\d|3[01]|4[1-9]|7[01])(?:0[1-9]|1[0-2])\d{6}")
"""A NIK has the day of birth, 40 more for a woman, and the month; a KK the day of its issue."""
_MOBILE = re.compile(r"(?:08|628|6208)[1-9]\d{7,10}")
_MOBILE_BARE = re.compile(r"8[1-9]\d{7,10}")
_ABROAD = re.compile(r"62[\W_]{1,3}8[1-9]")
_LANDLINE = re.compile(r"(?:62|0)[2-79]\d{7,10}")


def mask(text: str) -> str:
    """The text with 16-digit numbers and phone numbers replaced; dates, hours, prices and case numbers stay.

    Between their digits may stand up to three signs or blanks, in any mixture, and O and l for 0 and 1.

    >>> mask("NIK saya 3516 0101 0101 0001, hp 0812-3456-7890")
    'NIK saya [nik], hp [telepon]'
    """
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in text)  # full-width digits, as some keyboards make them
    parts, kept = [], 0
    for run in _RUN.finditer(plain):
        if run.end() - run.start() >= 8:
            for start, end, sign in _personal(plain, [group.span() for group in _GROUP.finditer(plain, *run.span())]):
                start, end = _with_brackets(plain, start, end)
                parts += [text[kept:start], sign]
                kept = end
    return "".join(parts) + text[kept:]


def _personal(plain: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    # First what cannot be anything else, so that a number before it does not take its head off.
    harmless = _Harmless(plain)
    index = rest = 0
    while index < len(groups):
        if (after := _past_thing(plain, groups, index, _TIME)) > index:
            index = after
            continue
        last = _proper_id(plain, groups, index, harmless)
        if last is None:
            index += 1
            continue
        for later in range(
            index + 1, last + 1
        ):  # digits before it may look like its beginning: the compacter one is it
            end = _proper_id(plain, groups, later, harmless)
            if end is not None and end - later <= last - index:
                index, last = later, end
        yield from _between(plain, groups[rest:index], harmless)
        yield groups[index][0], groups[last][1], ID_MASK
        index = rest = last + 1
    yield from _between(plain, groups[rest:], harmless)


def _proper_id(plain: str, groups: list[tuple[int, int]], index: int, harmless: _Harmless) -> int | None:
    digits = ""
    for last in range(index, min(len(groups), index + 16)):
        digits += plain[slice(*groups[last])].translate(_TYPED_FOR)
        if len(digits) >= 2 and not _PROVINCE.match(digits):
            return None
        if len(digits) >= 16:
            start, end = groups[index][0], groups[last][1]
            proper = len(digits) == 16 and _BORN.fullmatch(digits) and _real_digits(plain, start, end)
            return last if proper and end > harmless[start] else None
    return None


def _past_thing(plain: str, groups: list[tuple[int, int]], index: int, things: re.Pattern[str]) -> int:
    start, end = groups[index]
    thing = things.match(plain, start)
    if thing and end - start < 9 and not _continues(plain, thing.end()):
        while index < len(groups) and groups[index][0] < thing.end():
            index += 1
    return index


def _real_digits(plain: str, start: int, end: int) -> bool:
    return sum(map(str.isdigit, plain[start:end])) >= 4


def _between(plain: str, groups: list[tuple[int, int]], harmless: _Harmless) -> Iterator[tuple[int, int, str]]:
    index = 0
    while index < len(groups):
        if (after := _past_thing(plain, groups, index, _THING)) > index:
            index = after
            continue
        start = groups[index][0]
        plus = _plus_before(plain, start)
        harmless_end = start if plus or _ABROAD.match(plain, start) else harmless[start]
        found = None
        pieces: list[str] = []
        length = 0
        for last in range(index, min(len(groups), index + _LONGEST)):
            pieces.append(plain[slice(*groups[last])].translate(_TYPED_FOR))
            length += len(pieces[-1])
            if length > _LONGEST and last > index:
                break
            end = groups[last][1]
            if length >= 8 and end > harmless_end and _real_digits(plain, start, end):
                sign = _meaning(pieces, plus)
                # The longest of a kind; 16 digits rather than 17, a whole phone number rather than one and a list.
                if sign and not (found and (found[2] == ID_MASK != sign or (sign == ID_MASK and length != 16))):
                    found = (last, end, sign)
                if sign and last == index:
                    break
        if found:
            yield start, found[1], found[2]
            index = found[0]
        index += 1


def _meaning(pieces: list[str], plus: bool) -> str | None:
    digits = "".join(pieces)
    if len(pieces) == 1 and len(digits) >= 15:
        return ID_MASK
    if plus and 8 <= len(digits) <= 15:
        return PHONE_MASK
    if _MOBILE.fullmatch(digits):
        return PHONE_MASK
    lengths = [len(piece) for piece in pieces]
    if _LANDLINE.fullmatch(digits) and (lengths[0] >= 3 or digits[0] == "6") and min(lengths[1:], default=2) >= 2:
        return PHONE_MASK
    if _MOBILE_BARE.fullmatch(digits) and min(lengths) >= 3:
        return PHONE_MASK
    known = _PROVINCE.match(digits)
    if 15 <= len(digits) <= 17 and (known or lengths == [4, 4, 4, 4]):  # a NIK with a digit too few is one still
        return ID_MASK
    return None


class _Harmless(dict[int, int]):
    """Where a list of dates, hours, amounts, years, small numbers that begins somewhere ends; each place read once."""

    def __init__(self, plain: str):
        super().__init__()
        self._plain = plain

    def __missing__(self, start: int) -> int:
        begun, end, at = [start], start, start
        while item := _THING.match(self._plain, at) or _SMALL.match(self._plain, at):
            begun.append(at)
            end = item.end()
            between = _BETWEEN.match(self._plain, end)
            if not between:
                break
            at = between.end()
            if at in self:
                end = max(end, self[at])
                break
        self.update(dict.fromkeys(begun, end))
        return end


def _continues(plain: str, end: int) -> bool:
    # "08-12-2024-..." and "12.10-..." are no date and no hour when single digits or long groups hang on to them.
    return bool(re.match(r"[-/_.:*]{1,3}\d{5,}", plain[end : end + 12]))


def _plus_before(plain: str, start: int) -> bool:
    return plain[max(0, start - 3) : start].rstrip(" (").endswith("+")


def _with_brackets(plain: str, start: int, end: int) -> tuple[int, int]:
    # A plus sign belongs to the number, and a bracket that opens before it and closes within.
    before = re.search(r"[ (+]{1,3}$", plain[max(0, start - 3) : start])
    sign = before.group() if before else ""
    if "+" in sign:
        return start - len(sign) + sign.index("+"), end
    if sign.endswith("(") and ")" in plain[start:end]:
        return start - 1, end
    return start, end

"""What may not pass between a citizen and the people who answer: held back by rules that anybody can read and mend.

The rules are data (data/group/moderation.yml); here disguises are undone. Unambiguous words count by
themselves, contempt only with its target in the same sentence: "cerai", "Madura" and "babi" are what population
administration talks about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from office.privacy import PHONE_MASK, mask

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "group" / "moderation.yml"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\n;]+")
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\s.,;:!?()\[\]{}\"“”«»/=+_-][^\s,;:?()\[\]{}\"“”«»/=+_]*")
_APART = re.compile(r"(?<!\w)(?:\w[\W_]{1,2}){2,}\w(?!\w)")
"""Single letters with signs or blanks between them."""
_SINGLY = re.compile(r"(?<!\w)\w(?:[\W_]{1,3}\w(?!\w)){5,}")
"""The letters of a link, apart."""
_FOR_DIGITS = re.compile(r"(?<![a-z])[oil\d](?:[\W_]{0,3}[oil\d])*(?![a-z])")
"""Letters that look like digits, among digits."""
_LOOKS_LIKE = str.maketrans("oil", "011")
_DIGITS_APART = re.compile(r"(?<!\w)\d(?:[\W_]{1,3}\d(?!\w)){7,}")
_REPEATED = re.compile(r"(\w)\1+")
_DRAWN_OUT = re.compile(r"(\D)\1{2,}")
_REVERSED = re.compile(r"\b(?:(?:di)?(?:balik|balek|walik)(?:en|an)?|mburi|belakang|wingking)\b.*?(\d[\d\W]{6,}\d)")
_STARRED = re.compile(r"(?=\w*\*)\w(?:[\w*]*\w|\w\*+)\W*")
_MEASURE = re.compile(r"\d[\d.,]*(?:rb|rbu|ribu|k|jt|juta|yuta|ewu|gb|mb|x|d|sr|th|thn|an)\W*")
LONG_ENOUGH = 4
"""Letters of a word that is also found with a suffix."""
_MOBILE = re.compile(r"(?:0|62)?8[1-9]\d{7,10}")
_DOTTED = re.compile(r"(?<![\d.])0\d*([._*~-])\d+(?:\1\d+){2,}")
"""Groups of digits with the same sign between them: neither a date nor an hour has so many."""
_BY_WORDS = 5
"""Spelled digits in a row that are a number in disguise."""
_IN_PARTS = re.compile(
    r"\b(?:lanjut|sisa|sambung|terus|depan|belakang|buri|ngarep|mburi|guntur)(?:an)?(?:nya|e|ne|ipun)?\b"
)
"""Words with which a number is given in parts."""


@dataclass(frozen=True)
class Finding:
    """A reason to hold a text back; `words` as they were read, disguises undone."""

    category: str
    words: str


@dataclass(frozen=True)
class _Category:
    words: frozenset[str]
    patterns: re.Pattern[str] | None
    together: tuple[tuple[str, ...], ...]
    unless: re.Pattern[str] | None
    span: int
    """Sentences that are read together."""


@dataclass(frozen=True)
class _Rules:
    harmless: re.Pattern[str]
    same: dict[str, str]
    groups: dict[str, re.Pattern[str]]
    categories: dict[str, _Category]
    lookalikes: dict[int, str]
    digits: dict[int, str]
    suffixes: tuple[str, ...]
    number_part: re.Pattern[str]
    number_run: re.Pattern[str]
    number_of: dict[str, str]
    link: re.Pattern[str]


def check(text: str) -> tuple[Finding, ...]:
    """Why a text must not pass, at most one finding a category; empty: it may. The text is masked already."""
    rules = _rules()
    plain = _plain(text, rules)
    cleared = rules.harmless.sub(" ", _evened(plain))
    sentences = list(filter(str.strip, _SENTENCE.split(cleared)))
    words = [list(_words(sentence)) for sentence in sentences]
    read = [_read(sentence, rules) for sentence in sentences]
    whole = " ".join(read)
    present = {name: group for name, group in rules.groups.items() if group.search(whole)}
    found: dict[str, str] = {}
    for name, category in rules.categories.items():
        together = [[present[group] for group in groups] for groups in category.together if present.keys() >= {*groups}]
        patterns = category.patterns if category.patterns and category.patterns.search(whole) else None
        for at, (sentence, spellings) in enumerate(zip(read, words, strict=True)):
            hit = next((word for word in spellings if word in category.words), None)
            hit = hit or _hit(patterns, together, sentence)
            if category.unless and hit and category.unless.search(sentence):
                hit = None
            if not hit and category.span > 1 and at:
                both = f"{read[at - 1]} {sentence}"
                hit = _hit(patterns, together, both)
                hit = None if category.unless and category.unless.search(both) else hit
            if hit:
                found[name] = hit
                break
    if link := rules.link.search(_SINGLY.sub(lambda run: re.sub(r"(?<=\w) (?=\w)", "", run.group()), plain)):
        found["link"] = link.group().strip()
    if hit := _phone(plain, rules):
        found["phone"] = hit
    return tuple(Finding(name, found[name]) for name in rules.categories if name in found)


def _hit(patterns: re.Pattern[str] | None, together: list[list[re.Pattern[str]]], sentence: str) -> str | None:
    if patterns and (found := patterns.search(sentence)):
        return found.group().strip()
    finds = filter(None, (_apart(groups, sentence) for groups in together))
    return " … ".join(find.group().strip() for find in next(finds, [])) or None


def _apart(groups: list[re.Pattern[str]], sentence: str) -> list[re.Match[str]]:
    """One find of each group, no place found twice; nothing if a group has none."""
    hits: list[re.Match[str]] = []
    for group in groups:
        for hit in group.finditer(sentence):
            if all(hit.end() <= other.start() or other.end() <= hit.start() for other in hits):
                hits.append(hit)
                break
        else:
            return []
    return hits


# -- undoing disguises ------------------------------------------------------------------------------------------------


def _plain(text: str, rules: _Rules) -> str:
    """Small letters, one form of each, nothing invisible."""
    evened = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(c for c in evened if unicodedata.category(c) not in ("Cf", "Mn"))
    return visible.translate(rules.lookalikes)


def _undisguised(word: str, rules: _Rules) -> str:
    """Digits and signs within a word as the letters they stand for; a number stays one."""
    if _MEASURE.fullmatch(word):
        return word
    letters = sum(map(str.isalpha, word))
    return word.translate(rules.digits) if letters >= 1 and letters * 2 >= len(word.strip(".,!?")) - 1 else word


@lru_cache(maxsize=8192)
def _canonical(word: str) -> str:
    """One spelling, in one language, of a word that has many; its suffix stays."""
    same = _rules().same
    known = next((stem for stem in _stems(word) if stem in same), None)
    return same[known] + word[len(known) :] if known else word


def _stems(word: str) -> Iterator[str]:
    """A word, and it without a suffix."""
    yield word
    for suffix in _rules().suffixes:
        if word.endswith(suffix) and len(word) - len(suffix) >= LONG_ENOUGH:
            yield word.removesuffix(suffix)


def _evened(text: str) -> str:
    return _WORD.sub(lambda word: _canonical(word.group()), text)


def _together(run: re.Match[str]) -> str:
    """Letters that stood apart, as words: two blanks part them."""
    return " ".join(re.sub(r"[\W_]", "", word) for word in re.split(r"\s{2,}", run.group()))


def _read(sentence: str, rules: _Rules) -> str:
    """A sentence for the patterns: no letters apart, no digits in words, nothing drawn out."""
    undone = (_undisguised(word, rules) for word in _APART.sub(_together, sentence).split())
    return _evened(_DRAWN_OUT.sub(r"\1", " ".join(undone)))


def _words(sentence: str) -> Iterator[str]:
    """The words that a sentence may hold: as written, without suffix, with letters put together, asterisks filled."""
    tokens = [found.group().rstrip(".!") for found in _TOKEN.finditer(sentence)]
    tokens += re.findall(r"\w+", sentence)
    tokens += " ".join(map(_together, _APART.finditer(sentence))).split()
    for token in dict.fromkeys(tokens):
        yield from _spellings(token)


@lru_cache(maxsize=8192)
def _spellings(token: str) -> tuple[str, ...]:
    rules = _rules()
    found = list(_filled(token, rules)) if _STARRED.fullmatch(token) else []
    for form in (token, token.replace("1", "l")):
        found += _stems(_REPEATED.sub(r"\1", re.sub(r"[\W_]", "", _undisguised(form, rules))))
    return tuple(dict.fromkeys(found))


def _filled(token: str, rules: _Rules) -> Iterator[str]:
    """The words of the lists that a word with asterisks may stand for."""
    undone = _undisguised(re.sub(r"[^\w*]+$", "", token), rules)
    meant = re.compile(re.sub(r"\*+", lambda stars: rf"\w{{1,{len(stars.group()) + 1}}}", undone))
    for category in rules.categories.values():
        yield from (word for word in category.words if len(word) >= 3 and meant.fullmatch(word))


# -- links and numbers ------------------------------------------------------------------------------------------------


def _phone(plain: str, rules: _Rules) -> str | None:
    """A number that was masked, or one in words, in letters for digits, in parts, or read from behind."""
    if PHONE_MASK in plain:
        return PHONE_MASK
    typed = _FOR_DIGITS.sub(_as_digits, re.sub(r"[()]", " ", plain))
    spelled = rules.number_run.sub(lambda run: _digits(run.group(), rules), typed)
    close = _DIGITS_APART.sub(lambda run: re.sub(r"\D", "", run.group()), typed)
    found = any(PHONE_MASK in mask(text) for text in {spelled, typed, close})
    found = found or any(_MOBILE.fullmatch(re.sub(r"\D", "", run.group())) for run in _DOTTED.finditer(typed))
    if behind := _REVERSED.search(plain):
        found = found or PHONE_MASK in mask(re.sub(r"\D", "", behind[1])[::-1])
    if _IN_PARTS.search(plain):
        found = found or bool(_MOBILE.fullmatch(re.sub(r"\D", "", spelled)))
    return PHONE_MASK if found else None


def _as_digits(run: re.Match[str]) -> str:
    text = run.group()
    return text.translate(_LOOKS_LIKE) if sum(map(str.isdigit, text)) * 3 >= len(text) else text


def _digits(run: str, rules: _Rules) -> str:
    parts = rules.number_part.findall(run)
    return "".join(rules.number_of.get(part, part) for part in parts) if len(parts) >= _BY_WORDS else run


# -- the rules --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    undo = data["undo"]
    suffixes = undo["suffixes"].split()
    number_of = {word: digit for digit, spelled in undo["number_words"].items() for word in spelled.split()}
    number = "|".join([*sorted(number_of, key=len, reverse=True), r"\d"])
    return _Rules(
        harmless=_any(data["harmless"], suffixes),
        groups={name: _any(patterns, suffixes) for name, patterns in data["groups"].items()},
        same={word: one for one, spelled in data["same"].items() for word in spelled.split()},
        categories={name: _category(found, suffixes) for name, found in data["categories"].items()},
        lookalikes=str.maketrans(undo["lookalikes"]),
        digits=str.maketrans(undo["digits"]),
        suffixes=tuple(suffixes),
        number_part=re.compile(number),
        number_run=re.compile(rf"(?<![a-z])(?:(?:{number})[\W_]{{0,3}}){{{_BY_WORDS},}}"),
        number_of=number_of,
        link=_link_pattern(undo["link"]["parts"], undo["link"]["patterns"]),
    )


def _category(found: dict[str, Any], suffixes: list[str]) -> _Category:
    return _Category(
        words=frozenset(_REPEATED.sub(r"\1", word) for word in found["words"].split()),
        patterns=_any(found["patterns"], suffixes) if found["patterns"] else None,
        together=tuple(map(tuple, found["together"])),
        unless=_any(found["unless"], suffixes) if found["unless"] else None,
        span=found.get("span", 1),
    )


def _any(patterns: list[str], suffixes: list[str]) -> re.Pattern[str]:
    """Whole words, with or without a suffix; a blank is whatever parts words, "~" up to three of them."""
    listed = "|".join(patterns).replace(" ?", r"\W*").replace(" ", r"\W+").replace("~", r"(?:\w+\W+){0,3}?")
    return re.compile(rf"(?<!\w)(?=\w)(?:{listed})(?:{'|'.join(suffixes)})?(?!\w)")


def _link_pattern(parts: dict[str, str], patterns: list[str]) -> re.Pattern[str]:
    pattern = "|".join(patterns)
    for name, part in parts.items():
        pattern = pattern.replace(name, part)
    return re.compile(pattern)

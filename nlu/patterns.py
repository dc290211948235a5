"""What has a form of its own: case and application numbers, amounts, periods, dates, languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from nlu import dates
from nlu.numbers import SCALE, TEEN, UNIT, is_number_word, parse_digits, parse_words

_CASE_TYPES = (
    r"pdt\W{0,2}(?:g\W{0,2}[sp]|g|p|bth|plw|eks|sus(?:\W{0,2}(?:phi|pailit|pkpu|hki|kpu))?)|"
    r"pid\W{0,2}(?:sus(?:\W{0,2}(?:anak|tpk|lh|prk))?|b|c|s|r|pra|lp)"
)
_CASE_YEAR = (
    r"(?:(?:tahun|thn|th|taun)\W{0,2})?"
    r"(?P<year>(?:19|20)\d\d(?!\d)|[0-3]\d(?![\d:.,]|\s*(?:hari|dino|dina|dinten|jam|bulan|wulan|bln|tahun|taun|orang|juta|jt|ribu|rb)))?"
)
_CASE_COURT = r"(?:\W{0,3}(?P<court>pn\W{0,2}(?:mjk|mojokerto|mkt)\b))?"
_NUMBER_SIGN = r"(?:(?:nomor|nomer|no|nmr)\W{0,2})?"
_CASE = re.compile(
    rf"(?<![\w+])(?P<number>\d{{1,5}})\W{{0,3}}(?:(?P<type>{_CASE_TYPES})(?![a-z])\.?)\W{{0,3}}{_CASE_YEAR}{_CASE_COURT}"
)
_CASE_TYPE_FIRST = re.compile(
    rf"\b(?P<type>{_CASE_TYPES})(?![a-z])\W{{0,3}}{_NUMBER_SIGN}(?P<number>\d{{1,5}})(?:\W{{1,3}}{_CASE_YEAR})?{_CASE_COURT}"
)
_CASE_SHORT = re.compile(
    r"\b(?:perkara|prkara|prkr|perkoro|perkawis|kasus|sidang)(?:ku|ne|nya|e|ipun)?\W{0,2}(?:(?:perdata|pidana|gugatan|permohonan)\W{0,2})?"
    rf"{_NUMBER_SIGN}(?P<span>(?P<number>\d{{1,4}})\s*(?:/|-|tahun|thn|th|taun)\s*(?P<year>(?:19|20)\d\d))\b(?![/-]\d)"
)
_CASE_SPOKEN = re.compile(
    rf"(?P<number>(?:\b[a-z]+\s+){{1,4}})(?P<type>{_CASE_TYPES})\s+(?:(?:tahun|taun)\s+)?(?P<year>(?:\b(?:dua|kalih|rong)\s+(?:ribu|ewu))(?:\s+[a-z]+){{0,3}})"
)
_APPLICATION = re.compile(
    r"(?<![\w/.-])(?:[a-z]{1,4}\d{3,12}|[a-z]{1,5}[-/.]\d{2,10}(?:[-/.]\d{1,6}){0,3}|[a-z]{1,5}(?:[-/.][a-z]{1,5}){1,2}[-/.]\d{2,10}"
    r"(?:[-/.]\d{1,6}){0,3}|\d{2,6}[-/.][a-z]{2,6}(?:[-/.][a-z\d.]{1,8}){0,3}|\d{2,4}(?:[-/]\d{1,4}(?:\.\d{1,4}){0,3}){1,3}[-/](?:19|20)\d\d|"
    r"[a-z]{1,2}\d[a-z\d]{1,3}-\d{2,6})(?![\w/]|[.-]\w)"
)
_APPLICATION_CUED = re.compile(
    r"\b(?:resi|registrasi|regist|reg|permohonan|pengajuan|tiket|antrian|berkas|pendaftaran|klaim|daftar|kode|nomor|nomer|nomere|no|nmr|noreg)"
    r"\.?\s*(?:(?:resi|registrasi|permohonan|pengajuan|tiket|berkas|pendaftaran|klaim|surat|e|ne|nya|saya|ku|kulo)\s*){0,2}"
    r"(?P<span>(?=[a-z/.\s-]{0,6}\d)(?:[a-z]{1,5}[\s./-]?)?\d[\da-z]*(?:[./-][\da-z]+){0,5})(?![\w/])"
)
_AMOUNT = re.compile(
    r"(?:(?P<rp>\brp\.?\s*)|(?<![\w/.,-]))(?P<figure>\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d{1,3})?)(?:\s*(?P<unit>jutaan|juta|jt|yuta|yuto|ribuan|ribu|"
    r"rebu|rb|ewu|k|miliar|milyar|persen)\b(?:\s+(?P<rest>\d{3})(?:\s*(?P<restunit>ribu|rb|ewu))?\b(?![/.,]?\d))?)?(?:\s*rupiah)?(?![\w/])"
)
_WORD = re.compile(r"[a-z]+")
_PERIOD_UNIT = (
    r"(?P<unit>tahunan|tahun|thn|th|taun|warsa|bulan|bln|wulan|sasi|ulan|minggu|mgg|pekan|hari|hr|dino|dina|dinten|"
    r"jam)(?:an)?"
)
_PERIOD_ONE = re.compile(
    r"\b(?:se|sa|sak)(?P<unit>tahun|taun|bulan|wulan|sasi|minggu|hari|dino|dina|dinten|jam)\b"
    r"(?:\s+(?:setengah|lebih|luwih))?"
)
_AGE = re.compile(
    r"\b(?:umur|umure|umurnya|umurku|umuripun|usia|usiane|usianya|yuswa|yuswo|yuswane|berumur|berusia|umuran)\W*$"
)
_LANGUAGE = re.compile(
    r"\b(?:(?:bahasa|basa|boso|bhs|bhsa|b)\.?\s*)?(?P<name>indonesia|endonesia|endonesa|indonesa|indo|nasional|jawa|jowo|jawi|njowo|jowoan|jawaan|"
    r"krama|kromo|ngoko|melayu)(?:\s*(?:alus|halus|inggil|madya|krama|kromo|ngoko))?\b"
)
_LANGUAGE_ID = {"indonesia", "endonesia", "endonesa", "indonesa", "indo", "nasional", "melayu"}


@dataclass(frozen=True)
class Found:
    """One entity: `value` is what it means (an integer of Rupiah, an ISO date, a spelled-out case number)."""

    entity: str
    start: int
    end: int
    value: Any


def find(text: str, today: dt.date, *, wanted: frozenset[str] | None = None) -> list[Found]:
    """Entities of a text in order, none overlapping; where two claim the same words the more particular one stays.

    `wanted` limits the kinds. Case is ignored; positions are those of `text`.
    """
    folded = text.lower()
    if len(folded) != len(text):
        folded = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    kept: list[Found] = []
    for finder in (_case_numbers, _periods, _dates, _amounts, _application_numbers, _languages):
        for found in finder(folded, today):
            inside = all(found.end <= k.start or found.start >= k.end for k in kept)
            if inside and (wanted is None or found.entity in wanted):
                kept.append(found)
    return sorted(kept, key=lambda f: f.start)


def _case_numbers(text: str, today: dt.date) -> Iterator[Found]:
    for pattern in (_CASE, _CASE_TYPE_FIRST):
        for match in pattern.finditer(text):
            if match["year"] or pattern is _CASE:
                yield Found("case_number", match.start(), _trim(text, match.end()), _case_value(match))
    for match in _CASE_SHORT.finditer(text):
        yield Found("case_number", *match.span("span"), f"{int(match['number'])}/{match['year']}")
    for match in _CASE_SPOKEN.finditer(text):
        numbers, start, _ = _number_words(match, "number", from_end=True)
        years, _, end = _number_words(match, "year", from_end=False)
        if numbers and years:
            value = f"{parse_words(numbers)}/{_case_type(match['type'])}/{_year_in_words(years)}"
            yield Found("case_number", start, end, value)


def _number_words(match: re.Match[str], group: str, *, from_end: bool) -> tuple[list[str], int, int]:
    """The unbroken run of number words at the end or the beginning of a group, with its place in the text."""
    found = list(_WORD.finditer(match.string, *match.span(group)))
    run = list(takewhile(lambda w: is_number_word(w.group()), reversed(found) if from_end else found))
    if from_end:
        run.reverse()
    return [w.group() for w in run], run[0].start() if run else 0, run[-1].end() if run else 0


def _year_in_words(words: list[str]) -> int | None:
    """ "dua ribu dua puluh enam", and as many say it: "dua ribu dua enam"."""
    if len(words) == 4 and all(UNIT.get(word, 10) < 10 for word in words[2:]):
        return 2000 + 10 * UNIT[words[2]] + UNIT[words[3]]
    return parse_words(words)


def _trim(text: str, end: int) -> int:
    while end and not text[end - 1].isalnum():
        end -= 1
    return end


def _case_value(match: re.Match[str]) -> str:
    value = f"{int(match['number'])}/{_case_type(match['type'])}"
    if year := match["year"]:
        value += f"/{year if len(year) == 4 else '20' + year}"
    return f"{value}/PN Mjk" if match["court"] else value


def _case_type(written: str) -> str:
    """As courts write it: "pid sus anak" is Pid.Sus-Anak, "pdt g s" Pdt.G.S."""
    family, *rest = re.findall(r"pdt|pid|g(?=s)|(?<=g)s|[a-z]+", re.sub(r"(?<=pdt|pid|sus)(?=[a-z])", " ", written))
    if rest[:1] == ["sus"]:
        detail = "".join("-" + ("Anak" if part == "anak" else part.upper()) for part in rest[1:])
        return f"{family.capitalize()}.Sus{detail}"
    return ".".join([family.capitalize(), *(p.upper() if len(p) <= 2 else p.capitalize() for p in rest)])


def _application_numbers(text: str, today: dt.date) -> Iterator[Found]:
    for pattern, group in ((_APPLICATION, 0), (_APPLICATION_CUED, "span")):
        for match in pattern.finditer(text):
            start, end = match.span(group)
            yield Found("application_number", start, end, text[start:end].upper().strip())


def _amounts(text: str, today: dt.date) -> Iterator[Found]:
    for match in _AMOUNT.finditer(text):
        figure = parse_digits(match["figure"])
        if figure is None or not (match["rp"] or match["unit"] or (figure >= 10_000 and "." in match["figure"])):
            continue
        if match["unit"] == "persen":
            continue
        yield Found("amount", match.start(), match.end(), _amount_value(figure, match))
    yield from _amounts_in_words(text)


def _amount_value(figure: float, match: re.Match[str]) -> int:
    unit = (match["unit"] or "").removesuffix("an")
    scale = SCALE.get(unit, 1)
    value = round(figure * scale)
    if match["rest"]:
        rest = int(match["rest"])
        value += rest * (1000 if scale == 1_000_000 or match["restunit"] else 1)
    return value


def _amounts_in_words(text: str) -> Iterator[Found]:
    run: list[re.Match[str]] = []
    for match in [*_WORD.finditer(text), None]:
        adjoining = match and (not run or text[run[-1].end() : match.start()].strip() == "")
        if match and adjoining and (is_number_word(match.group()) or (run and match.group() == "setengah")):
            run.append(match)
            continue
        words = [m.group() for m in run]
        while words and words[-1] in {"se", "sa", "sak"}:
            words.pop()
            run.pop()
        if any(SCALE.get(w, 0) >= 1000 for w in words) or "sewu" in words or "sejuta" in words or "sakyuta" in words:
            value = parse_words(words)
            if value and value >= 1000 and words != ["m"] and len(words) + (words[0] in {"sejuta", "sakyuta"}) > 1:
                if words[-1] == "setengah":
                    value += max((SCALE[w] for w in words if w in SCALE), default=0) // 2
                yield Found("amount", run[0].start(), run[-1].end(), value)
        run = [match] if match and is_number_word(match.group()) else []


def _periods(text: str, today: dt.date) -> Iterator[Found]:
    for match in _PERIOD_ONE.finditer(text):
        if not _is_date_phrase(text, match.end()):
            yield Found("period", match.start(), match.end(), {"count": 1, "unit": match["unit"]})
    for match in re.finditer(rf"\b{_PERIOD_UNIT}\b", text):
        before = text[: match.start()]
        head = re.search(r"(\d{1,3}(?:,5)?)\s*$", before)
        if head:
            count, start = parse_digits(head[1]), head.start(1)
            if start and text[start - 1] in "/.-":
                continue
        else:
            count, start = _words_before(before)
        end = match.end()
        if count is None or _is_date_phrase(text, end) or _AGE.search(text[:start]):
            continue
        tail = re.match(r"\s+(?:setengah|separo|lebih|luwih|langkung)\b", text[end:])
        yield Found("period", start, end + (tail.end() if tail else 0), {"count": count, "unit": match["unit"]})


def _words_before(before: str) -> tuple[float | None, int]:
    words = list(_WORD.finditer(before))
    run: list[re.Match[str]] = []
    end = len(before)
    while (
        words
        and before[words[-1].end() : end].strip() == ""
        and (words[-1].group() in UNIT or words[-1].group() in SCALE or words[-1].group() in TEEN)
    ):
        end = words[-1].start()
        run.insert(0, words.pop())
    while run and run[0].group() in {"se", "sa", "ro", "k", "m", "rb", "jt"}:
        run.pop(0)
    if not run:
        return None, 0
    value = parse_words([m.group() for m in run])
    return (float(value), run[0].start()) if value else (None, 0)


_PAST_OR_COMING = re.compile(
    r"\s+(?:yang\s+|sing\s+|ingkang\s+)?(?:lalu|kepungkur|kepengker|kapengker|lagi|maneh|malih|engkas|wingi)\b"
)


def _is_date_phrase(text: str, end: int) -> bool:
    return bool(_PAST_OR_COMING.match(text[end:]))


def _dates(text: str, today: dt.date) -> Iterator[Found]:
    for match in dates.PATTERN.finditer(text):
        if (value := dates.resolve(match, today)) is not None and not _is_word_may(match):
            yield Found("date", match.start(), match.end(), value)


def _is_word_may(match: re.Match[str]) -> bool:
    """Short month names ("mar", "sep", "des") and Javanese words that only look like dates say nothing alone."""
    return match.group() in {
        "mar",
        "sep",
        "des",
        "apr",
        "jan",
        "agu",
        "ags",
        "nop",
        "nov",
        "jun",
        "jul",
        "okt",
        "enjing",
        "feb",
    }


def _languages(text: str, today: dt.date) -> Iterator[Found]:
    for match in _LANGUAGE.finditer(text):
        marked = match.group() != match["name"] or len(text.split()) <= 6
        if marked:
            yield Found("language", match.start(), match.end(), "id" if match["name"] in _LANGUAGE_ID else "jv")

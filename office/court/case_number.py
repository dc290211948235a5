"""The number of a case: `ordinal/CODE/year/PN Mjk`, without leading zeros (standard of Mahkamah Agung)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

OURS = "PN Mjk"
"""This court, as SIPP writes it at the end of its numbers."""
EXAMPLE = f"12/Pdt.G/2026/{OURS}"

_CODES = "Pdt.G Pdt.P Pdt.G.S Pdt.Bth Pdt.Plw Pdt.Eks Pid.B Pid.S Pid.C Pid.Sus Pid.Sus-Anak Pid.Sus-TPK Pid.Pra Pid.LL"
CODES = {re.sub(r"\W", "", code).lower(): code for code in _CODES.split()}
"""Codes of the kinds of cases by their letters alone: "pdtgs" is Pdt.G.S."""
_KINDS = {
    "gugatan sederhana": "Pdt.G.S",
    "gugatan": "Pdt.G",
    "permohonan": "Pdt.P",
    "panyuwunan": "Pdt.P",
    "bantahan": "Pdt.Bth",
    "perlawanan": "Pdt.Plw",
    "eksekusi": "Pdt.Eks",
    "praperadilan": "Pid.Pra",
    "pidana anak": "Pid.Sus-Anak",
    "pidana khusus": "Pid.Sus",
    "pidana singkat": "Pid.S",
    "pidana cepat": "Pid.C",
    "pidana": "Pid.B",
}
"""Words that stand for a code when it is being asked for; the longer ones first."""

_NOT_IN_KEY = re.compile(r"[^a-z0-9/]")
_ZEROS = re.compile(r"(?<![a-z0-9])0+(?=\d)")

# Everything below is for text in small letters.
_GAP = r"[\W_]{0,3}"
_SPELLINGS = (re.sub(r"\W", lambda _: _GAP, code.lower()) for code in sorted(_CODES.split(), key=len, reverse=True))
_CODE = rf"(?P<code>{'|'.join(_SPELLINGS)})(?![a-z])"
_CUE = (
    r"(?:nomor|nomer|nomernya|nomore|nomere|nomeripun|nmr|no|perkara|perkarane|perkaranya|perkaranipun|perkoro|prkara|"
    r"perkawis|perkawisipun|prakawis|prakara|kasus|kasuse|kasusnya)"
)
_ORDINAL = r"(?<!\d)(?<!\d[.,])(?P<ordinal>\d{1,5})"
_NO_AMOUNT = r"(?!\d|[.,]\d|\W*(?:juta|jt|yuta|ribu|rb|ewu|bulan|wulan|minggu|hari|dinten|dino|orang|wong|tiyang)\b)"
_NO_YEAR = r"(?!(?:19|20)\d\d\b(?!\W{0,3}(?:tahun|thn|th|taun|/)))"
_YEAR = (
    r"(?:(?:\W{0,3}(?:tahun|thn|th|taun|warsa))?[\W_]{0,3}(?P<year>(?:19|20)\d\d|\d\d)(?!\d)"
    r"|\W{0,3}(?P<this_year>(?:tahun|taun|warsa)\s+(?:ini|iki|niki|menika)))?"
)
_WRITTEN = (
    re.compile(rf"{_ORDINAL}{_GAP}{_CODE}{_YEAR}"),
    re.compile(rf"(?<![a-z]){_CODE}\W{{1,3}}(?:{_CUE}\W{{0,3}})?{_NO_YEAR}{_ORDINAL}{_NO_AMOUNT}{_YEAR}"),
    re.compile(rf"\b{_CUE}\W{{0,3}}(?:{_CUE}\W{{0,3}})*{_ORDINAL}{_NO_AMOUNT}(?:{_GAP}{_CODE})?{_YEAR}"),
    re.compile(rf"^\W*{_ORDINAL}\s*(?:/|tahun|taun|thn|th)\s*(?P<year>(?:19|20)\d\d)\W*$"),
    re.compile(rf"{_ORDINAL}\s*/\s*(?P<foreign>[a-z][a-z.-]{{0,11}})\s*/\s*(?P<year>(?:19|20)\d\d)\b"),
)
"""Ways of writing a number, from the most particular to the least; the first that fits is read. The last one is for
codes of other courts."""

_TOWN = r"[a-z]{2,}(?:\W(?:kota|kab|selatan|utara|barat|timur|pusat)\b)?"
_COURT_BEHIND = re.compile(rf"{_GAP}(?P<kind>p\.?n|p\.?a|ptun|p\.?t|ms|dilmil)(?![a-z])[\W_]{{0,2}}(?P<town>{_TOWN})")
_COURT_SPELLED = re.compile(
    r"\bpengadilan\s+(?P<long>negeri|negri|agama|tinggi|militer|tata usaha negara)(?:\s+(?P<town>[a-z]{3,}))?"
)
_COURT_NAMED = re.compile(
    r"\b(?P<kind>pn|pa|ptun)\W{1,2}(?P<town>mjk|mojokerto|mr|sby|surabaya|sda|sidoarjo|jbg|jombang|gsk|gresik|lmg|"
    r"lamongan|mlg|malang|kdr|kediri|psr|pasuruan|bgl|bangil|njk|nganjuk|blt|blitar|tbn|tuban|jkt|jakarta)\b"
)
_KIND_OF_COURT = {"negeri": "PN", "negri": "PN", "agama": "PA", "tinggi": "PT", "tata usaha negara": "PTUN"}
_OUR_TOWN = re.compile(r"mjk|moj|mjkt|mkt|mkto")
_NO_TOWN = re.compile(
    r"mana|endi|pundi|ini|iki|niki|menika|itu|iku|kuwi|niku|ya|yo|nggih|kapan|sidang\w*|jam|ruang|hari|dino|dinten|min|pak|"
    r"bu|mas|mbak|dong|tolong|tulung|sudah|udah|wis|wes|sampun|pun|saya|aku|kula|kulo|opo|apa|nopo|menapa|gimana|piye|"
    r"pripun|yang|sing|ingkang|di|ing|nang|teng|wonten|terus|dan|lan|jadi|kok"
)

_YEAR_ALONE = re.compile(r"\b(?:19|20)\d\d\b")
_CODE_ALONE = re.compile(rf"(?<![a-z]){_CODE}")
_AROUND = r"(?:ya|iya|yo|nggih|inggih|itu|yang|sing|pak|bu|min|mas|mbak|kak)"
_ORDINAL_ALONE = re.compile(
    rf"\W*(?:(?:{_CUE}|{_AROUND})\W+)*(?P<ordinal>\d{{1,5}})(?:\W+(?:tahun\W+|taun\W+)?(?P<year>(?:19|20)\d\d))?"
    rf"(?:\W+{_AROUND})*\W*"
)


@dataclass(frozen=True)
class CaseNumber:
    """A number as somebody gave it; what he left out is None. `court` None: none was named, so it is this one."""

    ordinal: int | None = None
    code: str | None = None
    year: int | None = None
    court: str | None = None

    @property
    def complete(self) -> bool:
        """Whether it names one case."""
        return None not in (self.ordinal, self.code, self.year)

    @property
    def ours(self) -> bool:
        """Whether it is of this court."""
        return self.court in (None, OURS)

    def __str__(self) -> str:
        """Canonical, "12/Pdt.G/2026/PN Mjk"; what is known of an incomplete one. `read` reads both back."""
        if self.complete:
            return f"{self.ordinal}/{self.code}/{self.year}/{self.court or OURS}"
        known = (f"nomor {self.ordinal}", self.code, f"tahun {self.year}" if self.year else None, self.court)
        return " ".join(part for part in known if part)


def key(number: str) -> str:
    """A number evened out: "12/Pdt.G/2026/PN Mjk" and "012/PDT.G/2026/PN. MJK" are both "12/pdtg/2026/pnmjk"."""
    return _ZEROS.sub("", _NOT_IN_KEY.sub("", number.casefold()))


def read(text: str, this_year: int | None = None) -> CaseNumber | None:
    """The first case number in a text, in whatever spelling; None where there is none.

    Understood: "12/pdt.g/2026", "012 PDT G 26", "nomor 12 pdt.gs tahun 2026", "pid.b no 45 tahun 2026", and without
    code or year, "perkara nomor 12". `this_year` is what "tahun ini" means.
    """
    text = text.lower()
    found = _find(text)
    return _number(found, text, this_year) if found else None


def without(text: str) -> str:
    """The text, in small letters, without its case number and the court's name behind it."""
    text = text.lower()
    if not (found := _find(text)):
        return text
    court = _COURT_BEHIND.match(text, found.end())
    return f"{text[: found.start()]} {text[court.end() if court else found.end() :]}"


def _find(text: str) -> re.Match[str] | None:
    matches = (match for way in _WRITTEN for match in way.finditer(text))
    return next((match for match in matches if int(match["ordinal"])), None)


def _number(match: re.Match[str], text: str, this_year: int | None) -> CaseNumber:
    groups = match.groupdict()
    year = int(groups["year"]) if groups["year"] else this_year if groups.get("this_year") else None
    code = _canonical(groups["code"]) if groups.get("code") else (groups.get("foreign") or "").upper() or None
    return CaseNumber(int(groups["ordinal"]), code, year + 2000 if year and year < 100 else year, _court(match, text))


def _court(match: re.Match[str], text: str) -> str | None:
    behind = _COURT_BEHIND.match(text, match.end())
    if behind and not _NO_TOWN.fullmatch(behind["town"]):
        return _named(behind["kind"].replace(".", "").upper(), behind["town"])
    if spelled := _COURT_SPELLED.search(text):
        town = spelled["town"] if spelled["town"] and not _NO_TOWN.fullmatch(spelled["town"]) else None
        return _named(_KIND_OF_COURT.get(spelled["long"], "Dilmil"), town)
    if named := _COURT_NAMED.search(text):
        return _named(named["kind"].upper(), named["town"])
    return None


def _named(kind: str, town: str | None) -> str | None:
    if kind == "PN" and (town is None or _OUR_TOWN.match(town)):
        return OURS
    return f"{kind} {town.title()}" if town else kind


def complete(known: CaseNumber | None, text: str, this_year: int | None = None) -> CaseNumber | None:
    """A number after the answer to a question for it, or for what it lacks: "12", "pdt g", "yang gugatan", "2026".

    None where the answer adds nothing. A number with an ordinal of its own takes the place of the known one.
    """
    if written := read(text, this_year):
        return written
    lowered = text.lower()
    if (bare := _ORDINAL_ALONE.fullmatch(lowered)) and not (known and known.ordinal) and int(bare["ordinal"]):
        return CaseNumber(int(bare["ordinal"]), None, int(bare["year"]) if bare["year"] else None)
    if known is None or known.complete:
        return None
    code, year = known.code or _code(lowered), known.year
    if year is None and (found := _YEAR_ALONE.search(lowered)):
        year = int(found.group())
    after = replace(known, code=code, year=year)
    return after if after != known else None


def _code(text: str) -> str | None:
    if found := _CODE_ALONE.search(text):
        return _canonical(found["code"])
    return next((code for words, code in _KINDS.items() if re.search(rf"\b{words}\b", text)), None)


def _canonical(code: str) -> str:
    return CODES[re.sub(r"[\W_]", "", code)]

"""Numbers in words, Indonesian and Javanese (ngoko, krama): "tiga juta dua ratus", "telung yuta", "kalih dasa"."""

from __future__ import annotations

_UNITS = {
    1: "satu siji setunggal sak se sa",
    2: "dua loro kalih rong ro",
    3: "tiga telu telung tigang tri",
    4: "empat papat patang pat sekawan sekawang kawan",
    5: "lima limo limang gangsal gangsalan",
    6: "enam enem nem nenem",
    7: "tujuh pitu pitung",
    8: "delapan wolu wolung",
    9: "sembilan sanga songo sangang songang",
    10: "sepuluh sedasa sedoso sepoloh",
    11: "sebelas sewelas setunggalwelas",
    12: "duabelas rolas kalihwelas",
    13: "tigabelas telulas tigangwelas",
    14: "empatbelas patbelas sekawanwelas",
    15: "limabelas limolas limalas gangsalwelas",
    16: "enambelas nembelas",
    17: "tujuhbelas pitulas",
    18: "delapanbelas wolulas",
    19: "sembilanbelas sangalas songolas",
    25: "selawe",
    50: "seket sekeket",
    60: "sewidak suwidak",
}
_SCALES = {
    10: "puluh poloh dasa doso",
    100: "ratus atus ngatus",
    1000: "ribu ewu rebu rb ngewu k",
    1_000_000: "juta yuta yuto jt jutaan",
    1_000_000_000: "miliar milyar m",
}
_WHOLE = {"seratus": 100, "satus": 100, "seribu": 1000, "sewu": 1000, "sejuta": 1_000_000, "sakyuta": 1_000_000}
UNIT = {word: value for value, words in _UNITS.items() for word in words.split()}
SCALE = {word: value for value, words in _SCALES.items() for word in words.split()}
TEEN = {"belas", "welas"}
_HALF = {"setengah", "separo"}


def is_number_word(word: str) -> bool:
    """Whether a folded word can be part of a number in words."""
    return word in UNIT or word in SCALE or word in _WHOLE or word in TEEN


def parse_words(parts: list[str]) -> int | None:
    """The number that folded words say, or None where they say none; "tiga juta dua ratus" is 3,000,200."""
    total = group = 0
    unit: int | None = None
    for part in parts:
        if part in UNIT:
            group, unit = group + (unit or 0), UNIT[part]
        elif part in TEEN:
            unit = (unit or 0) + 10
        elif part in _WHOLE:
            value = _WHOLE[part]
            group, unit = group + (unit or 0), None
            if value >= 1000:
                total, group = total + (group or 1) * value, 0
            else:
                group += value
        elif part in SCALE:
            scale = SCALE[part]
            if scale < 1000:
                group, unit = group + (unit or 1) * scale, None
            else:
                total += ((group + (unit or 0)) or 1) * scale
                group, unit = 0, None
        elif part in _HALF:
            continue
        else:
            return None
    total += group + (unit or 0)
    return total if parts else None


def parse_digits(text: str) -> float | None:
    """Figures as people write them: "4.500.000", "4,5", "3.75", "150"; None where it is no number."""
    text = text.strip()
    head, comma, tail = text.partition(",")
    if comma and tail.isdigit() and len(tail) != 3 and head.replace(".", "").isdigit():
        return float(f"{head.replace('.', '')}.{tail}")
    groups = text.replace(",", ".").split(".")
    if not all(g.isdigit() for g in groups):
        return None
    if len(groups) == 1:
        return float(text)
    if all(len(g) == 3 for g in groups[1:]):
        return float("".join(groups))
    return float(f"{groups[0]}.{groups[1]}") if len(groups) == 2 else None

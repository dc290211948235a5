"""How long a text is for WhatsApp, which counts UTF-16 units: an emoji is two or more."""


def units(text: str) -> int:
    """UTF-16 units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis, in at most `longest` units."""
    if units(text) <= longest:
        return text
    shorter = text[:longest]
    while units(shorter) > longest - 1:
        shorter = shorter[:-1]
    return shorter.rstrip() + "…"

"""What a member of the group writes to the office's number: "ambil #12", a quoted reply, "#12 jawaban ..."."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "group" / "commands.yml"
ABOUT_A_QUESTION = ("claim", "answer", "ask_back", "pass_on", "correct", "close", "approve", "refuse")
ABOUT_AN_APPEAL = ("lift", "uphold")
BY_THEMSELVES = ("list", "pause", "resume", "leave", "forget", "help")
ALONE = ("claim", "close", "approve", "pass_on")
"""Commands that need no more words: with others behind them they are the beginning of an answer."""
_HASH = re.compile(r"#\s*(?P<number>\d{1,9})\b[\s:.,-]*")
_BARE = re.compile(r"(?:no(?:mor|mer)?\.?\s*)?(?P<number>\d{1,9})\b[\s:.,-]*", re.IGNORECASE)
_APPEAL = re.compile(r"#?\s*b?\s*(?P<number>\d{1,9})\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Command:
    """One command. `kind`: a key of data/group/commands.yml, "show" for "#12" alone, "which" without a number."""

    kind: str
    number: int | None = None
    """Of the question, or of the appeal."""
    text: str = ""
    quoting: bool = False
    """Whether the number comes from the quoted message alone."""


@lru_cache(maxsize=1)
def words() -> dict[str, list[str]]:
    """The words of each command, as the file has them at the start."""
    found: dict[str, list[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=32)
def _beginning(kind: str) -> re.Pattern[str]:
    longest_first = sorted(words()[kind], key=len, reverse=True)
    spelled = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
    return re.compile(rf"\s*(?:{spelled})\b[\s:.,-]*", re.IGNORECASE)


def begins_with(kind: str, text: str) -> str | None:
    """What stands behind one of a kind's words at the beginning; None where none is there."""
    found = _beginning(kind).match(text)
    return text[found.end() :].strip() if found else None


def more_than_particles(text: str, others: Collection[str] = ()) -> bool:
    """Whether a text holds other words than polite ones and these."""
    return any(word not in words()["particles"] and word not in others for word in re.findall(r"\w+", text.lower()))


def is_only(kind: str, text: str) -> bool:
    """Whether a message is one of a kind's words with only polite ones behind it: "sudah cukup mbak, makasih"."""
    rest = begins_with(kind, text)
    return rest is not None and not more_than_particles(rest)


def read(text: str, quoted: Sequence[int]) -> Command | None:
    """The command in a member's message; None: it is a question to the bot like anybody's.

    `quoted`: the questions that the quoted message told of.
    """
    return next(_readings(text.strip(), quoted), None)


def _readings(text: str, quoted: Sequence[int]) -> Iterator[Command]:
    yield from (Command(kind) for kind in BY_THEMSELVES if is_only(kind, text))
    for kind in ABOUT_AN_APPEAL:
        rest = begins_with(kind, text)
        if rest is not None and (found := _APPEAL.fullmatch(rest)):
            yield Command(kind, int(found["number"]))
    if found := re.match(r"#?\s*b\s*(\d{1,9})\W+(.*)", text, re.IGNORECASE):
        yield from (Command(kind, int(found[1])) for kind in ABOUT_AN_APPEAL if is_only(kind, found[2]))
    if found := _HASH.match(text):
        yield _about(int(found["number"]), text[found.end() :])
    for kind in ABOUT_A_QUESTION:
        rest = begins_with(kind, text)
        if rest is not None:
            yield from _behind(kind, rest, quoted)
    if quoted:
        yield _quoting(Command("answer", None, text), quoted)


def _behind(kind: str, rest: str, quoted: Sequence[int]) -> Iterator[Command]:
    """The command that begins a message: with "#12" behind it, or about what it quotes, or "ambil 12" and no more."""
    ordered = re.sub(r"^ke\s+(\w+)\s+(#.*)", r"\2 \1", rest)  # "oper ke petugas #12"
    if found := _HASH.match(ordered):
        yield from _certain(Command(kind, int(found["number"]), ordered[found.end() :].strip()))
    elif quoted:
        yield from (_quoting(command, quoted) for command in _certain(Command(kind, None, rest)))
    elif kind in ALONE and (found := _BARE.match(rest)) and not _more(kind, rest[found.end() :]):
        yield Command(kind, int(found["number"]), rest[found.end() :].strip())


def _about(number: int, rest: str) -> Command:
    """What stands behind "#12": a command, an answer, or nothing, which shows the thread."""
    if not rest.strip():
        return Command("show", number)
    for kind in ABOUT_A_QUESTION:
        said = begins_with(kind, rest)
        if said is not None and (certain := next(_certain(Command(kind, number, said)), None)):
            return certain
    return Command("answer", number, rest.strip())


def _certain(command: Command) -> Iterator[Command]:
    """The command, unless what follows makes it the beginning of an answer: "ambil dulu surat pengantar di desa"."""
    if command.kind == "ask_back" and not command.text.rstrip().endswith("?"):
        return
    if command.kind not in ALONE or not _more(command.kind, command.text):
        yield command


def _more(kind: str, text: str) -> bool:
    """Whether more follows than a command takes: polite words, the officers after "oper", "tanpa jawaban"."""
    if kind == "close" and insists(text):
        return False
    return more_than_particles(text, ("ke", *words()["officers"]) if kind == "pass_on" else ())


def _quoting(command: Command, quoted: Sequence[int]) -> Command:
    if len(quoted) > 1:
        return Command("which", quoted[-1])
    return Command(command.kind, quoted[0], command.text, quoting=True)


def to_officers(text: str) -> bool:
    """Whether "oper #12 ..." names the officers."""
    return any(word in words()["officers"] for word in re.findall(r"\w+", text.lower()))


def insists(text: str) -> bool:
    """Whether "tutup #12 tanpa jawaban" closes a question although nobody has answered it."""
    return any(phrase in text.lower() for phrase in words()["unanswered"])

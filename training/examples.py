"""The labelled texts as they lie in the files: training data with their lines, and the held-out sets.

What is edited in git is what is read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from errors import SapaError
from nlu.text import even_out, fold, words
from settings import ROOT
from training.evaluate import read_rows

NLU = "data/nlu"
LEARNT = "data/nlu/learnt.yml"
"""What annotators and guides have accepted; the other files of the folder are written by hand."""
LEARNT_HELDOUT = "data/heldout/learnt.jsonl"
HELDOUT = ("tests/nlu/heldout.jsonl", "tests/nlu/blind.jsonl", LEARNT_HELDOUT)
NAMED = ("service", "service_group", "agency", "language")
"""Entities whose value is a name of the catalogue; of the others the words themselves are the value."""

Entities = tuple[dict[str, Any], ...]
Label = tuple[str, frozenset[tuple[str, str]]]


class TrainingDataError(SapaError):
    """A file of the training data cannot be used or written; the words say which line and what to do."""


@dataclass(frozen=True)
class Example:
    """One text of the training data, as Rasa reads it."""

    text: str
    intent: str
    entities: Entities
    """{"entity", "value", "start", "end"}, in the order of the text."""
    language: str | None
    """`metadata.language` of its block."""
    file: str
    first: int
    last: int
    """Its lines, counted from 1."""

    @property
    def label(self) -> Label:
        return label(self.intent, self.entities)


@dataclass(frozen=True)
class Block:
    """An entry under `nlu:` with its lines, counted from 1."""

    first: int
    last: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class HeldOut:
    """One line of a held-out set."""

    text: str
    intent: str
    named: frozenset[tuple[str, str]]
    """Service and agency."""
    ambiguous: frozenset[str]
    """Services of which any, or none, is right."""
    file: str
    line: int

    def agrees(self, other: Label) -> bool:
        """Whether a label says the same, in what a held-out line tells."""
        intent, named = other
        services = {value for kind, value in named if kind == "service"}
        told = frozenset((kind, value) for kind, value in named if kind == "agency")
        if not self.ambiguous:
            told |= {("service", value) for value in services}
        return intent == self.intent and told == self.named and (not self.ambiguous or services <= self.ambiguous)


def label(intent: str, entities: Entities) -> Label:
    """What two people have to agree on: the intent and what is named, wherever the words stand."""
    return intent, frozenset((e["entity"], str(e["value"])) for e in entities if e["entity"] in NAMED)


def said(one: Label) -> str:
    """A label as one line, e.g. "ask_cost, service kia"."""
    intent, named = one
    return ", ".join([intent, *(f"{kind} {value}" for kind, value in sorted(named))])


def key(text: str) -> str:
    """Equal for texts that differ in case, signs, blanks, accents or repeated letters alone."""
    return " ".join(even_out(word) for word, _, _ in words(fold(text))) or " ".join(fold(text).split())


def read(root: Path = ROOT) -> list[Example]:
    """All training data, by file and line. Raises TrainingDataError naming file and line."""
    return [e for file in sorted((root / NLU).glob("*.yml")) for block in blocks(file, root) for e in block.examples]


def blocks(file: Path, root: Path = ROOT) -> tuple[Block, ...]:
    """The intents of one file. Raises TrainingDataError naming file and line."""
    name = str(file.relative_to(root))
    return parse(_content(file, name), name)


@lru_cache(maxsize=64)  # by content: what has not changed is not parsed again
def parse(content: str, name: str) -> tuple[Block, ...]:
    """The intents of a file's content. Raises TrainingDataError naming its line."""
    try:
        tree = yaml.compose(content, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise TrainingDataError(f"{name}{_line_of(error)} bukan YAML yang sah; perbaiki baris itu di git") from error
    items = _fields(tree).get("nlu")
    if not isinstance(items, yaml.SequenceNode):
        return ()
    lines = content.splitlines()
    ends = [node.start_mark.line for node in items.value[1:]] + [items.end_mark.line]
    read_ = (_block(node, _last(lines, node, end), name, lines) for node, end in zip(items.value, ends, strict=False))
    return tuple(block for block in read_ if block.examples)


def heldout(root: Path = ROOT) -> list[HeldOut]:
    """All held-out lines; a file that is not there has none. Raises TrainingDataError naming file and line."""
    return [row for name in HELDOUT if (root / name).exists() for row in _rows(root / name, name)]


def _rows(file: Path, name: str) -> Iterator[HeldOut]:
    rows, problems = read_rows(_content(file, name).splitlines(), name)
    if problems:
        raise TrainingDataError(f"{problems[0]}; perbaiki baris itu di git")
    for row in rows:
        ambiguous = frozenset(row.get("ambiguous") or ())
        kinds = ("agency",) if ambiguous else ("service", "agency")
        named = frozenset((kind, row[kind]) for kind in kinds if row.get(kind))
        yield HeldOut(row["text"], row["intent"], named, ambiguous, name, row["line"])


def _content(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingDataError(f"{name} tidak dapat dibaca ({error}); perbaiki berkas itu") from error


def _line_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return f", baris {mark.line + 1}:" if mark else f" ({error})"


def _fields(node: Any) -> dict[str, Any]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {k.value: v for k, v in pairs if isinstance(k, yaml.ScalarNode)}


def _last(lines: list[str], node: Any, end: int) -> int:
    """The last line of a list item, counted from 1: blank lines and comments before the next one are not its own."""
    dash = node.start_mark.column - 1
    while end > node.start_mark.line + 1 and _between(lines[end - 1], dash):
        end -= 1
    return int(end)


def _between(line: str, dash: int) -> bool:
    bare = line.lstrip()
    return not bare or (bare.startswith("#") and len(line) - len(bare) < dash)


def _block(node: Any, last: int, name: str, lines: list[str]) -> Block:
    fields = _fields(node)
    intent, examples = fields.get("intent"), fields.get("examples")
    language = _fields(fields.get("metadata")).get("language")
    found: list[Example] = []
    if isinstance(intent, yaml.ScalarNode):
        for marked, first, end in _texts(examples, last, lines):
            text, entities = unmarked(marked, f"{name}, baris {first}")
            found.append(Example(text, intent.value, entities, language and language.value, name, first, end))
    return Block(node.start_mark.line + 1, last, tuple(found))


def _texts(examples: Any, last: int, lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Texts with their markup, their first and their last line; as Rasa's own reader takes them."""
    if isinstance(examples, yaml.SequenceNode):
        ends = [node.start_mark.line for node in examples.value[1:]] + [last]
        for node, end in zip(examples.value, ends, strict=False):  # an empty list has an end too
            text = _fields(node).get("text")
            if isinstance(text, yaml.ScalarNode) and text.value.strip("\n\r "):
                yield text.value.strip("\n\r "), node.start_mark.line + 1, _last(lines, node, end)
    elif isinstance(examples, yaml.ScalarNode):
        literal = examples.style == "|"
        for number, line in enumerate(examples.value.splitlines(), 1):
            if line.startswith("-"):
                place = examples.start_mark.line + 1 + (number if literal else 0)
                yield line[1:].strip("\n\r "), place, place


@cache
def _markup() -> Any:
    from rasa.shared.nlu.training_data import entities_parser

    return entities_parser


def unmarked(marked: str, place: str) -> tuple[str, Entities]:
    """The text and the entities of an example, by Rasa's own reading. Raises TrainingDataError naming the place."""
    if "[" not in marked:
        return marked, ()
    from rasa.shared.exceptions import RasaException

    try:
        return _markup().replace_entities(marked), tuple(_markup().find_entities_in_training_example(marked))
    except (RasaException, json.JSONDecodeError) as error:
        raise TrainingDataError(f"{place}: penandaan dengan {{…}} tidak dapat dibaca; perbaiki di git") from error

"""Changes facts in the text of a catalogue file: every other line stays as it is, with its comments and its order.

A fact that other services share by a YAML anchor is changed for one service only: the anchor moves to its next user.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import yaml

from errors import CatalogueError
from office.catalogue import FACETS, Fact, Text

WIDTH = 118
"""Characters of a line that is written."""
_BY_HAND = "Bagian ini tidak dapat diubah dari konsol karena cara menulisnya. Mintalah pengelola mengubah berkas."

Path = tuple[str | int, ...]


def raw(fact: Fact) -> dict[str, Any]:
    """A fact as it is written into a file: without what is empty, the dates beside the source."""
    known = {key: _plain(getattr(fact, key)) for key in ("source", "valid_from", "valid_to", *fact.__fields__)}
    return {key: value for key, value in known.items() if value is not None and value is not False and value != []}


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"id": value.id, "jv": value.jv} if value.jv else value.id
    if isinstance(value, list):
        return [{k: _plain(v) for k, v in item if v is not None} for item in value]
    return value


def facts(text: str, service: str, facet: str) -> list[Fact]:
    """The facts of one facet, in the order of the file; none for a service or facet that is not there."""
    return _facts(_load(text), service, facet)


def _facts(data: Any, service: str, facet: str) -> list[Fact]:
    found = (data["services"].get(service) or {}).get(facet, [])
    return [Fact(**one) for one in ([found] if isinstance(found, dict) else found)]


def sources(text: str) -> dict[str, dict[str, Any]]:
    """The sources of a file by key."""
    found: dict[str, dict[str, Any]] = _load(text)["sources"]
    return found


def changed(text: str, service: str, facet: str, index: int | None, new: Fact | None, ends: dt.date | None) -> str:
    """The text with one fact changed.

    `index` None adds `new` after the others. Else the fact of that index ends on `ends`, where that is given, and is
    followed by `new`, where that is given; without `ends` `new` takes its place, and without both it is taken out.
    Raises CatalogueError where the file is written in a way that does not allow it; see `_BY_HAND`.
    """
    place: Path = ("services", service, facet)
    wanted = facts(text, service, facet)
    result = text
    if wanted and isinstance(_value(text, place), list):
        result = _own_copy(result, place)
    if wanted and (isinstance(_value(text, place), list) or index is None or (new and ends)):
        result = _as_list(result, place)
    item = (*place, index) if index is not None and isinstance(_value(result, place), list) else place
    if index is None:
        assert new is not None
        result = _insert(result, place, len(wanted), new) if wanted else _add_facet(result, place, new)
        wanted.append(new)
    elif ends is not None:
        result = _set(_own_copy(result, item), item, "valid_to", ends)
        wanted[index] = wanted[index].copy(update={"valid_to": ends})
        if new is not None:
            result = _insert(result, place, index + 1, new)
            wanted.insert(index + 1, new)
    elif new is not None:
        result = _replace(result, item, new)
        wanted[index] = new
    else:
        result = _remove(result, item)
        del wanted[index]
    data, expected = _load(result), _load(text)
    _same(_facts(data, service, facet), wanted)
    _same(_without(data, service, facet), _without(expected, service, facet))
    return result


def with_source(text: str, key: str, source: dict[str, Any]) -> str:
    """The text with one more source. Raises CatalogueError."""
    listed = _at(_tree(text), ("sources",))
    if not listed.block:
        raise CatalogueError(_BY_HAND)
    column = _column(text, listed.pairs[0][0].start)
    position = _line_end(text, listed.end)
    result = text[:position] + _newline(text, position) + _indented(_dump({key: source}), column) + text[position:]
    expected = _with_source_data(text, key, source)
    _same(_load(result), expected)
    return result


def with_verified(text: str, key: str, on: dt.date, by: str) -> str:
    """The text with a source marked as verified. Raises CatalogueError."""
    place = ("sources", key)
    result = _set(_set(text, place, "verified_on", on), place, "verified_by", by, after="verified_on")
    expected = _with_source_data(text, key, _load(text)["sources"][key] | {"verified_on": on, "verified_by": by})
    _same(_load(result), expected)
    return result


def _with_source_data(text: str, key: str, source: dict[str, Any]) -> Any:
    data = _load(text)
    return {**data, "sources": {**data["sources"], key: source}}


def undone(text: str, before: str, after: str) -> str | None:
    """The text without what turned `before` into `after`; None where the same lines have been changed since."""
    if text == after:
        return before
    old, new, now = before.splitlines(True), after.splitlines(True), text.splitlines(True)
    kept = SequenceMatcher(None, new, now, autojunk=False).get_matching_blocks()
    result: list[str] = []
    done = 0
    for kind, a, b, c, d in SequenceMatcher(None, new, old, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        block = next((k for k in kept if k.a <= a and b <= k.a + k.size and k.size), None)
        if block is None:
            return None
        start = a - block.a + block.b
        result += [*now[done:start], *old[c:d]]
        done = start + b - a
    return "".join([*result, *now[done:]])


# -- the tree of a file, with the place of each node in the text


@dataclass
class _Node:
    """`start` and `end` are character offsets without what follows; a block's `end` is that of its last child."""

    kind: str
    path: Path
    start: int
    end: int
    block: bool = False
    anchor: str | None = None
    pairs: list[tuple[_Node, _Node]] = field(default_factory=list)
    items: list[_Node] = field(default_factory=list)

    @property
    def children(self) -> list[_Node]:
        return self.items or [value for _, value in self.pairs]

    def all(self) -> Iterator[_Node]:
        yield self
        for child in self.children:
            yield from child.all()


@lru_cache(maxsize=4)
def _tree(text: str) -> _Node:
    events = iter(yaml.parse(text, yaml.CSafeLoader))
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return _node(events, next(events), text, ())
    raise CatalogueError(_BY_HAND)


def _node(events: Iterator[Any], event: Any, text: str, path: Path) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        return _Node("alias", path, start, end, anchor=event.anchor)
    if isinstance(event, yaml.ScalarEvent):
        return _Node("scalar", path, start, start + len(text[start:end].rstrip()), anchor=event.anchor)
    node = _Node("", path, start, end, block=not event.flow_style, anchor=event.anchor)
    if isinstance(event, yaml.MappingStartEvent):
        node.kind = "map"
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = _node(events, event, text, path)
            name = text[key.start : key.end].strip("'\"")
            node.pairs.append((key, _node(events, next(events), text, (*path, name))))
    else:
        node.kind = "list"
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            node.items.append(_node(events, event, text, (*path, len(node.items))))
    node.end = node.children[-1].end if node.block else event.end_mark.index
    return node


def _at(tree: _Node, path: Path) -> _Node:
    for node in tree.all():
        if node.path == path:
            return node
    raise CatalogueError(_BY_HAND)


def _entry(tree: _Node, path: Path) -> tuple[_Node, _Node]:
    """The key and the value of an entry of a mapping."""
    for key, value in _at(tree, path[:-1]).pairs:
        if value.path == path:
            return key, value
    raise CatalogueError(_BY_HAND)


# -- text


class _Dumper(yaml.SafeDumper):
    """Writes what is shared in full, and a text of several lines between double quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    str,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", value, '"' if "\n" in value else None),
)


def _dump(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)


def _dump_in_line(value: Any) -> str:
    line = yaml.dump([value], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=True)
    return line.strip()[1:-1]


def _indented(block: str, column: int) -> str:
    return "".join(" " * column + line if line.strip() else line for line in block.splitlines(True))


def _as_item(block: str, column: int) -> str:
    """A block as an item of a list whose dashes stand in a column."""
    inside = _indented(block, column + 2)
    return " " * column + "- " + inside[column + 2 :]


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def _newline(text: str, position: int) -> str:
    return "" if text[position - 1] == "\n" else "\n"


def _column(text: str, position: int) -> int:
    return position - _line_start(text, position)


@lru_cache(maxsize=4)
def _load(text: str) -> Any:
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise CatalogueError(_BY_HAND) from error


def _same(found: Any, wanted: Any) -> None:
    if found != wanted:
        raise CatalogueError(_BY_HAND)


def _without(data: Any, service: str, facet: str) -> Any:
    services = {**data["services"], service: {**(data["services"].get(service) or {})}}
    services[service].pop(facet, None)
    return {**data, "services": services}


# -- changes of the text


def _apply(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _moved_anchors(text: str, tree: _Node, nodes: list[_Node], start: int, end: int) -> list[tuple[int, int, str]]:
    """What the next users of these nodes' anchors, outside of the range, need so that they still mean the same."""
    changes = []
    data = _load(text)
    for anchor in [node.anchor for node in nodes if node.anchor and node.kind != "alias"]:
        for user in tree.all():
            if user.kind == "alias" and user.anchor == anchor and not start <= user.start < end:
                value = data
                for step in user.path:
                    value = value[step]
                changes.append((user.start, user.end, f"&{anchor} {_dump_in_line(value)}"))
                break
    return changes


def _own_copy(text: str, path: Path) -> str:
    """The text in which the fact at a path is no alias and has no anchor."""
    tree = _tree(text)
    node = _at(tree, path)
    if node.kind == "alias":
        return _put(text, tree, node, _value(text, path))
    if node.anchor is None:
        return text
    removed = (node.start - 1, node.start + 1 + len(node.anchor), "")
    if node.block and isinstance(path[-1], int):
        first = node.pairs[0][0].start
        if _column(text, first) == _column(text, _dash(text, node)) + 2:
            removed = (node.start, first, "")
    return _apply(text, [removed, *_moved_anchors(text, tree, [node], node.start, node.start)])


def _value(text: str, path: Path) -> Any:
    value = _load(text)
    for step in path:
        value = value[step]
    return value


def _dash(text: str, item: _Node) -> int:
    return text.rindex("-", 0, item.start)


def _put(text: str, tree: _Node, node: _Node, value: Any) -> str:
    """The text in which a value stands, as a block, where a node stood."""
    end = _line_end(text, node.end)
    if isinstance(node.path[-1], int):
        dash = _dash(text, node)
        change = (_line_start(text, dash), end, _as_item(_dump(value), _column(text, dash)))
    else:
        key, _ = _entry(tree, node.path)
        block = _indented(_dump(value), _column(text, key.start) + 2)
        change = (text.index(":", key.end) + 1, end, "\n" + block)
    return _apply(text, [change, *_moved_anchors(text, tree, list(node.all()), node.start, node.end)])


def _as_list(text: str, place: Path) -> str:
    """The text in which the facts of a facet are a list with a dash each."""
    tree = _tree(text)
    key, node = _entry(tree, place)
    if node.kind == "list" and node.block:
        return text
    column = _column(text, key.start) + 2
    if node.kind == "map" and node.block:
        first = node.pairs[0][0].start
        shift = " " * (column + 2 - _column(text, first))
        body = text[_line_start(text, first) : _line_end(text, node.end)]
        lines = [shift + line if line.strip() else line for line in body.splitlines(True)]
        if node.anchor:
            lines.insert(0, f"{' ' * column}- &{node.anchor}\n")
        else:
            at = next(i for i, line in enumerate(lines) if len(line) - len(line.lstrip()) == column + 2)
            lines[at] = " " * column + "- " + lines[at][column + 2 :]
        inside = "".join(lines)
    else:
        items = node.items if node.kind == "list" else [node]
        inside = "".join(f"{' ' * column}- {text[i.start : i.end]}\n" for i in items)
    head = text.index(":", key.end) + 1
    return _apply(text, [(head, _line_end(text, node.end), "\n" + inside)])


def _set(text: str, path: Path, key: str, value: object, after: str = "source") -> str:
    """The text in which an entry of a mapping has a scalar value; a new one stands after the entry `after`."""
    node = _at(_tree(text), path)
    entry = f"{key}: {_dump_in_line(value)}"
    for name, old in node.pairs:
        if old.path[-1] == key:
            return _apply(text, [(name.start, max(old.end, text.index(":", name.end) + 1), entry)])
    if not node.block:
        return _apply(text, [(node.end - 1, node.end - 1, f", {entry}")])
    beside = next((v for _, v in node.pairs if v.path[-1] == after), node.pairs[-1][1])
    position = _line_end(text, beside.end)
    indent = " " * _column(text, node.pairs[0][0].start)
    return _apply(text, [(position, position, f"{_newline(text, position)}{indent}{entry}\n")])


def _insert(text: str, place: Path, index: int, new: Fact) -> str:
    text = _as_list(text, place)
    items = _at(_tree(text), place).items
    column = _column(text, _dash(text, items[0]))
    position = _line_end(text, items[index - 1].end)
    return _apply(text, [(position, position, _newline(text, position) + _as_item(_dump(raw(new)), column))])


def _add_facet(text: str, place: Path, new: Fact) -> str:
    tree = _tree(text)
    key, service = _entry(tree, place[:-1])
    if service.block and service.kind == "map":
        column = _column(text, service.pairs[0][0].start)
        position = _line_end(text, service.end)
        change = (position, position, _newline(text, position) + _indented(_dump({place[-1]: raw(new)}), column))
    elif not service.children and service.kind != "alias":
        inside = _indented(_dump({place[-1]: raw(new)}), _column(text, key.start) + 2)
        change = (text.index(":", key.end) + 1, _line_end(text, service.end), "\n" + inside)
    else:
        raise CatalogueError(_BY_HAND)
    return _apply(text, [change])


def _replace(text: str, path: Path, new: Fact) -> str:
    tree = _tree(text)
    return _put(text, tree, _at(tree, path), raw(new))


def _remove(text: str, path: Path) -> str:
    tree = _tree(text)
    node = _at(tree, path)
    if isinstance(path[-1], int) and len(_at(tree, path[:-1]).items) > 1:
        start, new = _line_start(text, _dash(text, node)), ""
    else:
        place = path if path[-1] in FACETS else path[:-1]
        key, node = _entry(tree, place)
        start, new = _line_start(text, key.start), ""
        if len(_at(tree, place[:-1]).pairs) == 1:
            start, new = text.index(":", _entry(tree, place[:-1])[0].end) + 1, " {}\n"
    end = _line_end(text, node.end)
    return _apply(text, [(start, end, new), *_moved_anchors(text, tree, list(node.all()), node.start, node.end)])

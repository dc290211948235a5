"""Tables on a terminal, commands that act on several ids, and who acts there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

import click

BY = "sapa"
"""Who the log names for what was done on the server itself."""


def show(rows: Sequence[Sequence[object]], head: Sequence[str]) -> None:
    """Prints rows under a head, in columns; None is shown as "-"."""
    texts = [list(head), *([("-" if cell is None else str(cell)) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def each(ids: Iterable[int], done: str, unknown: str, act: Callable[[int], object]) -> None:
    """Acts on each id and says what came of it: `done`, or `unknown` where nothing came of it; then ends with 1."""
    failed = False
    for one in ids:
        acted = bool(act(one))
        failed = failed or not acted
        click.echo(f"{one}: {done if acted else unknown}")
    sys.exit(1 if failed else 0)

"""CSV files as offices make them: read as a whole or not at all, and every wrong line is named."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from errors import SapaError

T = TypeVar("T")


class TableError(SapaError):
    """A file that can't be taken; the text names each line and what is wrong there."""

    @classmethod
    def of(cls, path: Path, problems: Mapping[int, str]) -> TableError:
        lines = "\n".join(f"line {line}: {problem}" for line, problem in sorted(problems.items()))
        return cls(f"{path}: nothing was taken from it:\n{lines}")


def read(
    path: Path, required: Sequence[str], optional: Sequence[str], make: Callable[[Mapping[str, str]], T]
) -> list[tuple[int, T]]:
    """What `make` makes of each line, with the line's number; empty lines are passed over. Raises TableError.

    The first line names the columns; between fields stands a comma or, as spreadsheets in Indonesia write, a semicolon.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{path}: is no UTF-8 text; save it as CSV UTF-8") from error
    except OSError as error:
        raise TableError(f"{path}: cannot be read: {error.strerror}") from error
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    made: list[tuple[int, T]] = []
    problems: dict[int, str] = {}
    try:
        columns = [column.strip().lower() for column in next(reader, [])]
        if wrong := _wrong_columns(columns, required, optional):
            raise TableError.of(path, {1: wrong})
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            try:
                if len(fields) != len(columns):
                    raise SapaError(f"{len(fields)} fields instead of {len(columns)}")
                made.append((reader.line_num, make(dict(zip(columns, (f.strip() for f in fields), strict=True)))))
            except SapaError as error:
                problems[reader.line_num] = str(error)
    except csv.Error as error:
        problems[reader.line_num] = str(error)
    if problems:
        raise TableError.of(path, problems)
    return made


def _wrong_columns(columns: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> str | None:
    known = [*required, *optional]
    if missing := [column for column in required if column not in columns]:
        return f"the columns {', '.join(missing)} are missing; known are {', '.join(known)}"
    if unknown := [column for column in columns if column not in known]:
        return f"unknown columns {', '.join(map(repr, unknown))}; known are {', '.join(known)}"
    if len(set(columns)) < len(columns):
        return "a column is there twice"
    return None

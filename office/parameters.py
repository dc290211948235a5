"""Dated numbers (ceilings, ages, fees, periods) and holidays, each with its source.

Files: `data/parameters/<topic>.yml` with `parameters:`, and `holidays.yml`. A row holds from `valid_from` to before
`valid_to`; null is open.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Extra, ValidationError, root_validator, validator

from errors import CatalogueError

FOLDER = Path(__file__).resolve().parent.parent / "data" / "parameters"
HOLIDAYS = "holidays"
Kind = Literal["office", "national", "secondary", "memory"]
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class _Model(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class Row(_Model):
    """What one source gives for one period. `kind` as in office.catalogue.Source."""

    value: Decimal
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: str
    kind: Kind
    note: str | None = None
    verified_on: dt.date | None = None
    verified_by: str | None = None

    @root_validator(skip_on_failure=True)
    def _in_order(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["valid_from"] and values["valid_to"] and values["valid_from"] >= values["valid_to"]:
            raise ValueError("valid_to must lie after valid_from")
        return values

    def holds(self, on: dt.date) -> bool:
        return (self.valid_from or dt.date.min) <= on < (self.valid_to or dt.date.max)


class Series(_Model):
    """All values of one number, oldest first."""

    unit: Literal["rupiah", "percent", "years", "months", "days", "working_days", "hours", "minutes", "clock", "times"]
    """clock: a time of day in WIB as people write it, 17.30 for half past five."""
    description: str
    values: list[Row]

    @validator("values")
    def _one_at_a_time(cls, rows: list[Row]) -> list[Row]:
        for earlier, later in pairwise(rows):
            if (earlier.valid_to or dt.date.max) > (later.valid_from or dt.date.min):
                raise ValueError(f"the row from {later.valid_from} begins before the row above it has ended")
        return rows


class Holiday(_Model):
    date: dt.date
    name: str
    source: str
    kind: Kind


class File(_Model):
    """One file of the folder."""

    read_on: dt.date
    parameters: dict[str, Series]


class HolidayFile(_Model):
    """`complete`: the years whose whole list is known."""

    read_on: dt.date
    complete: list[int]
    holidays: list[Holiday]

    @validator("holidays")
    def _each_day_once(cls, holidays: list[Holiday]) -> list[Holiday]:
        days = [h.date for h in holidays]
        if twice := {d.isoformat() for d in days if days.count(d) > 1}:
            raise ValueError(f"given twice: {', '.join(sorted(twice))}")
        return holidays


@dataclass(frozen=True)
class Parameter:
    """One number on one day. `value` is exact; a percentage of 3.7 means 3.7 %."""

    value: Decimal
    unit: str
    valid_from: dt.date | None
    source: str
    kind: str

    @property
    def shown(self) -> bool:
        """Whether a citizen may see it."""
        return self.kind != "memory"

    def __str__(self) -> str:
        """As Indonesians write it: Rp15.000.000, 3,7 persen, and the bare number for the other units."""
        number = f"{self.value:,f}".translate(str.maketrans(",.", ".,"))
        return {"rupiah": f"Rp{number}", "percent": f"{number} persen"}.get(self.unit, number)


class Parameters:
    """All files of one folder, read and checked."""

    def __init__(self, series: dict[str, Series], holidays: HolidayFile, place: Path = FOLDER):
        self.series = series
        self._holidays = {h.date: h.name for h in holidays.holidays}
        self._complete = frozenset(holidays.complete)
        self._place = place

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Parameters:
        """Read every `*.yml` of the folder. Raises CatalogueError naming file, key and field."""
        series: dict[str, Series] = {}
        for path in sorted(folder.glob("*.yml")):
            if path.stem == HOLIDAYS:
                continue
            for key, one in _read(path, File).parameters.items():
                if key in series:
                    raise CatalogueError(f"{path}: parameter {key}: another file already has it; remove one")
                series[key] = one
        path = folder / f"{HOLIDAYS}.yml"
        if not path.exists():
            raise CatalogueError(f"{folder}: the file {path.name} is missing; restore it from the repository")
        return cls(series, _read(path, HolidayFile), folder)

    def value(self, key: str, on: dt.date) -> Parameter:
        """The number on a day. Raises CatalogueError for an unknown key and for a day without a value."""
        if key not in self.series:
            raise CatalogueError(f"{self._place}: no parameter {key!r}")
        one = self.series[key]
        for row in one.values:
            if row.holds(on):
                return Parameter(row.value, one.unit, row.valid_from, row.source, row.kind)
        raise CatalogueError(f"{self._place}: parameter {key}: field values: no row holds on {on}; add one")

    def fill(self, text: str, on: dt.date) -> str | None:
        """Put numbers in place of `{key}`. None where one has no value on that day that a citizen may see: then leave
        the sentence out. Raises CatalogueError for an unknown key."""
        numbers: dict[str, str] = {}
        for key in PLACEHOLDER.findall(text):
            if key in self.series and not any(r.holds(on) for r in self.series[key].values):
                return None
            number = self.value(key, on)
            if not number.shown:
                return None
            numbers[key] = str(number)
        return PLACEHOLDER.sub(lambda match: numbers[match[1]], text)

    def sources(self, text: str, on: dt.date) -> list[str]:
        """Where the numbers that `fill` puts into a text come from."""
        return [self.value(key, on).source for key in PLACEHOLDER.findall(text)]

    def holiday(self, on: dt.date) -> str | None:
        """Name of the national holiday or collective leave on a day. See `knows_holidays` before trusting None."""
        return self._holidays.get(on)

    def knows_holidays(self, year: int) -> bool:
        """Whether the year's whole list is in the file."""
        return year in self._complete


def _read(path: Path, model: type[Any]) -> Any:
    try:
        return model(**yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, OSError, TypeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: not readable as YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{_place(e['loc'])}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{path}: {problems}") from error


def _place(location: tuple[str | int, ...]) -> str:
    if location[0] == "parameters" and len(location) > 1:
        return f"parameter {location[1]}, field {'.'.join(map(str, location[2:])) or '(whole)'}"
    return "field " + ".".join(map(str, location))

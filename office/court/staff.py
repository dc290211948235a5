"""The court's staff: their numbers and roles, as the PTIP unit registers them, and what each role is told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Extra, ValidationError

from errors import CatalogueError
from office.court import table
from office.court.table import TableError
from office.identity import conversation_of, phone
from storage.court import staff
from storage.court.staff import DUTIES, StaffError, StaffView

ROLES = Path(__file__).resolve().parent.parent.parent / "data" / "court" / "roles.yml"
NoticeClass = Literal["call", "letters", "cases", "undisposed", "distribution"]
REQUIRED = ("name", "role", "phone")
COLUMNS = ("name", "role", "phone", "second_phone", "duty", "person", "superior_phone")
"""Of a CSV file; `person` is the id in SIPP or a part of the name."""


class Role(BaseModel):
    """`classes`: what the role is told of without asking."""

    class Config:
        extra = Extra.forbid

    name: str
    classes: list[NoticeClass]


@lru_cache(maxsize=1)
def roles() -> dict[str, Role]:
    """All roles by key, as `data/court/roles.yml` has them at the start. Raises CatalogueError."""
    try:
        content = yaml.safe_load(ROLES.read_text(encoding="utf-8"))
        return {key: _role(key, role) for key, role in content.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise CatalogueError(f"{ROLES}: not readable as YAML: {error}") from error


def _role(key: str, content: dict[str, Any]) -> Role:
    try:
        return Role(**content)
    except ValidationError as error:
        problems = "; ".join(f"field {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{ROLES}: role {key}: {problems}") from error


def hears(person: StaffView, notice_class: NoticeClass) -> bool:
    """Whether a person is to be told of this; a role that the file no longer has is told nothing."""
    role = roles().get(person.role)
    return person.active and role is not None and notice_class in role.classes


def of_sender(sender: str) -> StaffView | None:
    """The person behind the engine's key for a conversation ("c12"); None for citizens, whatever they say."""
    conversation_id = conversation_of(sender)
    return staff.of_conversation(conversation_id) if conversation_id is not None else None


def find(text: str) -> StaffView:
    """A registered active person by id or number. Raises StaffError."""
    number = None if text.isdecimal() and len(text) < 7 else phone(text)
    found = [p for p in staff.everybody() if (p.phone == number if number else p.id == int(text))]
    if not found or not found[0].active:
        raise StaffError(f"{text!r} is no registered active person; see `sapa staff list`")
    return found[0]


@dataclass(frozen=True)
class Registered:
    """What `register` has done."""

    id: int
    name: str
    new: bool


def register(person: Mapping[str, str | None]) -> Registered:
    """Registers one person, or alters the one with this number; keys as COLUMNS. Raises StaffError naming the field."""
    row = _row(person)
    [(staff_id, new)] = staff.save([row])
    return Registered(staff_id, row["name"], new)


def register_file(path: Path) -> list[Registered]:
    """Registers the people of a CSV file with columns of COLUMNS, all or none. Raises TableError naming wrong lines."""
    lines = table.read(path, REQUIRED, [column for column in COLUMNS if column not in REQUIRED], _row)
    numbers = [row["phone"] for _, row in lines]
    if twice := [line for line, row in lines if numbers.count(row["phone"]) > 1]:
        raise TableError.of(path, dict.fromkeys(twice, "phone: is in the file twice"))
    try:
        saved = staff.save([row for _, row in lines])
    except StaffError as error:
        raise TableError.of(path, {lines[error.index or 0][0]: str(error)}) from error
    return [Registered(staff_id, row["name"], new) for (_, row), (staff_id, new) in zip(lines, saved, strict=True)]


def _row(given: Mapping[str, str | None]) -> dict[str, Any]:
    field = {key: (given.get(key) or "").strip() for key in COLUMNS}
    if not field["name"]:
        raise StaffError("name: is missing")
    if field["role"] not in roles():
        raise StaffError(f"role: {field['role']!r} is none of {', '.join(roles())}")
    if field["duty"] and field["duty"] not in DUTIES:
        raise StaffError(f"duty: {field['duty']!r} is none of {', '.join(DUTIES)}")
    if bool(field["duty"]) != bool(field["person"]):
        raise StaffError("duty and person: give both (duty in SIPP, and id or name there) or neither")
    row: dict[str, Any] = {
        "name": field["name"],
        "role": field["role"],
        "phone": phone(field["phone"]),
        "second_phone": phone(field["second_phone"]) if field["second_phone"] else None,
        "duty": field["duty"] or None,
        "person_id": person_id(field["duty"], field["person"]) if field["duty"] else None,
    }
    return row | ({"superior_phone": phone(field["superior_phone"])} if field["superior_phone"] else {})


def person_id(duty: str, person: str) -> int:
    """The id in SIPP of an id or of a part of a name. Raises StaffError, listing those who fit where several do."""
    if person.isdecimal():
        return int(person)
    found = staff.named(duty, person)
    ids = {one.person_id for one in found}
    if len(ids) == 1:
        return ids.pop()
    if not found:
        raise StaffError(f"person: no {duty} named {person!r} works on a case in SIPP; give the id there")
    raise StaffError(
        f"person: several fit {person!r}, give one's id: "
        + "; ".join(f"{one.person_id} {one.name}" for one in sorted(found, key=lambda one: one.name))
    )

"""The log of changes and of looks at what citizens wrote: written once, never changed, read by admins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.console.tables import AuditLine
from storage.database import reading, writing


@dataclass(frozen=True)
class Line:
    """One entry; `details` holds ids and settings, never a citizen's words."""

    id: int
    at: dt.datetime
    who: str
    action: str
    subject: str
    details: dict[str, Any]


def add(session: Session, who: str, action: str, subject: str, **details: Any) -> None:
    """Writes a line in the transaction of the change it tells of."""
    session.add(AuditLine(who=who, action=action, subject=subject, details=details))


def record(who: str, action: str, subject: str, **details: Any) -> None:
    """Writes a line by itself, e.g. of a look. Raises StorageError: then nothing may be shown."""
    with writing() as session:
        add(session, who, action, subject, **details)


def lines(before: int | None, limit: int, who: str = "", action: str = "") -> list[Line]:
    """The newest lines with an id below `before`, newest first."""
    with reading() as session:
        wanted = select(AuditLine).order_by(AuditLine.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(AuditLine.id < before)
        if who:
            wanted = wanted.where(AuditLine.who == who)
        if action:
            wanted = wanted.where(AuditLine.action == action)
        return [Line(r.id, r.at, r.who, r.action, r.subject, r.details) for r in session.scalars(wanted)]

"""Edits of the catalogue as the database keeps them: drafts, and who published or withdrew what and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from errors import SapaError
from storage.console import audit
from storage.console.tables import CatalogueChange
from storage.database import reading, writing
from storage.tables import now

DRAFT, PUBLISHED, WITHDRAWN, DISCARDED = "draft", "published", "withdrawn", "discarded"


class OtherState(SapaError):
    """The change is no longer in the state from which this step starts: somebody was faster."""


@dataclass(frozen=True)
class ChangeView:
    """An edit of one fact, without the texts of the files."""

    id: int
    agency: str
    service: str
    fact: str
    state: str
    wording: dict[str, Any]
    effective_on: dt.date
    why: str
    drafted_by: str
    drafted_at: dt.datetime
    published_by: str | None
    published_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None


_FILES = (defer(CatalogueChange.file_before), defer(CatalogueChange.file_after))


def _view(row: CatalogueChange) -> ChangeView:
    return ChangeView(**{name: getattr(row, name) for name in ChangeView.__dataclass_fields__})


def draft(
    who: str, agency: str, service: str, fact: str, wording: dict[str, Any], effective_on: dt.date, why: str
) -> int:
    """A new draft; returns its id."""
    with writing() as session:
        row = CatalogueChange(
            agency=agency,
            service=service,
            fact=fact,
            state=DRAFT,
            wording=wording,
            effective_on=effective_on,
            why=why,
            drafted_by=who,
        )
        session.add(row)
        session.flush()
        _note(session, who, "catalogue_drafted", row)
        return row.id


def redraft(change_id: int, who: str, wording: dict[str, Any], effective_on: dt.date, why: str) -> None:
    """Other words for a draft. Raises OtherState."""
    with writing() as session:
        row = _locked(session, change_id, DRAFT)
        row.wording, row.effective_on, row.why, row.drafted_by = wording, effective_on, why, who
        _note(session, who, "catalogue_drafted", row)


def discard(change_id: int, who: str) -> None:
    """Puts a draft away. Raises OtherState."""
    with writing() as session:
        row = _locked(session, change_id, DRAFT)
        row.state = DISCARDED
        _note(session, who, "catalogue_discarded", row)


def publish(change_id: int, who: str, before: str, after: str, put: Callable[[], None]) -> None:
    """Marks a draft as published with the texts of its file. Raises OtherState.

    `put` writes the file as the last step of the transaction: if it raises, nothing is marked.
    """
    with writing() as session:
        row = _locked(session, change_id, DRAFT)
        row.state, row.published_by, row.published_at = PUBLISHED, who, now()
        row.file_before, row.file_after = before, after
        _note(session, who, "catalogue_published", row)
        session.flush()
        put()


def withdraw(change_id: int, who: str, put: Callable[[], None]) -> None:
    """Marks what was published as withdrawn; `put` as for `publish`. Raises OtherState."""
    with writing() as session:
        row = _locked(session, change_id, PUBLISHED)
        row.state, row.withdrawn_by, row.withdrawn_at = WITHDRAWN, who, now()
        _note(session, who, "catalogue_withdrawn", row)
        session.flush()
        put()


def get(change_id: int) -> ChangeView | None:
    with reading() as session:
        row = session.get(CatalogueChange, change_id, options=_FILES)
        return _view(row) if row else None


def files(change_id: int) -> tuple[str, str]:
    """The text of the file before and after a change was published."""
    with reading() as session:
        row = session.get(CatalogueChange, change_id)
        if row is None or row.file_before is None or row.file_after is None:
            raise OtherState(str(change_id))
        return row.file_before, row.file_after


def changes(
    limit: int, before: int | None = None, agency: str = "", service: str = "", state: str = ""
) -> list[ChangeView]:
    """The newest changes with an id below `before`, newest first."""
    with reading() as session:
        wanted = select(CatalogueChange).options(*_FILES).order_by(CatalogueChange.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(CatalogueChange.id < before)
        for column, value in (("agency", agency), ("service", service), ("state", state)):
            if value:
                wanted = wanted.where(getattr(CatalogueChange, column) == value)
        return [_view(row) for row in session.scalars(wanted)]


def _locked(session: Session, change_id: int, state: str) -> CatalogueChange:
    row = session.scalars(
        select(CatalogueChange).options(*_FILES).filter_by(id=change_id).with_for_update()
    ).one_or_none()
    if row is None or row.state != state:
        raise OtherState(str(change_id))
    return row


def _note(session: Session, who: str, action: str, row: CatalogueChange) -> None:
    audit.add(session, who, action, f"{row.agency}/{row.service}/{row.fact}", change=row.id)

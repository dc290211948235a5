"""Writing the mirror: what a synchronisation found, batch by batch, and the record of the synchronisation itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import portalocker
from sqlalchemy import delete, func, insert, select, text, update

from storage.court.cases import File
from storage.court.tables import Assignment, Case, Event, Hearing, Sync
from storage.database import engine, reading, writing
from storage.tables import now

KEEP = dt.timedelta(days=30)
SYNC_LOCK = 7_237_002
"""Any number; PostgreSQL's advisory lock for "the court's cases are being synchronised"."""

NOTICE_DEATH = (
    "SELECT set_config('tcp_keepalives_idle', '30', true), set_config('tcp_keepalives_interval', '10', true), "
    "set_config('tcp_keepalives_count', '3', true)"
)
"""A machine that vanished without a word holds the lock for a minute, not for the two hours of PostgreSQL's default."""


@dataclass(frozen=True, slots=True)
class Change:
    """What followers of a case are to hear of; becomes an `Event`."""

    case_id: int
    hearing_id: int | None
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else synchronises this mirror; holds it until the end of the block, or of the process."""
    if engine().dialect.name == "postgresql":
        with reading() as session:
            session.execute(text(NOTICE_DEATH))
            yield bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SYNC_LOCK}))
        return
    lock = portalocker.Lock(f"{engine().url.database}.sync", timeout=0, fail_when_locked=True)
    try:
        lock.acquire()
    except portalocker.LockException:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def begin(source: str, full: bool) -> int:
    """Records that a synchronisation begins; returns its id. The caller is `alone`: unfinished ones were killed."""
    with writing() as session:
        dead = (Sync.finished_at.is_(None), Sync.error.is_(None))
        session.execute(update(Sync).where(*dead).values(error="interrupted"))
        newest = select(func.max(Sync.id)).where(Sync.finished_at.is_not(None)).group_by(Sync.full)
        session.execute(delete(Sync).where(Sync.started_at < now() - KEEP, Sync.id.not_in(newest)))
        sync = Sync(source=source, full=full)
        session.add(sync)
        session.flush()
        return sync.id


def finish(sync_id: int, cases: int, changes: int, error: str | None = None) -> None:
    """Records how a synchronisation ended; with an error it counts as not finished."""
    with writing() as session:
        finished = None if error else now()
        values = {"cases": cases, "changes": changes, "error": error, "finished_at": finished}
        session.execute(update(Sync).where(Sync.id == sync_id).values(**values))


def last_full() -> dt.datetime | None:
    """When the last finished full comparison began."""
    with reading() as session:
        return session.scalar(select(func.max(Sync.started_at)).where(Sync.full, Sync.finished_at.is_not(None)))


def size() -> tuple[int, int]:
    """How many cases and hearings the mirror has that SIPP had too."""
    with reading() as session:
        cases = session.scalar(select(func.count()).select_from(Case).where(Case.removed_at.is_(None)))
        heard = session.scalar(select(func.count()).select_from(Hearing).where(Hearing.removed_at.is_(None)))
        return cases or 0, heard or 0


def take(sync_id: int, source: str) -> None:
    """The mirror is of `source` from now on: it is emptied, with all that hangs on its cases (follows, notices)."""
    with writing() as session:
        session.execute(delete(Case))
        session.execute(delete(Sync).where(Sync.id != sync_id))
        session.execute(update(Sync).where(Sync.id == sync_id).values(source=source, full=True))


def write(found: list[File], gone: list[int], reused: list[int], changes: list[Change]) -> None:
    """One batch in one transaction: cases that are new or different, ids of cases that SIPP no longer has, ids that
    now belong to quite another case, and the events of all that."""
    moment = now()
    case_ids = [file.case.id for file in found]
    hearings = [hearing for file in found for hearing in file.hearings]
    with writing() as session:
        session.execute(delete(Case).where(Case.id.in_(reused)))
        known = set(session.scalars(select(Case.id).where(Case.id.in_(case_ids))))
        rows = [_columns(file.case) | {"fingerprint": file.fingerprint} for file in found]
        _store(session, Case, rows, known)

        here = {hearing.id for hearing in hearings}
        in_cases = set(session.scalars(select(Hearing.id).where(Hearing.case_id.in_(case_ids))))
        lost = [hearing_id for hearing_id in in_cases if hearing_id not in here]
        _mark_removed(session, Hearing, Hearing.id.in_(lost), moment)
        known = in_cases | set(session.scalars(select(Hearing.id).where(Hearing.id.in_(here - in_cases))))
        _store(session, Hearing, [_columns(hearing) for hearing in hearings], known)

        session.execute(delete(Assignment).where(Assignment.case_id.in_([*case_ids, *gone])))
        people = [_columns(someone) | {"case_id": file.case.id} for file in found for someone in file.assignments]
        _store(session, Assignment, people, set())

        session.execute(update(Case).where(Case.id.in_(gone)).values(removed_at=moment, fingerprint=""))
        _mark_removed(session, Hearing, Hearing.case_id.in_(gone), moment)
        closed = [file.case.id for file in found if file.case.closed]
        untold = update(Hearing).where(Hearing.case_id.in_(closed), Hearing.adjourned_because.is_not(None))
        session.execute(untold.values(adjourned_because=None))  # of removed ones, from when the case was open
        _store(session, Event, [_columns(change) | {"detected_at": moment} for change in changes], set())


def _columns(view: Any) -> dict[str, Any]:
    return {field.name: getattr(view, field.name) for field in fields(view)}


def _store(session: Any, table: Any, rows: list[dict[str, Any]], known: set[int]) -> None:
    if old := [row for row in rows if row.get("id") in known]:
        session.execute(update(table), old)
    if new := [row for row in rows if row.get("id") not in known]:
        session.execute(insert(table.__table__), new)  # through the mapping, rows with other NULLs go one by one


def _mark_removed(session: Any, table: Any, which: Any, moment: dt.datetime) -> None:
    session.execute(update(table).where(which, table.removed_at.is_(None)).values(removed_at=moment))

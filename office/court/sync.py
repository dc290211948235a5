"""Bringing the mirror of the court's cases up to SIPP: compare, batch by batch, and keep what followers must hear of.

Which cases are compared: with `full` all; else those in which something may happen, by the dates in SIPP and by what
the mirror takes for open. When a row was typed in or changed is not asked: these columns are too often wrong.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from errors import SapaError, SippError
from office import opening
from office.court import case_number
from office.court.changes import changes
from office.court.closed import is_closed
from settings import get_settings
from storage.court import cases, mirror
from storage.court.cases import CaseView, File
from storage.court.mirror import Change
from storage.sipp import demo
from storage.sipp.source import Court, Sipp, SippCase

BATCH = 1000
DECIDED_LATELY = dt.timedelta(days=45)
"""Cases registered, decided, minuted or final within this time are compared each time."""
HEARD_LATELY = dt.timedelta(days=14)
"""So are cases with a hearing from so many days ago on."""
FULL_AT = dt.time(1, 30)
"""The first synchronisation of the day after this time (WIB) is a full one."""
FEWEST = 20
"""A mirror with more cases than this does not lose more than half of them at once."""
MEDIATION = {
    "Y1": "berhasil dengan kesepakatan",
    "Y2": "berhasil dengan pencabutan",
    "S": "berhasil sebagian",
    "T": "tidak berhasil",
    "D": "tidak dapat dilaksanakan",
}
"""What SIPP's codes of a mediation's result stand for, as public tools show them."""


class SyncRunning(SippError):
    """Somebody else synchronises this mirror just now."""


@dataclass(frozen=True)
class Report:
    """What a synchronisation did. `changes`: cases that were new, different or gone."""

    court: str
    full: bool
    cases: int
    changes: int
    events: int
    seconds: float


def synchronise(full: bool = False, say: Callable[[str], None] = lambda line: None) -> Report:
    """Brings the mirror up to SIPP, or to the demonstration where no SIPP is set; `say` is told the progress.

    The first one is always full. Raises SippError where SIPP cannot be read or is not the mirror's; what was written
    until then stays and the next one goes on. Raises SyncRunning, StorageError.
    """
    with mirror.alone() as alone:
        if not alone:
            raise SyncRunning("the court's cases are being synchronised already; try again when that has ended")
        return _synchronise(full, say)


def full_is_due(moment: dt.datetime) -> bool:
    """Whether the full comparison of the night (WIB) has not been made yet at this moment."""
    here = moment.astimezone(opening.WIB)
    night = here.replace(hour=FULL_AT.hour, minute=FULL_AT.minute, second=0, microsecond=0)
    if here < night:
        night -= dt.timedelta(days=1)
    last = mirror.last_full()
    return last is None or last < night


def open_sipp() -> Sipp:
    """The SIPP of the settings, or the demonstration of today. Raises SippError."""
    settings = get_settings()
    if settings.sipp_url:
        return Sipp(settings.sipp_url, settings.sipp_ca)
    return Sipp(demo.prepare(settings.data_dir, opening.now().date()))


def inspect_source() -> Iterator[str]:
    """What there is to say of the SIPP of the settings, a line each. Raises SippError where it cannot be used."""
    with closing(open_sipp()) as sipp:
        yield f"server: {sipp.server()}"
        court = sipp.court()
        yield f"court: {court.name} (code {court.code}), SIPP version {court.version or 'not given'}"
        if not get_settings().sipp_url:
            yield "this is the demonstration, its cases are invented; set SAPA_SIPP_URL for a court's own SIPP"
        count, heard = sipp.sizes()
        yield f"readable: all that is needed; {count} cases, {heard} hearings"
        for table in sipp.without():
            yield f"not readable: {table}; without it nobody is reminded of a detention that ends"
        excess = sipp.excess()
        for grant in excess:
            yield f"more than needed: {grant}"
        yield "grants: more than needed, see docs/court.md" if excess else "grants: no more than needed"


def _synchronise(full: bool, say: Callable[[str], None]) -> Report:
    started = time.monotonic()
    held = cases.source()
    done = Report("", full or mirror.last_full() is None, 0, 0, 0, 0.0)
    sync_id = mirror.begin(held or "", done.full)
    try:
        with closing(open_sipp()) as sipp:
            court = sipp.court()
            source = court.code if get_settings().sipp_url else cases.DEMONSTRATION
            if held != source:
                _require_free(held, court)
                mirror.take(sync_id, source)
                done = replace(done, full=True)
            done = replace(done, court=court.name)
            _require_plausible(sipp)
            say(f"{court.name}: comparing {'all' if done.full else 'open'} cases")
            for so_far in _compare(sipp, done):
                done = so_far
                say(f"{done.cases} cases compared, {done.changes} changed")
    except SapaError as error:
        mirror.finish(sync_id, done.cases, done.changes, str(error))
        raise
    mirror.finish(sync_id, done.cases, done.changes)
    return replace(done, seconds=time.monotonic() - started)


def _compare(sipp: Sipp, done: Report) -> Iterator[Report]:
    """Compares batch by batch; yields what has been done so far."""
    today = opening.now().date()
    if done.full:
        ids = sipp.all_ids() | cases.live_ids()
    else:
        ids = sipp.recent_ids(today - DECIDED_LATELY, today - HEARD_LATELY) | cases.open_ids(today - HEARD_LATELY)
    waiting = iter(sorted(ids))
    while batch := list(islice(waiting, BATCH)):
        found = [as_file(case) for case in sipp.read(batch)]
        known = cases.fingerprints(batch)
        different = [file for file in found if known.get(file.case.id) != file.fingerprint]
        here = {file.case.id for file in found}
        gone = [case_id for case_id, fingerprint in known.items() if fingerprint and case_id not in here]
        events: list[Change] = []
        if different or gone:
            before = cases.files([*gone, *(file.case.id for file in different if file.case.id in known)])
            reused = [f.case.id for f in different if _is_another(before.get(f.case.id), f)]
            for case_id in reused:
                del before[case_id]
            for file in different:
                events += changes(before.get(file.case.id), file, today)
            for case_id in gone:
                events += changes(before[case_id], None, today)
            mirror.write(different, gone, reused, events)
        done = replace(
            done,
            cases=done.cases + len(found),
            changes=done.changes + len(different) + len(gone),
            events=done.events + len(events),
        )
        yield done


def _is_another(before: File | None, after: File) -> bool:
    """Whether an id that SIPP had given up was given to another case: its followers did not ask for that one."""
    return before is not None and before.case.removed_at is not None and before.case.key != after.case.key


def as_file(case: SippCase) -> File:
    """The case as the mirror keeps it: of a closed one neither kind nor stage, result or reason."""
    closed = is_closed(case.flow, case.number, case.kind, case.parties_published)
    hearings = case.hearings
    if closed:
        hearings = tuple(replace(hearing, adjourned_because=None) for hearing in hearings)
    return File(
        CaseView(
            id=case.id,
            number=case.number,
            key=case_number.key(case.number),
            flow=case.flow,
            kind=None if closed else case.kind,
            closed=closed,
            registered_on=case.registered_on,
            stage=None if closed else case.stage,
            process=None if closed else case.process,
            bench_set_on=case.bench_set_on,
            clerk_set_on=case.clerk_set_on,
            hearing_day_set_on=case.hearing_day_set_on,
            first_hearing_on=case.first_hearing_on,
            mediation_from=case.mediation_from,
            mediation_until=case.mediation_until,
            mediation_result=None if closed else MEDIATION.get(case.mediation_result or ""),
            decided_on=case.decided_on,
            verdict=None if closed else case.verdict,
            minuted_on=case.minuted_on,
            final_on=case.final_on,
            detention_ends_on=case.detention_ends_on,
            removed_at=None,
        ),
        hearings,
        case.assignments,
    )


def _require_free(held: str | None, court: Court) -> None:
    """Raises SippError where the mirror holds a court's cases and would be given to another; the demonstration's go."""
    if held and held != cases.DEMONSTRATION:
        found = court.name if get_settings().sipp_url else "the demonstration, because SAPA_SIPP_URL is empty"
        raise SippError(
            f"the mirror holds the cases of the court with code {held}, but now it would be {found}; set SAPA_SIPP_URL "
            "to that court's SIPP, or use another SAPA_DATA_DIR and SAPA_DATABASE_URL"
        )


def _require_plausible(sipp: Sipp) -> None:
    """Raises SippError where SIPP has lost so much that it must be a restore under way, not the work of a day."""
    for what, there, kept in zip(("cases", "hearings"), sipp.sizes(), mirror.size(), strict=True):
        if kept > FEWEST and there * 2 < kept:
            raise SippError(
                f"SIPP has {there} {what}, the mirror {kept}: is SIPP being restored, or is it the wrong database? "
                "Nothing was changed"
            )

"""Reading SIPP: only the columns that are needed, by a session that cannot write, in bounded pieces."""

from __future__ import annotations

import datetime as dt
import html
import re
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import pymysql
from sqlalchemy import (
    Column,
    Connection,
    Table,
    bindparam,
    create_engine,
    event,
    exists,
    func,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from errors import SippError
from storage.court.cases import AssignmentView, HearingView
from storage.sipp import schema
from storage.sipp.schema import APPOINTMENT, BAILIFF, CASE, CLERK, CONFIG, DECISION, HEARING, JUDGE, MEDIATION

T = TypeVar("T")
PAUSES = (1.0, 3.0, 10.0)
"""Seconds before each further attempt after a broken connection."""
STATEMENT_SECONDS, SOCKET_SECONDS = 60, 75
LONGEST_TEXT = 500
COURT_CODE, COURT_NAME, VERSION = 61, 62, 80
"""Ids in sys_config."""


def _columns(table: Table, names: str) -> tuple[Column[Any], ...]:
    return tuple(table.c[name] for name in names.split())


READ: dict[Table, tuple[Column[Any], ...]] = {
    CASE: _columns(
        CASE,
        "perkara_id nomor_perkara alur_perkara_id jenis_perkara_nama tanggal_pendaftaran pihak_dipublikasikan "
        "tahapan_terakhir_text proses_terakhir_text",
    ),
    HEARING: _columns(
        HEARING,
        "id perkara_id urutan tanggal_sidang jam_sidang sampai_jam agenda ruangan ditunda alasan_ditunda edoc_bas",
    ),
    DECISION: _columns(DECISION, "perkara_id tanggal_putusan status_putusan_nama tanggal_minutasi tanggal_bht"),
    APPOINTMENT: _columns(
        APPOINTMENT,
        "perkara_id penetapan_majelis_hakim penetapan_panitera_pengganti penetapan_hari_sidang sidang_pertama",
    ),
    schema.HEARING_DAY: _columns(schema.HEARING_DAY, "perkara_id tanggal_penetapan"),
    JUDGE: _columns(JUDGE, "perkara_id jabatan_hakim_id hakim_id hakim_nama aktif"),
    CLERK: _columns(CLERK, "perkara_id panitera_id panitera_nama aktif"),
    BAILIFF: _columns(BAILIFF, "perkara_id jurusita_id jurusita_nama aktif"),
    MEDIATION: _columns(
        MEDIATION,
        "mediasi_id perkara_id penetapan_penunjukan_mediator dimulai_mediasi keputusan_mediasi hasil_mediasi",
    ),
    schema.DETENTION: _columns(schema.DETENTION, "perkara_id sampai"),
    CONFIG: _columns(CONFIG, "id value"),
}
"""All that Sapa reads: no party, no name but those of the court's own people, no text of a verdict."""
OPTIONAL = (schema.DETENTION,)
"""Without it only the reminder of a detention that ends is missing."""


@dataclass(frozen=True, slots=True)
class Court:
    """Whose SIPP it is."""

    code: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SippCase:
    """A case as SIPP has it, with its hearings by id and its people in order."""

    id: int
    number: str
    flow: int
    kind: str | None
    parties_published: bool
    registered_on: dt.date | None
    stage: str | None
    process: str | None
    bench_set_on: dt.date | None
    clerk_set_on: dt.date | None
    hearing_day_set_on: dt.date | None
    first_hearing_on: dt.date | None
    mediation_from: dt.date | None
    mediation_until: dt.date | None
    mediation_result: str | None
    """SIPP's code: Y1, Y2, S, T, D."""
    decided_on: dt.date | None
    verdict: str | None
    minuted_on: dt.date | None
    final_on: dt.date | None
    detention_ends_on: dt.date | None
    hearings: tuple[HearingView, ...]
    assignments: tuple[AssignmentView, ...]


class Sipp:
    """A connection to one SIPP. Every method raises SippError, naming what is wrong, never the password."""

    def __init__(self, url: str, ca: str = ""):
        address = _address(url)
        self._mysql = address.get_backend_name() == "mysql"
        self._user, self._database = address.username, address.database
        self._place = f"SIPP at {address.host or ''}:{address.port or 3306}/{address.database or ''}"
        self._missing: list[str] | None = None
        options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 1}
        if self._mysql:
            arguments = {"connect_timeout": 10, "read_timeout": SOCKET_SECONDS, "write_timeout": SOCKET_SECONDS}
            options["connect_args"] = arguments | ({"ssl": _trust(ca)} if ca else {})
        self._engine = create_engine(address, **options)
        if self._mysql:
            event.listen(self._engine, "connect", _only_read)

    def close(self) -> None:
        """Gives the connection back."""
        self._engine.dispose()

    def court(self) -> Court:
        """Whose SIPP this is; raises SippError where the database is none, or lacks what is read."""
        if missing := self.missing():
            raise SippError(
                f"{self._place}: not there, or not granted to user {self._user!r}: {', '.join(missing)}. "
                "Is it the right database? See SAPA_SIPP_URL and the grants in docs/court.md"
            )
        rows = self._ask(lambda it: it.execute(select(CONFIG.c.id, CONFIG.c.value)).tuples().all())
        config = {key: (value or "").strip() for key, value in rows}
        if not config.get(COURT_CODE) or not config.get(COURT_NAME):
            raise SippError(
                f"{self._place} is not the SIPP of a court: sys_config holds no court code ({COURT_CODE}) or no "
                f"court name ({COURT_NAME}); see SAPA_SIPP_URL"
            )
        return Court(config[COURT_CODE], config[COURT_NAME], config.get(VERSION, ""))

    def missing(self) -> list[str]:
        """What is read but cannot be: `table`, or `table.column`; what is optional is left out."""
        there = self._ask(self._readable)
        absent = []
        for table, columns in READ.items():
            if table.name not in there:
                absent.append(table.name)
            else:
                absent += [f"{table.name}.{c.name}" for c in columns if c.name not in there[table.name]]
        self._missing = absent
        optional = tuple(table.name for table in OPTIONAL)
        return [name for name in absent if name.partition(".")[0] not in optional]

    def without(self) -> list[str]:
        """Optional tables that cannot be read."""
        self.missing()
        return [table.name for table in OPTIONAL if not self._has(table)]

    def _has(self, table: Table) -> bool:
        if self._missing is None:
            self.missing()
        return not any(name.partition(".")[0] == table.name for name in self._missing or ())

    def _readable(self, connection: Connection) -> dict[str, set[str]]:
        there: dict[str, set[str]] = {}
        if not self._mysql:
            found = inspect(connection)
            return {name: {c["name"] for c in found.get_columns(name)} for name in found.get_table_names()}
        query = text(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name IN :tables"
        ).bindparams(bindparam("tables", expanding=True))
        for table, column in connection.execute(query, {"tables": [table.name for table in READ]}):
            there.setdefault(table, set()).add(column)
        return there

    def server(self) -> str:
        """Kind and version of the server."""
        if not self._mysql:
            return "SQLite"
        return str(self._ask(lambda it: it.scalar(text("SELECT VERSION()"))))

    def excess(self) -> list[str]:
        """What the user may do that Sapa does not need, in words of the server's own grants."""
        if not self._mysql:
            return []
        lines = self._ask(lambda it: list(it.scalars(text("SHOW GRANTS FOR CURRENT_USER"))))
        return [found for line in lines if (found := _too_much(line, self._database or ""))]

    def sizes(self) -> tuple[int, int]:
        """How many cases and hearings there are."""

        def count(connection: Connection) -> tuple[int, int]:
            cases = connection.scalar(select(func.count(CASE.c.perkara_id)))
            return cases or 0, connection.scalar(select(func.count(HEARING.c.id))) or 0

        return self._ask(count)

    def all_ids(self) -> set[int]:
        """Ids of all cases."""
        return self._ask(lambda it: set(it.scalars(select(CASE.c.perkara_id))))

    def recent_ids(self, since: dt.date, heard_since: dt.date) -> set[int]:
        """Ids of the cases in which something may happen: undecided; registered, decided, minuted or final from
        `since` on; with a hearing from `heard_since` on."""
        case_id = CASE.c.perkara_id
        decided = exists().where(DECISION.c.perkara_id == case_id, DECISION.c.tanggal_putusan.is_not(None))
        dates = (DECISION.c.tanggal_putusan, DECISION.c.tanggal_minutasi, DECISION.c.tanggal_bht)
        lately = select(DECISION.c.perkara_id).where(or_(*(date >= since for date in dates)))
        heard = select(HEARING.c.perkara_id).where(HEARING.c.tanggal_sidang >= heard_since)

        def find(connection: Connection) -> set[int]:
            undecided = connection.scalars(select(case_id).where(or_(~decided, CASE.c.tanggal_pendaftaran >= since)))
            found = set(undecided) | set(connection.scalars(lately)) | set(connection.scalars(heard))
            return {number for number in found if number is not None}

        return self._ask(find)

    def read(self, ids: list[int]) -> list[SippCase]:
        """These cases, as far as SIPP has them and they have a number, all as of one moment."""
        return self._ask(lambda connection: self._read(connection, ids))

    def _read(self, connection: Connection, ids: list[int]) -> list[SippCase]:
        def rows(table: Table, order: str = "") -> dict[int, list[Any]]:
            query = select(*READ[table]).where(table.c.perkara_id.in_(ids))
            if order:
                query = query.order_by(table.c[order])
            grouped: dict[int, list[Any]] = {}
            for row in connection.execute(query):
                grouped.setdefault(row.perkara_id, []).append(row)
            return grouped

        cases, hearings, decisions = rows(CASE), rows(HEARING, "id"), rows(DECISION)
        appointments, days, mediations = rows(APPOINTMENT), rows(schema.HEARING_DAY), rows(MEDIATION, "mediasi_id")
        people = {table: rows(table) for table in (JUDGE, CLERK, BAILIFF)}
        detentions = rows(schema.DETENTION) if self._has(schema.DETENTION) else {}
        found = []
        for case_id in sorted(cases):
            case = cases[case_id][0]
            number = _text(case.nomor_perkara)
            if number is None:  # not yet registered in full
                continue
            decision = _last(decisions, case_id)
            appointment = _last(appointments, case_id)
            mediation = _last(mediations, case_id)
            set_days = [_day(row.tanggal_penetapan) for row in days.get(case_id, ())]
            ends = [_day(row.sampai) for row in detentions.get(case_id, ())]
            found.append(
                SippCase(
                    id=case_id,
                    number=number,
                    flow=case.alur_perkara_id or 0,
                    kind=_text(case.jenis_perkara_nama),
                    parties_published=case.pihak_dipublikasikan != "T",
                    registered_on=_day(case.tanggal_pendaftaran),
                    stage=_text(case.tahapan_terakhir_text),
                    process=_text(case.proses_terakhir_text),
                    bench_set_on=appointment and _day(appointment.penetapan_majelis_hakim),
                    clerk_set_on=appointment and _day(appointment.penetapan_panitera_pengganti),
                    hearing_day_set_on=(appointment and _day(appointment.penetapan_hari_sidang)) or _first(set_days),
                    first_hearing_on=appointment and _day(appointment.sidang_pertama),
                    mediation_from=mediation
                    and (_day(mediation.dimulai_mediasi) or _day(mediation.penetapan_penunjukan_mediator)),
                    mediation_until=mediation and _day(mediation.keputusan_mediasi),
                    mediation_result=mediation and _text(mediation.hasil_mediasi),
                    decided_on=decision and _day(decision.tanggal_putusan),
                    verdict=decision and _text(decision.status_putusan_nama),
                    minuted_on=decision and _day(decision.tanggal_minutasi),
                    final_on=decision and _day(decision.tanggal_bht),
                    detention_ends_on=max((day for day in ends if day), default=None),
                    hearings=tuple(h for row in hearings.get(case_id, ()) if (h := _hearing(row))),
                    assignments=_assignments(people, case_id),
                )
            )
        return found

    def _ask(self, question: Callable[[Connection], T]) -> T:
        for pause in (*PAUSES, None):
            try:
                with self._engine.connect() as connection:
                    return question(connection)
            except SQLAlchemyError as error:
                if pause is None or _code(error) not in PASSING:
                    raise SippError(self._explained(error)) from error
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _explained(self, error: SQLAlchemyError) -> str:
        code, words = _code(error), _words(error)
        if "certificate verify failed" in words.lower():
            return f"{self._place}: its certificate is not one of SAPA_SIPP_CA, or not for this host name: {words}"
        reason = REASONS.get(code or 0)
        return f"{self._place}: {reason.format(user=self._user) if reason else 'cannot be read'}: {words}"


PASSING = {1040, 1053, 1205, 1213, 1317, 1927, 1969, 2003, 2006, 2013, 2014, 2055, 3024, 0}
"""Codes of the server and the driver after which another attempt may help: connection broken or refused, too many
connections, shutdown, a statement that took too long or was killed."""
REASONS = {
    1044: "user {user!r} may not use this database",
    1045: "user {user!r} or its password is wrong; see SAPA_SIPP_URL",
    1049: "the server has no such database; see SAPA_SIPP_URL",
    1054: "a column is missing; is it the right database?",
    1130: "the server does not let this machine in",
    1142: "user {user!r} may not read a table; see the grants in docs/court.md",
    1143: "user {user!r} may not read a column; see the grants in docs/court.md",
    1146: "a table is missing; is it the right database?",
    1698: "user {user!r} or its password is wrong; see SAPA_SIPP_URL",
    2003: "no connection; does the server run, does it accept connections from here?",
    2026: "no encrypted connection; see SAPA_SIPP_CA",
}


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        # an @ or / in the password that is not written as %40 or %2F puts a piece of it into the host or the database
        understood = "@" not in f"{address.host}{address.database}"
    except (ArgumentError, ValueError):
        understood = False
    if not understood:
        raise SippError(
            "SAPA_SIPP_URL cannot be understood; write mysql+pymysql://USER:PASSWORD@HOST/DATABASE, "
            "with %40 for @ and %2F for / in the password"
        )
    return address


def _trust(ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise SippError(f"SAPA_SIPP_CA {ca} cannot be used: {error}") from error


def _only_read(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        mariadb = "MariaDB" in connection.get_server_info()
        limit = f"max_statement_time={STATEMENT_SECONDS}" if mariadb else f"max_execution_time={STATEMENT_SECONDS}000"
        with suppress(pymysql.err.OperationalError):  # an old server without the limit: the socket has one
            cursor.execute(f"SET SESSION {limit}")


def _code(error: SQLAlchemyError) -> int | None:
    arguments = getattr(getattr(error, "orig", None), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _words(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None)
    words = str(cause.args[-1]) if cause is not None and cause.args else type(cause or error).__name__
    return words.partition("\n")[0]


GRANT = re.compile(r"GRANT (?P<what>.+) ON (?P<where>\S+) TO ", re.IGNORECASE)
COLUMNS = re.compile(r"\s*\(([^)]*)\)")


def _too_much(line: str, database: str) -> str | None:
    """The grant without its user and password, where it is more than SELECT on the columns of READ."""
    match = GRANT.match(line)
    if match is None or match["what"].upper() == "USAGE":
        return None
    what, where = match["what"], match["where"].replace("`", "")
    needed = {f"{database}.{table.name}": {c.name for c in columns} for table, columns in READ.items()}
    columns = COLUMNS.search(what)
    named = {name.strip(" `") for name in columns[1].split(",")} if columns else None
    only_select = COLUMNS.sub("", what).strip().upper() == "SELECT"
    if only_select and "GRANT OPTION" not in line and named is not None and named <= needed.get(where, set()):
        return None
    return f"{what} ON {where}"


# -- values -----------------------------------------------------------------------------------------------------------

CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
TAG = re.compile(r"<[^>]*>")


def _last(rows: dict[int, list[Any]], case_id: int) -> Any:
    of_case = rows.get(case_id)
    return of_case[-1] if of_case else None


def _first(days: Iterable[dt.date | None]) -> dt.date | None:
    return min((day for day in days if day), default=None)


def _text(value: Any) -> str | None:
    """Without markup and double blanks, at most LONGEST_TEXT characters; None where nothing is left."""
    if value is None:
        return None
    plain = " ".join(html.unescape(TAG.sub(" ", str(value))).split())
    return (plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…") or None


def _day(value: Any) -> dt.date | None:
    """A date; None also for MySQL's 0000-00-00, which the driver hands over as text."""
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def _clock(value: Any) -> str | None:
    """ "HH:MM"; None for midnight, which is SIPP's "not given"."""
    if isinstance(value, dt.timedelta):  # MySQL's TIME
        value = f"{value.seconds // 3600:02}:{value.seconds % 3600 // 60:02}"
    match = CLOCK.match(str(value or "").strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    clock = f"{int(match[1]):02}:{match[2]}"
    return None if clock == "00:00" else clock


def _hearing(row: Any) -> HearingView | None:
    day = _day(row.tanggal_sidang)
    if day is None:
        return None
    return HearingView(
        id=row.id,
        case_id=row.perkara_id,
        ordinal=row.urutan,
        day=day,
        starts=_clock(row.jam_sidang),
        ends=_clock(row.sampai_jam),
        agenda=_text(row.agenda),
        room=_text(row.ruangan),
        adjourned=row.ditunda == "Y",
        adjourned_because=_text(row.alasan_ditunda) if row.ditunda == "Y" else None,
        has_minutes=bool((row.edoc_bas or "").strip()),
        removed_at=None,
    )


def _assignments(people: dict[Table, dict[int, list[Any]]], case_id: int) -> tuple[AssignmentView, ...]:
    found: dict[tuple[str, int], str] = {}

    def add(duty: str, person_id: int | None, name: str | None) -> None:
        if person_id:
            found[duty, person_id] = _text(name) or ""

    for row in people[JUDGE].get(case_id, ()):
        if row.aktif == "Y":
            add("chair" if row.jabatan_hakim_id == 1 else "judge", row.hakim_id, row.hakim_nama)
    for row in people[CLERK].get(case_id, ()):
        if row.aktif == "Y":
            add("clerk", row.panitera_id, row.panitera_nama)
    for row in people[BAILIFF].get(case_id, ()):
        if row.aktif == "Y":
            add("bailiff", row.jurusita_id, row.jurusita_nama)
    return tuple(AssignmentView(duty, person_id, found[duty, person_id]) for duty, person_id in sorted(found))

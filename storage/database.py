"""The database: one engine a process, sessions for reading and for writing, and the migration.

Nothing outside `storage` sees SQLAlchemy: whatever goes wrong in the database leaves here as a StorageError.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import portalocker
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from errors import SapaError
from settings import get_settings

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
MIGRATION_LOCK = 7_237_001  # any number; PostgreSQL's advisory lock for "Sapa is migrating"


class StorageError(SapaError):
    """The database did not take or give what was asked; nothing was half-written."""


_lock = threading.Lock()
_engine: Engine | None = None


def connect(url: str) -> Engine:
    """A new engine for `url`."""
    options: dict[str, Any] = {
        "hide_parameters": True
    }  # a failed statement must not carry a citizen's words into a log
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=10, max_overflow=30, pool_timeout=10, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # keepalives: a server that vanished without a word is noticed in seconds, not after the kernel's two hours
    arguments = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    return create_engine(
        url, pool_size=10, max_overflow=30, pool_timeout=10, pool_pre_ping=True, connect_args=arguments, **options
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions by itself, and late
    for pragma in ("busy_timeout=10000", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once, without waiting, when somebody wrote in between.
    # So writers say at the start that they will write.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def use(url: str) -> Engine:
    """Makes `url` the database of this process and returns its engine; the former one is closed."""
    global _engine
    with _lock:
        if _engine is not None:
            _engine.dispose()
        _engine = connect(url)
        return _engine


def engine() -> Engine:
    """The engine of this process; made from the settings on first use."""
    global _engine
    with _lock:
        if _engine is None:
            _engine = connect(get_settings().storage_url)
        return _engine


@contextmanager
def _session(write: bool) -> Iterator[Session]:
    try:
        with Session(engine().execution_options(write=write), expire_on_commit=False) as session, session.begin():
            yield session
    except SQLAlchemyError as error:
        raise StorageError(f"The database failed: {type(error).__name__}: {_first_line(error)}") from error


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads. Raises StorageError."""
    with _session(write=False) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session committed as a whole at the end of the block, or not at all. Raises StorageError."""
    with _session(write=True) as session:
        yield session


def _first_line(error: Exception) -> str:
    # The driver's words without the statement; PostgreSQL puts values into the lines that follow ("DETAIL: Key (...)").
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def check() -> None:
    """Asks the database for a sign of life. Raises StorageError."""
    with reading() as session:
        session.execute(text("SELECT 1"))


def migrate(url: str, report: Callable[[str], None] = print) -> None:
    """Brings the schema of `url` to the newest revision, in one transaction; `report` is told each step.

    Raises StorageError with what to look at when the database cannot be reached or altered.
    """
    address = make_url(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    own_engine = connect(url)
    try:
        with _prepared_file(address), own_engine.execution_options(write=True).begin() as connection:
            if connection.dialect.name == "postgresql":  # two machines that start at once
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            config.attributes["report"] = report
            command.upgrade(config, "head")
    except (SQLAlchemyError, OSError, sqlite3.Error, portalocker.LockException) as error:
        shown = address.render_as_string(hide_password=True)
        raise StorageError(
            f"The database {shown} cannot be prepared: {_first_line(error)}. See SAPA_DATABASE_URL, SAPA_DATA_DIR."
        ) from error
    finally:
        own_engine.dispose()


def described(thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Whether the code's tables describe it, for Alembic's comparison: not so the index of words."""
    return not (name or "").startswith(("inbound_words", "ix_inbound_words"))


@contextmanager
def _prepared_file(address: URL) -> Iterator[None]:
    """SQLite: the folder is there, nobody else migrates it, and in WAL mode readers don't wait for a writer.

    Alone, because SQLite refuses a change of the mode at once, without waiting, while somebody else begins to write.
    """
    if address.get_backend_name() != "sqlite" or not address.database:
        yield
        return
    file = Path(address.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    with portalocker.Lock(f"{file}.migration", timeout=60):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        yield

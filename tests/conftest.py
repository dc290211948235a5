"""Shared fixtures: a database of either kind, Redis, a data folder of its own, the pretended Twilio."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from storage import database as storage_database
from tests.fakes.twilio import FakeTwilio

# Before anything reads the settings: tests touch neither the real data folder nor a Twilio account of the developer.
os.environ["SAPA_DATA_DIR"] = tempfile.mkdtemp(prefix="sapa-test-")
for name in (
    "SAPA_DATABASE_URL",
    "SAPA_REDIS_URL",
    "SAPA_PUBLIC_URL",
    "SAPA_SIPP_URL",
    "SAPA_SIPP_CA",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
):
    os.environ[name] = ""

POSTGRES = os.environ.get("SAPA_TEST_POSTGRES", "postgresql+psycopg2://postgres@127.0.0.1:5432")
MARIADB = os.environ.get("SAPA_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306")
REDIS = os.environ.get("SAPA_TEST_REDIS", "redis://127.0.0.1:6379/0")


def absent(what: str) -> None:
    """A server is missing: a reason to skip at home, a failure where everything has to be tested."""
    message = f"{what} is not there"
    pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A freshly created PostgreSQL database, dropped afterwards."""
    name = f"sapa_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        absent(f"PostgreSQL at {POSTGRES} ({type(error).__name__})")
    yield f"{POSTGRES}/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    """A freshly created MariaDB database, dropped afterwards with the users that are called like it."""
    name = f"sapa_test_{uuid.uuid4().hex[:12]}"
    admin = create_engine(f"{MARIADB}/mysql", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    except SQLAlchemyError as error:
        absent(f"MariaDB at {MARIADB} ({type(error).__name__})")
    yield f"{MARIADB}/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
        for user, host in connection.execute(text("SELECT user, host FROM mysql.user WHERE user = :n"), {"n": name}):
            connection.execute(text(f"DROP USER '{user}'@'{host}'"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: once an SQLite file, once PostgreSQL."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'sapa.sqlite3'}"


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    """A migrated database that `storage` uses; its address."""
    storage_database.migrate(database_url, report=lambda line: None)
    storage_database.use(database_url)
    yield database_url
    storage_database.engine().dispose()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[str]:
    """Like `database`, SQLite only: for what does not depend on the kind."""
    url = f"sqlite:///{tmp_path / 'sapa.sqlite3'}"
    storage_database.migrate(url, report=lambda line: None)
    storage_database.use(url)
    yield url
    storage_database.engine().dispose()


@pytest.fixture
def redis_url() -> str:
    """Redis' address, after it has answered."""
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        absent(f"Redis at {REDIS} ({type(error).__name__})")
    return REDIS


@pytest.fixture
def redis_prefix(redis_url: str) -> Iterator[str]:
    """A word that the keys of this test contain; they are deleted afterwards."""
    prefix = f"sapatest{uuid.uuid4().hex[:8]}"
    yield prefix
    connection = redis.Redis.from_url(redis_url)
    for key in connection.scan_iter(f"*{prefix}*"):
        connection.delete(key)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """A pretended Twilio, listening."""
    with FakeTwilio() as fake:
        yield fake

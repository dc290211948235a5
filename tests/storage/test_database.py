import datetime as dt
import sqlite3
import threading

import pytest
from sqlalchemy import event, inspect, text

from storage import database
from storage.database import StorageError, described, migrate, reading, writing
from storage.tables import Base, Conversation, now


def test_migration_makes_the_tables_of_the_code(database_url):
    steps = []
    migrate(database_url, report=steps.append)
    assert steps[0] == "storage: revision 0001: conversations, inbound, outbox, status_events"
    done = len(steps)
    migrate(database_url, report=steps.append)
    assert len(steps) == done, "a second run has nothing to do"

    engine = database.connect(database_url)
    found = inspect(engine)
    for table in Base.metadata.sorted_tables:
        columns = {column["name"] for column in found.get_columns(table.name)}
        assert columns - {"inbound_words"} == set(table.columns.keys())
        assert {index["name"] for index in found.get_indexes(table.name)} >= {index.name for index in table.indexes}
    engine.dispose()


def test_autogenerate_finds_no_difference(database_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    migrate(database_url, report=lambda line: None)
    engine = database.connect(database_url)
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"include_object": described}), Base.metadata)
            == []
        )
    engine.dispose()


def test_two_migrations_at_once(database_url):
    failures = []

    def run():
        try:
            migrate(database_url, report=lambda line: None)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failures == []


def test_times_come_back_in_utc(database):
    wib = dt.timezone(dt.timedelta(hours=7))
    moment = dt.datetime(2026, 1, 1, 5, 30, tzinfo=wib)
    with writing() as session:
        session.add(Conversation(channel="web", address="a", created_at=moment))
    with reading() as session:
        stored = session.query(Conversation).one().created_at
    assert stored == moment and stored.utcoffset() == dt.timedelta(0)


def test_a_failed_block_leaves_nothing(database):
    with pytest.raises(RuntimeError), writing() as session:
        session.add(Conversation(channel="web", address="a", created_at=now()))
        session.flush()
        raise RuntimeError
    with reading() as session:
        assert session.query(Conversation).count() == 0


def test_writers_wait_for_each_other(sqlite_database):
    def write(index):
        with writing() as session:
            session.query(Conversation).count()  # read first: the order that fails without BEGIN IMMEDIATE
            session.add(Conversation(channel="web", address=str(index)))

    threads = [threading.Thread(target=write, args=(index,)) for index in range(12)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    with reading() as session:
        assert session.query(Conversation).count() == 12
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_server_away():
    database.use("postgresql+psycopg2://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(StorageError) as caught:
        database.check()
    assert "secret" not in str(caught.value)
    with pytest.raises(StorageError, match="SAPA_DATABASE_URL") as caught:
        migrate("postgresql+psycopg2://nobody:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def test_file_without_permission_to_write(sqlite_database):
    path = sqlite_database.removeprefix("sqlite:///")
    database.use(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StorageError, match="readonly"), writing() as session:
        session.add(Conversation(channel="web", address="a"))


def test_disk_full(sqlite_database):
    engine = database.use(sqlite_database)

    @event.listens_for(engine, "connect")
    def small(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(StorageError, match="full"), writing() as session:
        session.add(Conversation(channel="web", address="x" * 100_000))
    with reading() as session:
        assert session.query(Conversation).count() == 0


def test_an_error_shows_no_words_of_a_citizen(database):
    with pytest.raises(StorageError) as caught, writing() as session:
        for _ in range(2):
            session.add(Conversation(channel="web", address="+6281234567890"))
            session.flush()
    assert "6281234567890" not in str(caught.value)

"""The PostgreSQL of the tests is real, empty for each test, durable over a crash, and leaves nothing behind.

Its standby follows, lags, loses and takes over as a real one does.
"""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from festival_push.store.migrations.runner import missing_migrations
from festival_push.store.opening import open_database
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.standby import Standby


async def test_a_fresh_database_answers_and_is_empty(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        assert (
            await connection.fetchval("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
        )
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
        await connection.execute("CREATE TABLE guests (name text)")
    finally:
        await connection.close()


async def test_two_databases_do_not_see_each_other(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as one_url, postgres_server.database() as other_url:
        one, other = await asyncpg.connect(one_url), await asyncpg.connect(other_url)
        try:
            await one.execute("CREATE TABLE guests (name text)")
            with pytest.raises(asyncpg.UndefinedTableError):
                await other.fetch("SELECT * FROM guests")
        finally:
            await one.close()
            await other.close()


async def test_a_copy_lacks_no_migration_and_has_a_log_of_its_own() -> None:
    with PostgresServer() as server:
        database = await open_database(server.migrated())
        try:
            assert await missing_migrations(database) == []
            await database.writer().begin()
            await database.writer().commit(("UPDATE log_head SET position = 7", [()]))
            [[(epoch, position)]] = await database.read(("SELECT epoch, position FROM log_head", ()))
        finally:
            await database.close()
        assert position == 7
        before = server.execute("SELECT datname FROM pg_database").splitlines()
        copy = server.migrated().rpartition("/")[2]
        assert copy not in before
        later, at = server.execute("SELECT epoch, position FROM log_head", database=copy).split("|")
        assert (later != epoch, at) == (True, "0")
        assert len(server.execute("SELECT datname FROM pg_database").splitlines()) == len(before)


async def test_a_database_is_dropped_even_while_somebody_is_connected(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        connection = await asyncpg.connect(url)
    name = url.rsplit("/", 1)[1]
    assert name not in postgres_server.execute("SELECT datname FROM pg_database").splitlines()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await connection.fetchval("SELECT 1")
    await connection.close()


def test_what_was_committed_outlives_a_crash_and_a_restart() -> None:
    with PostgresServer() as server:
        server.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.kill()
        assert not server.is_running
        server.start()
        assert server.execute("SELECT number FROM kept") == "7"
        server.restart()
        assert server.execute("SELECT number FROM kept") == "7"
    assert not server.is_running


def test_a_server_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = PostgresServer()
    assert list(tmp_path.iterdir())
    server.close()
    assert not list(tmp_path.iterdir())


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        server.execute("CREATE TABLE kept AS SELECT 7 AS number")
        yield server


def test_it_follows_lags_and_catches_up(primary: PostgresServer) -> None:
    with Standby(primary) as standby:
        assert standby.execute("SELECT pg_is_in_recovery(), number FROM kept") == "t|7"
        standby.pause()
        primary.execute("INSERT INTO kept VALUES (8)")
        assert standby.execute("SELECT max(number) FROM kept") == "7"
        standby.resume()
        standby.catch_up()
        assert standby.execute("SELECT max(number) FROM kept") == "8"
        primary.stop()
        assert standby.execute("SELECT max(number) FROM kept") == "8", "it can be read while the primary is gone"


def test_it_takes_over_the_address_without_what_it_never_received(primary: PostgresServer) -> None:
    with Standby(primary) as standby:
        standby.cut_off()
        primary.execute("INSERT INTO kept VALUES (8)")
        primary.kill()
        standby.promote(at_port=primary.port)
        assert standby.url() == primary.url()
        assert standby.execute("SELECT pg_is_in_recovery(), max(number) FROM kept") == "f|7"
        standby.execute("INSERT INTO kept VALUES (9)")

"""Several hosts, TLS, sockets and poolers: what a URL of PostgreSQL may say is done, with real servers."""

import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal

import pytest

from festival_push.domain.log import LogPosition
from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.postgres.connecting import one_by_one
from festival_push.store.postgres.connection import said
from festival_push.store.sql import Statement
from tests.store.postgres.pgbouncer import PgBouncer
from tests.store.world import World, assert_lawful, outcomes
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.standby import Standby
from tests.support.timing.waiting import until

PORT: Final[Statement] = ("SELECT current_setting('port')::int", ())
WAIT_S: Final = 60.0


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u@h/f", ["postgresql://u@h/f"]),
        ("postgresql://u:p%40@h1:1,h2:2/f?a=b", ["postgresql://u:p%40@h1:1/f?a=b", "postgresql://u:p%40@h2:2/f?a=b"]),
        ("postgres://h1,[::1]:5433/f", ["postgres://h1/f", "postgres://[::1]:5433/f"]),
        ("postgresql:///f?host=/run/postgresql", ["postgresql:///f?host=/run/postgresql"]),
        (
            "postgresql:///f?host=h1,h2&port=1,2&sslmode=require",
            [
                "postgresql:///f?host=h1&port=1&sslmode=require",
                "postgresql:///f?host=h2&port=2&sslmode=require",
            ],
        ),
        ("postgresql:///f?host=h1,h2&port=7", ["postgresql:///f?host=h1&port=7", "postgresql:///f?host=h2&port=7"]),
    ],
)
def test_each_host_has_a_url_of_its_own(url: str, hosts: list[str]) -> None:
    assert one_by_one(url) == hosts


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@asynccontextmanager
async def opened(url: str, **options: float) -> AsyncIterator[Database]:
    database = await open_database(url, **options)  # type: ignore[arg-type]
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


async def is_added(world: World, name: str) -> bool:
    """Whether a command goes through."""
    [outcome] = await outcomes(world.add_user(UserId(name)))
    assert not isinstance(outcome, Exception) or isinstance(outcome, Unavailable), outcome
    return not isinstance(outcome, Exception)


async def reads_from(database: Database, port: int) -> bool:
    [outcome] = await outcomes(database.read(PORT))
    return bool(outcome == [[(port,)]])


@pytest.mark.parametrize("attribute", ["", "?target_session_attrs=read-write", "?target_session_attrs=primary"])
async def test_several_hosts_lead_to_the_one_that_takes_writes_also_after_a_failover(
    primary: PostgresServer, attribute: str
) -> None:
    with Standby(primary) as standby:
        url = f"postgresql://festival@127.0.0.1:{standby.port},127.0.0.1:{primary.port}/postgres{attribute}"
        async with opened(url, wait_s=WAIT_S) as database, World(database) as world:
            await world.ground()
            assert await reads_from(database, primary.port)
            standby.catch_up()
            primary.kill()
            assert not await is_added(world, "anna")
            standby.promote()
            assert await until(lambda: is_added(world, "bela"))
            assert await until(lambda: reads_from(database, standby.port))
            await assert_lawful(database)


async def test_a_silent_host_uses_up_its_own_share_of_the_time(primary: PostgresServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and says nothing
        port = silent.getsockname()[1]
        async with opened(
            f"postgresql://festival@127.0.0.1:{port},127.0.0.1:{primary.port}/postgres", wait_s=4.0
        ) as one:
            assert await reads_from(one, primary.port)


async def test_a_replica_may_have_several_hosts_and_prefer_a_standby(primary: PostgresServer) -> None:
    with Standby(primary) as standby:
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        read_url = f"postgresql://festival@{hosts}/postgres?target_session_attrs=prefer-standby"
        database = await open_database(primary.url(), read_url=read_url)
        try:
            await migrate(database)
            head = await EventLog(database).head()
            database.follow(lambda: LogPosition(head.epoch, head.position))
            assert await until(lambda: is_answered_by(database, standby.port))
        finally:
            await database.close()


async def is_answered_by(database: Database, port: int) -> bool:
    return await database.past.read(PORT) == [[(port,)]]


async def test_a_socket_of_this_machine() -> None:
    with PostgresServer() as server:
        server.settings["unix_socket_directories"] = str(server.data)
        server.restart()
        async with opened(f"postgresql://festival@/postgres?host={server.data}&port={server.port}") as database:
            assert await database.read(("SELECT inet_server_addr() IS NULL", ())) == [[(True,)]]


def certificates(folder: Path) -> None:
    """An authority, `ca.crt`, and a key and certificate of 127.0.0.1, `server.key` and `server.crt`, by it."""
    commands = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
        "-keyout ca.key -out ca.crt",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr",
    )
    for command in commands:
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    signed = "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt"
    subprocess.run(["openssl", *signed.split()], cwd=folder, check=True, capture_output=True)


async def test_tls_with_an_authority_of_ones_own(tmp_path: Path) -> None:
    certificates(tmp_path)
    (tmp_path / "other").mkdir()
    certificates(tmp_path / "other")
    with PostgresServer() as server:
        for name in ("server.key", "server.crt"):
            server.put(name, (tmp_path / name).read_text())
        server.settings |= {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}
        server.restart()
        trusting = f"{server.url()}?sslmode=verify-full&sslrootcert={tmp_path}/ca.crt"
        async with opened(trusting) as database:
            used = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert await database.read((used, ())) == [[(True,)]]
        with pytest.raises(Unavailable, match="certificate"):
            await open_database(f"{server.url()}?sslmode=verify-full&sslrootcert={tmp_path}/other/ca.crt")


async def test_a_pooler_of_sessions_works_with_all_that_we_set(primary: PostgresServer) -> None:
    with PgBouncer(primary, "session") as pooler:
        async with opened(pooler.through(primary.url()), wait_s=WAIT_S) as database, World(database) as world:
            await world.ground()
            assert await is_added(world, "anna")
            names = ("lock_timeout", "statement_timeout", "default_transaction_read_only", "application_name")
            [found] = await database.read(("SELECT " + ", ".join(f"current_setting('{name}')" for name in names), ()))
            assert found == [("1min", "2min", "on", "festival-push")]
            [rows] = await database.writer().begin(("SELECT current_setting('synchronous_commit')", ()))
            await database.writer().rollback()
            assert rows == [("on",)]
            await assert_lawful(database)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
async def test_a_pooler_of_transactions_is_refused_with_the_reason(
    primary: PostgresServer, mode: Literal["transaction", "statement"]
) -> None:
    with PgBouncer(primary, mode) as pooler, pytest.raises(UnsafeDatabase, match="pool_mode = session"):
        await open_database(pooler.through(primary.url()))


def test_an_error_without_a_text_is_said_all_the_same() -> None:
    assert said(TimeoutError()) == "TimeoutError: no answer in time"
    assert said(ConnectionResetError()) == "ConnectionResetError"
    assert said(OSError("refused")) == "OSError: refused"

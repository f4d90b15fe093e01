"""PostgreSQL: durable settings, and lost connections that heal without doing anything twice."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from festival_push.domain.values import UserId
from festival_push.store.committer import Unavailable
from festival_push.store.database import Database, UnsafeDatabase, WriteFailed, open_database
from festival_push.store.migrations import migrate
from festival_push.store.postgres import PostgresDatabase
from tests.store.world import BOSS, PRICE, World, assert_lawful, once, outcomes
from tests.support.postgres import PostgresServer
from tests.support.waiting import until

PUT = "INSERT INTO accounts (account_id, balance, overdraft) VALUES ($1, 0, 0)"
ANNA = UserId("anna")


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = await open_database(postgres_url, readers=2, wait_s=0.5)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with World(database, settle_s=5) as world:
        await world.ground()
        await world.add_user(ANNA, money=100 * PRICE)
        yield world
    await assert_lawful(database)


async def pid_of_writer(database: Database) -> int:
    """The server process behind the write connection."""
    assert isinstance(database, PostgresDatabase)
    connection = database._writer._connection
    assert connection is not None
    return connection.get_server_pid()


async def test_it_is_durable_and_nothing_waits_for_ever(database: Database) -> None:
    [_, *found] = await database.writer().begin(
        ("SELECT 1", ()),
        *((f"SELECT current_setting('{name}')", ()) for name in (
            "synchronous_commit", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout",
            "transaction_isolation",
        )),
    )  # fmt: skip
    await database.writer().rollback()
    assert [rows[0][0] for rows in found] == ["on", "500ms", "1s", "1s", "read committed"]
    found = await database.read(
        ("SELECT current_setting('transaction_isolation')", ()), ("SELECT current_setting('transaction_read_only')", ())
    )
    assert [rows[0][0] for rows in found] == ["repeatable read", "on"]


async def test_a_server_that_acknowledges_too_early_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetchval(*_: object) -> str:
        return "off"

    monkeypatch.setattr(asyncpg.Connection, "fetchval", fetchval)
    with pytest.raises(UnsafeDatabase):
        await open_database(postgres_url)


async def test_a_connection_that_is_cut_while_it_is_made_is_unavailable(
    world: World, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is nobody's fault: the command may come again, and is not blamed for it."""

    async def cut(*_: object) -> str:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    postgres_server.execute(f"SELECT pg_terminate_backend({await pid_of_writer(world.database)}, 5000)")
    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetchval", cut)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await world.committer.submit(world.order(ANNA))
    assert await until(lambda: is_placed(world))


async def test_a_server_that_is_not_there_is_unavailable(postgres_url: str) -> None:
    for url in ("postgresql://festival@127.0.0.1:1/x", postgres_url + "_missing"):
        with pytest.raises(Unavailable):
            await open_database(url, wait_s=1)


async def test_a_writer_that_loses_its_connection_between_batches_heals(
    world: World, postgres_server: PostgresServer
) -> None:
    pid = await pid_of_writer(world.database)
    postgres_server.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
    await until(lambda: is_placed(world))
    assert await pid_of_writer(world.database) != pid
    assert world.database.writer().connections == 2
    assert await world.balance("user:anna") == 99 * PRICE


async def is_placed(world: World, key: str = "k") -> bool:
    """One order, under one key."""
    [outcome] = await outcomes(world.committer.submit_once(world.order(ANNA), once(key)))
    assert not isinstance(outcome, Exception) or isinstance(outcome, Unavailable)
    return not isinstance(outcome, Exception)


async def test_connections_cut_at_any_moment_charge_nobody_twice(world: World, postgres_server: PostgresServer) -> None:
    """Whatever the cut hits, BEGIN, a SELECT, a write or the COMMIT, a retry with the same key settles it."""
    cutter = await asyncpg.connect(postgres_server.url())
    cuts, placed = 0, 0

    async def cut() -> None:
        nonlocal cuts
        while not stop.is_set():
            cuts += await cutter.fetchval(
                """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE application_name = 'festival-push' AND state IN ('active', 'idle in transaction')
                      AND random() < 0.5"""
            )
            await asyncio.sleep(0.003)

    async def place(key: str) -> None:
        nonlocal placed

        async def done() -> bool:
            return await is_placed(world, key)

        await until(done, within_s=20)
        placed += 1

    stop = asyncio.Event()
    cutting = asyncio.create_task(cut())
    batches = 0
    try:
        while cuts < 5:  # however busy the machine is
            await asyncio.gather(*(place(f"{batches}-{number}") for number in range(4)))
            batches += 1
            assert batches < 25, "Anna has money for a hundred"
    finally:
        stop.set()
        await cutting
        await cutter.close()
    await until(lambda: readable(world))
    assert await world.count("orders") == placed == 4 * batches
    assert await world.balance("user:anna") == (100 - placed) * PRICE


async def readable(world: World) -> bool:
    """Whether the readers have new connections."""
    return not isinstance((await outcomes(world.count("orders")))[0], Unavailable)


async def test_a_server_that_restarts_is_found_again(postgres_server: PostgresServer) -> None:
    with PostgresServer() as own, own.database() as url:
        database = await open_database(url, wait_s=1)
        await migrate(database)
        async with World(database) as world:
            await world.ground()
            await asyncio.to_thread(own.kill)
            with pytest.raises(Unavailable):
                await world.committer.submit(world.top_up(BOSS, 1))
            with pytest.raises(Unavailable):
                await world.count("users")
            await asyncio.to_thread(own.start)
            await world_is_back(world)
            assert await world.balance("user:boss") == 1
        await database.close()


async def world_is_back(world: World) -> None:
    """Top up one cent, once."""

    async def topped_up() -> bool:
        [outcome] = await outcomes(world.committer.submit_once(world.top_up(BOSS, 1), once("k")))
        return not isinstance(outcome, Exception)

    await until(topped_up, within_s=10)
    await until(lambda: readable(world))


async def test_a_lock_held_by_someone_else_is_waited_for_within_a_bound(world: World, postgres_url: str) -> None:
    other = await asyncpg.connect(postgres_url)
    await other.execute("BEGIN; SELECT 1 FROM log_head FOR UPDATE")
    with pytest.raises(Unavailable, match="lock timeout"):
        await world.committer.submit(world.order(ANNA))
    await other.close()
    await world.committer.submit(world.order(ANNA))


async def test_a_value_that_text_can_not_hold_fails_its_command_only(database: Database) -> None:
    writer = database.writer()
    for value in ("nul \0", 7):
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((PUT, [("a",)]), (PUT, [(value,)]))
    assert await database.read(("SELECT * FROM accounts", ())) == [[]]
    with pytest.raises(Unavailable, match="transaction was lost"):
        await writer.commit((PUT, [("a",)]))


async def test_a_cancelled_reader_leaves_no_transaction_behind(database: Database) -> None:
    calls = [asyncio.create_task(database.read(("SELECT 1", ()), ("SELECT pg_sleep(1)", ()))) for _ in range(2)]
    await until(lambda: sleeping(database, 2))
    for call in calls:
        call.cancel()
    await outcomes(*calls)
    assert await database.read(("SELECT 1", ()), ("SELECT 2", ())) == [[(1,)], [(2,)]]


async def sleeping(database: Database, count: int) -> bool:
    """Whether so many connections wait inside the server."""
    writer = database.writer()
    [rows] = await writer.begin(("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", ()))
    await writer.rollback()
    return bool(rows[0][0] == count)


async def test_readers_are_waited_for_within_a_bound(database: Database) -> None:
    busy = [asyncio.create_task(database.read(("SELECT pg_sleep(0.8)", ()))) for _ in range(2)]
    await until(lambda: sleeping(database, 2))
    with pytest.raises(Unavailable):
        await database.read(("SELECT 1", ()))
    await asyncio.gather(*busy)
    assert await database.read(("SELECT 1", ())) == [[(1,)]]

"""PostgreSQL: durable settings, and lost connections that heal without doing anything twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import Any, Final

import asyncpg
import pytest

from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.postgres import writer
from festival_push.store.postgres.database import PostgresDatabase
from festival_push.store.postgres.joining import TEXT_MAX
from festival_push.store.sql import Statement, for_postgres
from festival_push.store.writing.open_orders_cache import CHANGED
from tests.store.world import ANNA, BOSS, PRICE, World, lawful_world, once, outcomes
from tests.support.servers.postgres import PostgresServer
from tests.support.timing.waiting import until

PUT = "INSERT INTO accounts (account_id, balance, overdraft) VALUES ($1, 0, 0)"
ORDERS: Final = 1_000  # that Anna has money for
ORDERS_OPEN: Final = 600
STATEMENTS_MIN: Final = 4  # of a batch of orders: fewer, and the test would miss some
WAIT_S: Final = 60.0  # longer than anything takes that comes to an end
HOLD: Final[Statement] = ("SELECT pg_advisory_xact_lock(7)", ())
"""Keeps its connection busy for as long as `holding` has what it waits for."""


@pytest.fixture
async def database(migrated_postgres_url: str) -> AsyncIterator[Database]:
    database = await open_database(migrated_postgres_url, readers=2, wait_s=WAIT_S)
    yield database
    await database.close()


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with lawful_world(database, money=ORDERS * PRICE, settle_s=60) as world:
        yield world


def write_connection(database: Database) -> "asyncpg.Connection[asyncpg.Record]":
    """The write connection itself."""
    assert isinstance(database, PostgresDatabase)
    connection = database._writer._connection
    assert connection is not None
    return connection


def pid_of_writer(database: Database) -> int:
    """The server process behind the write connection."""
    return write_connection(database).get_server_pid()


async def test_it_is_durable_and_nothing_waits_for_ever(database: Database) -> None:
    [_, *found] = await database.writer().begin(
        ("SELECT 1", ()),
        *((f"SELECT current_setting('{name}')", ()) for name in (
            "synchronous_commit", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout",
            "transaction_isolation",
        )),
    )  # fmt: skip
    await database.writer().rollback()
    assert [rows[0][0] for rows in found] == ["on", "1min", "2min", "2min", "read committed"]
    found = await database.read(("SELECT current_setting('transaction_read_only')", ()), ("SELECT 1", ()))
    assert found == [[("on",)], [(1,)]]


async def test_a_server_that_serves_bounds_each_step(database: Database) -> None:
    await database.writer().hurry(1.5)
    bounds = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "tcp_user_timeout")
    [_, *found] = await database.writer().begin(
        ("SELECT 1", ()), *((f"SELECT current_setting('{name}')", ()) for name in bounds)
    )
    await database.writer().rollback()
    assert [rows[0][0].removesuffix("ms") for rows in found] == ["1500"] * 4


async def test_a_server_that_serves_writes_by_keys_however_small_the_tables_are(database: Database) -> None:
    """PostgreSQL would rather compare each row of a small table with each key."""
    keys = "('{" + ",".join(f"u{number}" for number in range(32)) + "}')"
    await database.writer().hurry(WAIT_S)
    selects = [
        f"EXPLAIN SELECT * FROM {table} WHERE {column} = ANY {keys}"  # noqa: S608  # our own words
        for table, column in (("users", "user_id"), ("accounts", "account_id"), ("vendors", "vendor_id"))
    ]
    await database.writer().begin(("SELECT 1", ()))
    plans = [await write_connection(database).fetch(select) for select in ("ANALYZE", *selects)][1:]
    await database.writer().rollback()
    for table, [(first,), *_] in zip(("users", "accounts", "vendors"), plans, strict=True):
        assert first.startswith(f"Index Scan using {table}_pkey"), first


async def test_a_server_that_serves_looks_up_the_orders_that_others_have_changed(
    world: World, database: Database
) -> None:
    """PostgreSQL would read all orders to join a few, in each batch, as long as it takes the table for a small one."""
    for _ in range(3):
        await outcomes(*(world.committer.submit(world.order(ANNA)) for _ in range(ORDERS_OPEN // 3)))
    await database.writer().hurry(WAIT_S)
    await database.writer().begin(("SELECT 1", ()))
    plan = await write_connection(database).fetch(f"EXPLAIN (COSTS OFF) {for_postgres(CHANGED)}", 1)
    await database.writer().rollback()
    assert "Index Cond: (order_id = told.told_id)" in "\n".join(line for (line,) in plan)


async def test_a_server_that_serves_plans_a_statement_once(database: Database) -> None:
    """PostgreSQL would plan it anew for each list of one key, as it expects more of a list that it doesn't know."""
    await database.writer().hurry(WAIT_S)
    await database.writer().begin(("SELECT 1", ()))
    select = "SELECT name FROM users"
    for key in "abcdefgh":
        await database.writer().select((f"{select} WHERE user_id {{in_1}}", ([key],)))
    asked = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE position($1 in statement) > 0"
    [plans] = await database.writer().select((asked, (select,)))
    await database.writer().rollback()
    assert plans == [(8, 0)]


async def test_a_role_that_may_not_ask_for_the_server_goes_by_the_head_alone(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as url:
        name = url.rpartition("/")[2]
        role = f"plain_{name}"
        postgres_server.execute(
            f"CREATE ROLE {role} LOGIN",
            f"GRANT ALL ON DATABASE {name} TO {role}",
            f"\\connect {name}",
            f"GRANT ALL ON SCHEMA public TO {role}",
            "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
        )
        database = await open_database(url.replace("festival@", f"{role}@"))
        try:
            await migrate(database)
            assert await database.writer().server() is None
            async with World(database) as world:
                await world.add_user(ANNA)
            [[(written_on,)]] = await database.read(("SELECT written_on FROM log_head", ()))
            assert written_on is None
        finally:
            await database.close()
    postgres_server.execute(f"DROP ROLE {role}")


async def test_a_server_that_a_power_cut_damages_is_refused_in_production(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = await open_database(postgres_url)
    try:
        await database.writer().require_durable(refuse=False)
        assert "fsync=off: a power cut" in caplog.text
        with pytest.raises(UnsafeDatabase, match="fsync=off"):
            await database.writer().require_durable(refuse=True)
    finally:
        await database.close()


async def test_a_server_that_acknowledges_too_early_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetchval(*_: object) -> str:
        return "off"

    monkeypatch.setattr(asyncpg.Connection, "fetchval", fetchval)
    with pytest.raises(UnsafeDatabase):
        await open_database(postgres_url)


async def test_a_server_that_lacks_what_we_need_is_refused(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """This one is tried as if we needed the next."""
    monkeypatch.setattr(writer, "_OLDEST", 99)
    with pytest.raises(UnsafeDatabase, match=r"^PostgreSQL \d+\.\d+ is too old, 99 or newer is needed"):
        await open_database(postgres_url)


async def test_a_connection_that_is_cut_while_it_is_made_is_unavailable(
    world: World, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is nobody's fault: the command may come again, and is not blamed for it."""

    async def cut(*_: object) -> str:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    assert postgres_server.execute(f"SELECT pg_terminate_backend({pid_of_writer(world.database)}, 60000)") == "t"
    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetchval", cut)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await world.committer.submit(world.order(ANNA))
    assert await until(lambda: is_placed(world))


async def test_a_server_that_is_not_there_is_unavailable(postgres_url: str) -> None:
    for url in ("postgresql://festival@127.0.0.1:1/x", postgres_url + "_missing"):
        with pytest.raises(Unavailable):
            await open_database(url)


async def test_a_writer_that_loses_its_connection_between_batches_heals(
    world: World, postgres_server: PostgresServer
) -> None:
    pid = pid_of_writer(world.database)
    assert postgres_server.execute(f"SELECT pg_terminate_backend({pid}, 60000)") == "t"
    await until(lambda: is_placed(world))
    assert pid_of_writer(world.database) != pid
    assert world.database.writer().connections == 2
    assert await world.balance("user:anna") == (ORDERS - 1) * PRICE


async def is_placed(world: World, key: str = "k") -> bool:
    """One order, under one key."""
    [outcome] = await outcomes(world.committer.submit_once(world.order(ANNA), once(key)))
    assert not isinstance(outcome, Exception) or isinstance(outcome, Unavailable)
    return not isinstance(outcome, Exception)


class Cutter:
    """Cuts the write connection at one of its statements: before it, while it is answered, or so that its answer is
    lost."""

    def __init__(self, world: World, administration: "asyncpg.Connection[asyncpg.Record]", when: str) -> None:
        self._database = world.database
        self._administration = administration
        self._when = when
        self.left = 0  # statements until the cut, which itself is 1; 0: none is to come

    def cutting(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """A method of asyncpg's connections, which may be cut at it."""

        async def call(connection: object, *args: Any, **options: Any) -> Any:
            if not self.left or connection is not write_connection(self._database):
                return await method(connection, *args, **options)
            self.left -= 1
            if self.left:
                return await method(connection, *args, **options)
            pid = pid_of_writer(self._database)
            if self._when == "before":
                await self._cut(pid)
                return await method(connection, *args, **options)
            if self._when == "during":
                cut, answer = await outcomes(self._cut(pid), method(connection, *args, **options))
                assert cut is None
            else:
                await method(connection, *args, **options)
                await self._cut(pid)
                answer = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call

    async def _cut(self, pid: int) -> None:
        assert await self._administration.fetchval("SELECT pg_terminate_backend($1, 60000)", pid)


@pytest.mark.parametrize("when", ["before", "during", "after"])
async def test_a_connection_cut_at_any_statement_charges_nobody_twice(
    world: World, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Whatever the cut hits, BEGIN, a SELECT, a write or the COMMIT, a retry with the same key settles it."""
    administration = await asyncpg.connect(postgres_server.url())
    cutter = Cutter(world, administration, when)
    for name in ("execute", "executemany", "fetch", "prepare"):
        monkeypatch.setattr(asyncpg.Connection, name, cutter.cutting(getattr(asyncpg.Connection, name)))
    for statement in count(1):
        cutter.left = statement
        keys = [f"{statement}-{number}" for number in range(2)]
        acknowledged = sum(await asyncio.gather(*(is_placed(world, key) for key in keys)))
        is_over = bool(cutter.left)
        cutter.left = 0
        await until(lambda: readable(world), within_s=60)
        assert await world.count("orders") >= 2 * (statement - 1) + acknowledged
        for key in keys:
            await until(partial(is_placed, world, key), within_s=60)
        assert await world.count("orders") == 2 * statement
        assert await world.balance("user:anna") == (ORDERS - 2 * statement) * PRICE
        if is_over:
            break
    assert statement > STATEMENTS_MIN
    await administration.close()


async def readable(world: World) -> bool:
    """Whether the readers have new connections."""
    return not isinstance((await outcomes(world.count("orders")))[0], Unavailable)


async def test_a_server_that_restarts_is_found_again(postgres_server: PostgresServer) -> None:
    with PostgresServer() as own, own.database() as url:
        database = await open_database(url)
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

    await until(topped_up, within_s=60)
    await until(lambda: readable(world))


async def test_a_lock_held_by_someone_else_is_waited_for_within_a_bound(
    world: World, migrated_postgres_url: str
) -> None:
    await write_connection(world.database).execute("SET lock_timeout = '50ms'")  # less patience than it is opened with
    other = await asyncpg.connect(migrated_postgres_url)
    await other.execute("BEGIN; SELECT 1 FROM log_head FOR UPDATE")
    with pytest.raises(Unavailable, match="lock timeout"):
        await world.committer.submit(world.order(ANNA))
    await other.execute("ROLLBACK")
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


@asynccontextmanager
async def holding(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Keep everybody waiting who runs `HOLD`."""
    holder = await asyncpg.connect(url)
    try:
        await holder.execute("SELECT pg_advisory_lock(7)")
        yield holder
    finally:
        await holder.close()


async def ask_writer(database: Database, sql: str) -> object:
    """One value, over the connection that no reader uses."""
    [[(value,)]] = await database.writer().begin((sql, ()))
    await database.writer().rollback()
    return value


async def both_are_held(database: Database) -> bool:
    """Whether two connections wait in `HOLD`."""
    return await ask_writer(database, "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 2


async def nobody_idles_in_a_transaction(database: Database) -> bool:
    sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    return await ask_writer(database, sql) == 0


async def test_a_cancelled_reader_leaves_no_transaction_behind(database: Database, migrated_postgres_url: str) -> None:
    async with holding(migrated_postgres_url):
        calls = [asyncio.create_task(database.read(("SELECT 1", ()), HOLD)) for _ in range(2)]
        await until(lambda: both_are_held(database))
        for call in calls:
            call.cancel()
        await outcomes(*calls)
        assert await database.read(("SELECT 1", ()), ("SELECT 2", ())) == [[(1,)], [(2,)]]
        await until(lambda: nobody_idles_in_a_transaction(database))


async def test_readers_are_waited_for_within_a_bound(
    database: Database, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with holding(migrated_postgres_url) as holder:
        busy = [asyncio.create_task(database.read(HOLD)) for _ in range(2)]
        await until(lambda: both_are_held(database))
        with monkeypatch.context() as patch:
            assert isinstance(database, PostgresDatabase)
            patch.setattr(database._primary, "_wait_s", 0.05)
            async with asyncio.timeout(WAIT_S):
                with pytest.raises(Unavailable):
                    await database.read(("SELECT 1", ()))
        await holder.execute("SELECT pg_advisory_unlock(7)")
        await asyncio.gather(*busy)
    assert await database.read(("SELECT 1", ())) == [[(1,)]]


async def test_many_reads_are_one_snapshot_however_long_they_are(database: Database) -> None:
    """Also those that are too long for one statement, and their values arrive as they are."""
    snapshot: Statement = ("SELECT txid_current_snapshot()::text, pg_sleep(0.001)::text", ())
    values: Statement = ("SELECT $1::bigint, $2::text, $3::bytea, NULL AS nothing, $4::text[]", (-1, "é", b"\0", ["a"]))
    several: Statement = ("SELECT n FROM unnest($1::bigint[]) AS n ORDER BY n DESC", ([1, 3, 2],))
    long: Statement = (f"SELECT '{'x' * TEXT_MAX}'", ())
    for beside in ([], [long]):
        first, found, rows, none, last, *_ = await database.read(
            snapshot, values, several, ("SELECT 1 WHERE false", ()), snapshot, *beside
        )
        assert first == last
        assert (found, rows, none) == ([(-1, "é", b"\0", None, ["a"])], [(3,), (2,), (1,)], [])


async def test_reads_of_history_leave_readers_to_everybody_else(database: Database, migrated_postgres_url: str) -> None:
    async with holding(migrated_postgres_url) as holder:
        history = [asyncio.create_task(database.past.read(HOLD)) for _ in range(5)]
        await until(lambda: is_held(database))
        async with asyncio.timeout(WAIT_S):
            assert await database.read(("SELECT 1", ())) == [[(1,)]]
        await holder.execute("SELECT pg_advisory_unlock(7)")
        await asyncio.gather(*history)


async def is_held(database: Database) -> bool:
    """Whether somebody waits in `HOLD`; it asks the writer, because a reader is what the test is about."""
    sql = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(await ask_writer(database, sql))

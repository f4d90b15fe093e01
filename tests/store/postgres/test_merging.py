"""A batch's writes as few statements: the same rows as one by one, in an order that PostgreSQL promises."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from festival_push.store.errors import WriteFailed
from festival_push.store.opening import open_database
from festival_push.store.postgres.database import PostgresDatabase
from festival_push.store.postgres.joining import TEXT_MAX
from festival_push.store.postgres.merging import Merger, Part, as_one_write, groups
from festival_push.store.sql import Param, Write
from festival_push.store.tables import DEEDS, KEEPERS, TABLES, TRANSFERS
from festival_push.store.writing.answers import KEPT_ANSWERS
from tests.store.world import ANNA, PRICE, World, lawful_world, once, outcomes

MOVE: Final = "UPDATE log_head SET position = $1, clock = $2 WHERE id = 1"
DROP: Final = "DELETE FROM a WHERE x = $1"
COLUMNS: Final = {"word": "TEXT", "many": "BIGINT", "few": "SMALLINT", "middle": "INTEGER", "bits": "BYTEA"}
INSERT: Final = "INSERT INTO {} (nth, word, many, few, middle, bits) VALUES ($1, $2, $3, $4, $5, $6)"

Columns = tuple[str | None, int | None, int | None, int | None, bytes | None]
WORDS = st.text(st.characters(exclude_characters="\0", codec="utf-8")) | st.sampled_from(
    ["", "NULL", '{"a",\\', "{}", "'", "\x1e", "\x1f", "a\x1fb\x1e"]  # of arrays, and of joined texts
)
ROW = st.tuples(
    st.none() | WORDS,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(-(2**15), 2**15 - 1),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.binary(max_size=9),
)


def insert(table: str, *rows: tuple[Param, ...], then: str = "") -> Write:
    """Rows of two columns."""
    return f"INSERT INTO {table} (x, y) VALUES ($1, $2){then}", list(rows) or [(1, 2)]  # noqa: S608


@pytest.fixture
async def connection(postgres_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(postgres_url)
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    for table in ("as_before", "as_now"):
        await connection.execute(f"CREATE TEMP TABLE {table} (at SERIAL, nth BIGINT, {columns})")
    yield connection
    await connection.close()


def test_inserts_into_several_tables_and_the_move_of_the_head_are_one_statement() -> None:
    writes: list[Write] = [
        insert("a"),
        insert("b", (1, 2), (3, 4)),
        (MOVE, [(1, 2)]),
        insert("c", then=" ON CONFLICT (x) DO UPDATE SET y = excluded.y"),
    ]
    assert list(groups(writes)) == [writes]


@pytest.mark.parametrize(
    "alone",
    [
        (DROP, [("1",)]),
        ("UPDATE event_log SET data = $1 WHERE position = $2", [("", 1)]),  # a trigger looks at what was written before
        ("UPDATE log_head SET epoch = (SELECT y FROM a) WHERE id = 1", [()]),
        ("INSERT INTO a (x, y) VALUES ($1, 0)", [(1,)]),
        ("INSERT INTO a (x, y) VALUES ($1, $2) ON CONFLICT (x) DO UPDATE SET y = $2", [(1, 2)]),
        ("INSERT INTO a (x, y) SELECT $1, $2 FROM b", [(1, 2)]),
    ],
)
def test_what_may_look_at_other_rows_is_a_statement_of_its_own(alone: Write) -> None:
    assert list(groups([insert("a"), alone, insert("b"), insert("c")])) == [
        [insert("a")], [alone], [insert("b"), insert("c")],
    ]  # fmt: skip


def test_no_statement_moves_the_head_twice() -> None:
    assert list(groups([(MOVE, [(1, 2)]), insert("a"), (MOVE, [(3, 4)])])) == [
        [(MOVE, [(1, 2)]), insert("a")], [(MOVE, [(3, 4)])],
    ]  # fmt: skip


@given(st.lists(st.sampled_from([insert("a"), insert("b"), insert("c"), (MOVE, [(1, 2)]), (DROP, [("1",)])])))
def test_groups_keep_the_order(writes: list[Write]) -> None:
    found = list(groups(writes))
    assert [write for group in found for write in group] == writes
    for group in found:
        assert group == [(DROP, [("1",)])] or DROP not in [sql for sql, _ in group]
        assert [sql for sql, _ in group].count(MOVE) <= 1


def test_all_statements_of_batches_can_share_one() -> None:
    """A new one that can't would cost each batch that has it a round trip more: see `groups`."""
    every = [sql for table in TABLES.values() for sql in (table.put, table.append)]
    every += [TRANSFERS.append, DEEDS.append, KEPT_ANSWERS.append]
    for sql in every:
        assert list(groups([insert("a"), (sql, [()])])) == [[insert("a"), (sql, [()])]]
    assert list(groups([(KEEPERS.drop, [("k",)]), insert("a")])) == [[(KEEPERS.drop, [("k",)])], [insert("a")]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(ROW, max_size=5), more=st.lists(ROW, max_size=3))
async def test_the_rows_are_those_that_one_by_one_would_write(
    connection: "asyncpg.Connection[asyncpg.Record]", rows: list[Columns], more: list[Columns]
) -> None:
    await connection.execute("TRUNCATE as_before, as_now RESTART IDENTITY")
    numbered = [(nth, *row) for nth, row in enumerate(rows + more)]
    for part in (numbered[: len(rows)], numbered[len(rows) :]):
        await connection.executemany(INSERT.format("as_before"), part)
        write = INSERT.format("as_now")
        await Merger(connection).write([(write, part)], step_s=60, row_s=0)
    found = [await connection.fetch(f"SELECT * FROM {table} ORDER BY at") for table in ("as_before", "as_now")]  # noqa: S608
    assert found[0] == found[1]
    assert len(found[0]) == len(rows) + len(more)


@pytest.mark.parametrize("gone", [1, 30])
@pytest.mark.parametrize("come", [1, 30])
async def test_a_write_waits_for_an_earlier_one_of_its_table(
    connection: "asyncpg.Connection[asyncpg.Record]", gone: int, come: int
) -> None:
    """A pickup number that is free again is given anew by the same batch: the order that had it comes first."""
    await connection.execute("CREATE TEMP TABLE o (x BIGINT PRIMARY KEY, y BIGINT NOT NULL, open BOOL NOT NULL)")
    await connection.execute("CREATE UNIQUE INDEX o_y ON o (y) WHERE open")
    await connection.execute("INSERT INTO o SELECT n, n, true FROM generate_series(1, $1) AS n", max(gone, come))
    row = "INSERT INTO o (x, y, open) VALUES ($1, $2, $3)"
    put = f"{row} ON CONFLICT (x) DO UPDATE SET open = excluded.open"
    finished: list[tuple[Param, ...]] = [(n, n, False) for n in range(1, gone + 1)]
    placed: list[tuple[Param, ...]] = [(n + 100, n, True) for n in range(1, min(gone, come) + 1)]
    writes: list[Write] = [(put, finished), (row, placed)]
    assert list(groups(writes)) == [writes]
    await Merger(connection).write(writes, step_s=60, row_s=0)
    still_open = max(gone, come) - gone + len(placed)
    assert await connection.fetchval("SELECT count(*) FROM o WHERE open") == still_open


async def test_groups_that_are_too_long_to_be_prepared_are_parted(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    names = [f"t{number}" for number in range(4)]
    columns = [f"{'c' * 50}{number}" for number in range(60)]
    for name in names:
        await connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{column} BIGINT' for column in columns)})")
    values = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    row = list(range(len(columns)))
    writes: list[Write] = [
        (f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})", [row, row])  # noqa: S608
        for name in names
    ]
    assert len(as_one_write(tuple(Part(sql, ("int8",) * len(columns), many=True) for sql, _ in writes))) > TEXT_MAX
    await Merger(connection).write(writes, step_s=60, row_s=0)
    for name in names:
        assert [tuple(found) for found in await connection.fetch(f"SELECT * FROM {name}")] == [tuple(row)] * 2  # noqa: S608


@pytest.fixture
async def world(migrated_postgres_url: str) -> AsyncIterator[World]:
    database = await open_database(migrated_postgres_url)
    async with lawful_world(database, money=100 * PRICE) as world:
        yield world
    await database.close()


@pytest.mark.parametrize("orders", [1, 8])
@pytest.mark.parametrize("alone", [True, False])
async def test_how_many_round_trips_a_batch_of_orders_takes(
    world: World, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch, orders: int, *, alone: bool
) -> None:
    """All that is read, all that is written, once the statements are known. While other processes write too, it is
    also BEGIN with the lock, and COMMIT."""
    other = await asyncpg.connect(migrated_postgres_url)
    said: list[str] = []

    def counting(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(connection: object, sql: str, *args: Any, **options: Any) -> Any:
            if connection is write_connection:
                said.append(sql.split(maxsplit=1)[0])
            return await method(connection, sql, *args, **options)

        return call

    assert isinstance(world.database, PostgresDatabase)
    write_connection = world.database._writer._connection
    for name in ("execute", "executemany", "fetch", "fetchval", "prepare"):
        monkeypatch.setattr(asyncpg.Connection, name, counting(getattr(asyncpg.Connection, name)))
    for turn in range(5):
        if not alone:
            await other.execute("UPDATE log_head SET position = position")
        said.clear()
        done = await outcomes(
            *(world.committer.submit_once(world.order(ANNA), once(f"{turn}-{nth}")) for nth in range(orders))
        )
        assert not any(isinstance(each, Exception) for each in done)
    assert said == (["SELECT", "WITH"] if alone else ["BEGIN", "SELECT", "WITH", "COMMIT"])
    await other.close()


async def test_a_value_that_fits_no_column_fails_the_batch_before_anything_is_written(world: World) -> None:
    """Whether the server refuses it or the driver, it is nobody else's fault; also as one of many rows."""
    writer = world.database.writer()
    good = ("a", 0, 0)
    accounts = await world.count("accounts")
    put = "INSERT INTO accounts (account_id, balance, overdraft) VALUES ($1, $2, $3)"
    for bad in (("nul \0", 0, 0), (7, 0, 0), ("b", 2**63, 0), ("b", None, 0), ("a", 0, 0)):
        await writer.begin()
        with pytest.raises(WriteFailed):
            await writer.commit((put, [good, bad]))
    assert await world.count("accounts") == accounts

"""Batches that lock nothing while they read: whatever others commit meanwhile, it is as if it came before them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import count
from typing import Any, Final, TypeVar

import asyncpg
import pytest

from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.refusals import Refused
from festival_push.domain.values import Part
from festival_push.store.database import Writer
from festival_push.store.errors import CommitUnknown, HeadMoved, Unavailable
from festival_push.store.opening import open_database
from festival_push.store.postgres.database import PostgresDatabase
from festival_push.store.sql import Rows, Statement, Write
from festival_push.store.writing.answers import Committed, StoredAnswer
from tests.store.world import ANNA, BAR, BOSS, PRICE, World, assert_lawful, lawful_world, once, outcomes
from tests.store.wrapped import WrappedDatabase
from tests.support.timing.waiting import until

T = TypeVar("T")

STEPS_MIN: Final = 2  # a read and a write


class InterruptedWriter:
    """Does as `inner`, but lets somebody else act before one of the steps of the next transaction."""

    def __init__(self, inner: Writer) -> None:
        self._inner = inner
        self._step = 0
        self._due: tuple[int, Callable[[], Awaitable[object]]] | None = None
        self.moved = 0  # transactions that had to begin anew

    def interrupt(self, step: int, act: Callable[[], Awaitable[object]]) -> None:
        """Act before this step: 1 is the first read."""
        self._step, self._due = 0, (step, act)

    def armed(self) -> bool:
        """Whether nobody has acted yet."""
        return self._due is not None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def begin(self, *selects: Statement) -> list[Rows]:
        return await self._do(lambda: self._inner.begin(*selects))

    async def select(self, *selects: Statement) -> list[Rows]:
        return await self._do(lambda: self._inner.select(*selects))

    async def commit(self, *writes: Write) -> None:
        await self._do(lambda: self._inner.commit(*writes))

    async def _do(self, step: Callable[[], Awaitable[T]]) -> T:
        self._step += 1
        if self._due is not None and self._due[0] == self._step:
            (_, act), self._due = self._due, None
            await act()
        try:
            return await step()
        except HeadMoved:
            self.moved += 1
            raise


InterruptedDatabase = WrappedDatabase[Any]
"""Its writer is an `InterruptedWriter`, which is a `Writer` by what it hands on."""


@pytest.fixture
async def inner(migrated_postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    opened = await open_database(migrated_postgres_url)
    assert isinstance(opened, PostgresDatabase)
    yield opened
    await opened.close()


@pytest.fixture
async def database(inner: PostgresDatabase) -> InterruptedDatabase:
    return InterruptedDatabase(inner, InterruptedWriter(inner.writer()))


@pytest.fixture
async def one(database: InterruptedDatabase) -> AsyncIterator[World]:
    """Writes with interruptions. Anna has money for a hundred beers."""
    async with lawful_world(database, money=100 * PRICE) as world:
        yield world


@pytest.fixture
async def other(migrated_postgres_url: str) -> AsyncIterator[World]:
    """Another process."""
    database = await open_database(migrated_postgres_url)
    async with World(database) as world:
        yield world
    await database.close()


async def alone(world: World, inner: PostgresDatabase) -> None:
    """Write until the next batch locks nothing."""
    while not inner.writer()._head.is_ours:
        await world.committer.submit(world.top_up(ANNA, 1))


async def waits_for_a_lock(somebody: "asyncpg.Connection[asyncpg.Record]", inner: PostgresDatabase) -> int:
    """Wait until the writer does. Return the number of its server process."""
    writing = inner.writer()._connection
    assert writing is not None
    pid: int = writing.get_server_pid()
    locks = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'"

    async def waits() -> bool:
        return bool(await somebody.fetchval(locks, pid))

    await until(waits)
    return pid


async def test_what_another_process_commits_at_any_step_comes_first(
    one: World, other: World, inner: PostgresDatabase, database: InterruptedDatabase
) -> None:
    for step in count(1):
        await alone(one, inner)
        before = await one.balance("user:anna")
        database.writer().interrupt(step, lambda: other.committer.submit(other.order(ANNA)))
        committed: Committed[Any] = await one.committer.submit(one.order(ANNA))
        if database.writer().armed():
            break
        assert committed.reply.balance == before - 2 * PRICE
        assert await one.count("orders") == 2 * step
        await assert_lawful(database)
    assert step > STEPS_MIN
    assert database.writer().moved >= step - 2, "all but the first interruption came between two steps"
    numbers = await database.read(("SELECT number FROM orders", ()))
    assert len(set(numbers[0])) == len(numbers[0])


@pytest.mark.parametrize("step", [1, 2])
async def test_the_last_money_is_spent_once(
    one: World, other: World, inner: PostgresDatabase, database: InterruptedDatabase, step: int
) -> None:
    await alone(one, inner)
    left = await one.balance("user:anna")
    database.writer().interrupt(step, lambda: other.committer.submit(other.order(ANNA, quantity=left // PRICE)))
    [outcome] = await outcomes(one.committer.submit(one.order(ANNA)))
    assert isinstance(outcome, Refused)
    assert await one.count("orders") == 1


@pytest.mark.parametrize("quantity", [1, 1000])
async def test_the_same_request_at_two_processes_has_one_answer(
    one: World, other: World, inner: PostgresDatabase, database: InterruptedDatabase, quantity: int
) -> None:
    """Also a refusal, which changes nothing but that it is kept."""
    for step in count(1):
        await alone(one, inner)
        answers: list[StoredAnswer] = []
        key = once(f"k{step}")

        async def ask_the_other(key: Any = key, answers: list[StoredAnswer] = answers) -> None:
            answers.append(await other.committer.submit_once(other.order(ANNA, quantity=quantity), key))

        database.writer().interrupt(step, ask_the_other)
        answer = await one.committer.submit_once(one.order(ANNA, quantity=quantity), key)
        if database.writer().armed():
            break
        assert answer.replayed
        assert answer.body == answers[0].body
        assert answer.status == (201 if quantity == 1 else 409)
        assert await one.count("orders") == (step if quantity == 1 else 0)
    assert step > STEPS_MIN


async def test_what_fits_into_no_single_statement_takes_the_lock_late(
    one: World, other: World, inner: PostgresDatabase, database: InterruptedDatabase
) -> None:
    for step in count(1):
        await one.committer.submit(AppointKeeper(actor_id=BOSS, vendor_id=BAR, user_id=ANNA, part=Part.KEEPER))
        await alone(one, inner)
        database.writer().interrupt(step, lambda: other.committer.submit(other.order(ANNA)))
        await one.committer.submit(DismissKeeper(actor_id=BOSS, vendor_id=BAR, user_id=ANNA))
        assert await one.count("keepers") == 1, "the stall's founder"
        if database.writer().armed():
            break
        await assert_lawful(database)
    assert step > STEPS_MIN


async def test_a_connection_that_is_lost_while_the_only_write_waits_has_committed_nothing(
    one: World, inner: PostgresDatabase, migrated_postgres_url: str
) -> None:
    await alone(one, inner)
    somebody = await asyncpg.connect(migrated_postgres_url)
    async with somebody.transaction():
        await somebody.execute("SELECT id FROM log_head FOR UPDATE")
        waiting = asyncio.create_task(one.committer.submit(one.order(ANNA)))
        pid = await waits_for_a_lock(somebody, inner)
        await somebody.execute("SELECT pg_terminate_backend($1)", pid)
    await somebody.close()
    [outcome] = await outcomes(waiting)
    assert isinstance(outcome, Unavailable)
    assert not outcome.outcome_unknown
    assert await one.count("orders") == 0
    await one.committer.submit(one.order(ANNA))


async def test_a_write_that_arrives_after_it_was_found_missing_writes_nothing(
    one: World, inner: PostgresDatabase, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection was given up while the statement was on its way, or waited for a lock."""
    await alone(one, inner)
    late: list[tuple[str, Sequence[Any]]] = []

    async def lost(*given: Any, within_s: float) -> str:
        _, _, sql, values = given
        late.append((sql, values))
        raise CommitUnknown("lost")

    with monkeypatch.context() as patch:
        patch.setattr("festival_push.store.postgres.writer.write_and_commit", lost)
        [outcome] = await outcomes(one.committer.submit(one.order(ANNA)))
    assert isinstance(outcome, Unavailable)
    assert not outcome.outcome_unknown
    [(sql, values)] = late
    somebody = await asyncpg.connect(migrated_postgres_url)
    assert await somebody.fetchval(sql, *values) is None
    await somebody.close()
    assert await one.count("orders") == 0


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_the_level_of_isolation_is_ours(migrated_postgres_url: str, level: str) -> None:
    """An operator may have set another one for the database."""
    somebody = await asyncpg.connect(migrated_postgres_url)
    name = await somebody.fetchval("SELECT current_database()")
    await somebody.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = '{level}'")
    inner = await open_database(migrated_postgres_url)
    assert isinstance(inner, PostgresDatabase)
    async with World(inner) as one:
        await one.ground()
        await one.add_user(ANNA, money=100 * PRICE)
        await alone(one, inner)
        async with somebody.transaction():
            await somebody.execute("UPDATE log_head SET position = position")
            waiting = asyncio.create_task(one.committer.submit(one.order(ANNA)))
            await waits_for_a_lock(somebody, inner)
        await waiting
    await inner.close()
    await somebody.close()


async def test_open_orders_that_can_not_be_read_once_are_read_later(
    one: World, other: World, migrated_postgres_url: str
) -> None:
    order = (await one.committer.submit(one.order(ANNA))).reply.order
    somebody = await asyncpg.connect(migrated_postgres_url)
    async with somebody.transaction():
        at = await somebody.fetchval("UPDATE log_head SET position = position + 1 RETURNING position")
        unreadable = f'{{"orderId":"{order.order_id}","message":"\\u0000"}}'
        await somebody.execute(
            "INSERT INTO event_log (position, topics, type, data, at) VALUES ($1, '[]', 'vendor-message', $2, 1)",
            at, unreadable,
        )  # fmt: skip
    await somebody.close()
    await other.committer.submit(other.order(ANNA))
    await outcomes(one.committer.submit(one.order(ANNA)))
    await one.committer.submit(one.order(ANNA))


async def test_a_database_that_takes_no_writes_any_more_says_so_at_once(one: World, inner: PostgresDatabase) -> None:
    await alone(one, inner)
    writing = inner.writer()._connection
    assert writing is not None
    await writing.execute("SET default_transaction_read_only = on")
    [outcome] = await outcomes(one.committer.submit(one.order(ANNA)))
    assert isinstance(outcome, Unavailable)
    assert not outcome.outcome_unknown
    assert "ReadOnly" in str(outcome)
    await one.committer.submit(one.order(ANNA))
    assert await one.count("orders") == 1

"""Many who ask the same of a database at once: each gets its own answer, and only its own error."""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.store.database import Database
from festival_push.store.errors import Unavailable
from festival_push.store.postgres.joining import PostgresJoining
from festival_push.store.shared_select import AT_ONCE_MAX, Joining, SharedSelect
from festival_push.store.sql import Dialect, Param, Rows, Statement
from festival_push.store.sqlite.connection import run_select
from festival_push.store.sqlite.joining import SqliteJoining
from tests.support.timing.waiting import until

JOININGS: Final[dict[Dialect, Joining]] = {"sqlite": SqliteJoining(), "postgres": PostgresJoining()}
# Two rows, that hold the parameters; none for 0.
ECHO = "SELECT $1, $2 FROM (SELECT 1 AS n UNION ALL SELECT 2) AS two WHERE $1 != 0"


class Source:
    """The database, which can be held back or fail; and how many questions each statement was."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.batches: list[int] = []
        self.open = asyncio.Event()
        self.open.set()
        self.is_gone = False
        self.together = SharedSelect(ECHO, columns=2, read=self.read, joining=self)

    def for_all(self, sql: str, asked: Sequence[Sequence[Param]], columns: int) -> Statement:
        self.batches.append(len(asked))
        return JOININGS[self._database.dialect].for_all(sql, asked, columns)

    def apart(self, found: Rows, callers: int) -> list[Rows]:
        return JOININGS[self._database.dialect].apart(found, callers)

    async def read(self, statement: Statement) -> list[Rows]:
        await self.open.wait()
        if self.is_gone:
            raise Unavailable("gone")
        return await self._database.read(statement)

    def ask(self, *params: Param) -> asyncio.Task[Rows]:
        return asyncio.create_task(self.together.ask(params))


@pytest.fixture
def source(database: Database) -> Source:
    return Source(database)


async def test_each_gets_its_own_answer_from_few_statements(source: Source) -> None:
    asked = [source.ask(number, f"it's {number}") for number in range(3 * AT_ONCE_MAX)]
    for number, answer in enumerate(await asyncio.gather(*asked)):
        assert answer == ([(number, f"it's {number}")] * 2 if number else [])
    assert source.batches == [AT_ONCE_MAX] * 3


async def test_who_is_alone_waits_for_nobody_and_who_comes_meanwhile_is_in_the_next(source: Source) -> None:
    source.open.clear()
    first = source.ask(1, "")
    await until(lambda: source.batches == [1])
    others = [source.ask(number, "") for number in range(2, 7)]
    await asyncio.sleep(0)
    assert source.batches == [1]
    source.open.set()
    assert await first == [(1, "")] * 2
    assert [answer[0][0] for answer in await asyncio.gather(*others)] == [2, 3, 4, 5, 6]
    assert source.batches == [1, 5]


async def test_an_error_is_its_own_and_nobody_elses(source: Source) -> None:
    good, cut_off, also_good = source.ask(1, "a"), source.ask(1, "a\0b"), source.ask(2, "b")
    assert await good == [(1, "a")] * 2
    assert await also_good == [(2, "b")] * 2
    with pytest.raises(ValueError, match="NUL"):
        await cut_off


async def test_a_database_that_is_gone_is_told_to_all_who_wait(source: Source) -> None:
    source.is_gone = True
    asked = [source.ask(number, "") for number in range(3 * AT_ONCE_MAX)]
    for result in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(result, Unavailable)
    assert source.batches == [AT_ONCE_MAX], "they would only wait for the same"
    source.is_gone = False
    assert await source.ask(1, "") == [(1, "")] * 2


async def test_who_goes_is_not_asked_for_and_costs_the_others_nothing(source: Source) -> None:
    source.open.clear()
    first = source.ask(1, "")
    await until(lambda: source.batches == [1])
    gone, second = source.ask(2, ""), source.ask(3, "")
    await asyncio.sleep(0)
    gone.cancel()
    first.cancel()
    source.open.set()
    assert await second == [(3, "")] * 2
    assert source.batches == [1, 1]


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")) | st.none()
NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(asked=st.lists(st.tuples(NUMBERS, TEXTS), min_size=1, max_size=5))
def test_values_arrive_from_sqlite_as_they_are(asked: list[tuple[int, str | None]]) -> None:
    connection = sqlite3.connect(":memory:")

    async def read(statement: Statement) -> list[Rows]:
        return [run_select(connection, statement)]

    async def ask() -> list[Rows]:
        together = SharedSelect(ECHO, columns=2, read=read, joining=SqliteJoining())
        return await asyncio.gather(*map(together.ask, asked))

    try:
        assert asyncio.run(ask()) == expected(asked)
    finally:
        connection.close()


async def test_values_arrive_as_they_are(source: Source) -> None:
    for asked in (
        [(-(2**63), None), (2**63 - 1, "")],
        [(7, "'; {in_1} $1 %s \\ \U0001f355 e\u0301"), (0, "x"), (1, None)],
        [(5, None), (6, None)],
    ):
        assert await asyncio.gather(*(source.ask(*each) for each in asked)) == expected(asked)


async def test_rows_keep_the_order_of_the_statement(database: Database) -> None:
    sql = "SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 3 UNION ALL SELECT 2) AS three WHERE n < $1 ORDER BY n DESC"
    calls = (database.read_together(sql, (bound,), columns=1) for bound in range(1, 5))
    assert await asyncio.gather(*calls) == [[], [(1,)], [(2,), (1,)], [(3,), (2,), (1,)]]


def expected(asked: Sequence[tuple[int, str | None]]) -> list[Rows]:
    """What ECHO answers each."""
    return [[each] * 2 if each[0] else [] for each in asked]

"""Many who ask the same of SQLite at once: each gets its own answer, and only its own error."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.store.errors import Unavailable
from festival_push.store.opening import open_database
from festival_push.store.sql import Param, Rows, Statement
from festival_push.store.sqlite.connection import run_select
from festival_push.store.sqlite.database import SqliteDatabase
from festival_push.store.sqlite.shared_select import AT_ONCE_MAX, SharedSelect
from tests.support.timing.waiting import until

# Two rows, that hold the parameters; none for 0.
ECHO = "SELECT $1, $2 FROM (SELECT 1 AS n UNION ALL SELECT 2) AS two WHERE $1 != 0"


class Source:
    """The database, which can be held back or fail; and how many questions each statement was."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.batches: list[int] = []
        self.open = asyncio.Event()
        self.open.set()
        self.is_gone = False
        self.together = SharedSelect(ECHO, columns=2, read=self.read)

    async def read(self, statement: Statement) -> list[Rows]:
        [asked] = statement[1]
        assert isinstance(asked, str)
        self.batches.append(asked.count("],[") + 1)
        await self.open.wait()
        if self.is_gone:
            raise Unavailable("gone")
        return await self._database.read(statement)

    def ask(self, *params: Param) -> asyncio.Task[Rows]:
        return asyncio.create_task(self.together.ask(params))


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Source]:
    database = await open_database(f"sqlite:///{tmp_path}/festival.db")
    assert isinstance(database, SqliteDatabase)
    yield Source(database)
    await database.close()


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
def test_values_arrive_as_they_are(asked: list[tuple[int, str | None]]) -> None:
    connection = sqlite3.connect(":memory:")

    async def read(statement: Statement) -> list[Rows]:
        return [run_select(connection, statement)]

    async def ask() -> list[Rows]:
        together = SharedSelect(ECHO, columns=2, read=read)
        return await asyncio.gather(*map(together.ask, asked))

    try:
        assert asyncio.run(ask()) == [[each] * 2 if each[0] else [] for each in asked]
    finally:
        connection.close()

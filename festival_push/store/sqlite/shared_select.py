"""Answer many callers of the same SELECT with one statement, for example when all streams reconnect at once.

    ask ─► waiting ─► one statement for all that wait ─► one row that holds all the answers
             ▲            on a reader's thread              │
             └─ later calls are in the next one             └─► each caller gets its own

No call waits for others to come: a call that is alone is read at once. This saves not SQLite's work but Python's: a
hop to the thread and back costs 100 us, and the sqlite3 module releases the interpreter's lock (GIL) at each row and
then has to win it back from a busy event loop.
"""

# ruff: noqa: S608  # only numbers are filled in

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Final

import msgspec

from festival_push.store.errors import Unavailable
from festival_push.store.sql import Param, Rows, Statement

AT_ONCE_MAX: Final = 32
"""The most calls in one statement: with a page each, the answer is a few MB at most."""
_NUMBERED: Final = re.compile(r"\$(\d+)")
_answers: Final = msgspec.json.Decoder(list[Rows])


class SharedSelect:
    """One SELECT, and the calls that wait for it.

    Args:
        columns: How many columns the result has.
        read: Runs a statement on a reader. Raises Unavailable.
    """

    def __init__(self, sql: str, *, columns: int, read: Callable[[Statement], Awaitable[list[Rows]]]) -> None:
        self._sql = sql
        self._columns = columns
        self._read = read
        self._waiting: deque[tuple[Sequence[Param], asyncio.Future[Rows]]] = deque()
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, params: Sequence[Param]) -> Rows:
        """Return the rows for these parameters.

        Raises Unavailable; ValueError for a text with NUL, at which SQLite's JSON would cut it off.
        """
        answer: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self._waiting.append((params, answer))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_on())
        return await answer

    async def _read_on(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE_MAX))]
                await self._answer([each for each in batch if not each[1].done()])  # some callers may have gone
        finally:
            self._reading = None

    async def _answer(self, batch: list[tuple[Sequence[Param], asyncio.Future[Rows]]]) -> None:
        try:
            found = await self._read_each([params for params, _ in batch])
        except Unavailable as error:
            batch += self._waiting  # they would only wait for the same error
            self._waiting.clear()
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(Unavailable(str(error)))
        except Exception as error:  # any bug: ask one by one, so that only the call that is to blame gets it
            if len(batch) > 1:
                for each in batch:
                    await self._answer([each])
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
        else:
            for (_, answer), rows in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(rows)

    async def _read_each(self, asked: list[Sequence[Param]]) -> list[Rows]:
        if not asked:
            return []
        if any(isinstance(value, str) and "\0" in value for params in asked for value in params):
            raise ValueError("a text with NUL")
        statement = for_each(self._sql, len(asked[0]), self._columns), (msgspec.json.encode(asked).decode(),)
        [[(answers,)]] = await self._read(statement)
        return _answers.decode(answers)


@cache
def for_each(sql: str, params: int, columns: int) -> str:
    """Return a statement that runs a SELECT for each member of a JSON array ($1): one row, a list of lists of rows."""
    one = _NUMBERED.sub(r"asked.p\1", sql)
    names = ", ".join(f"c{number}" for number in range(columns))
    values = ", ".join(f"value ->> {number}" for number in range(params))
    given = ", ".join(f"p{number}" for number in range(1, params + 1))
    return f"""
        WITH asked({given}) AS MATERIALIZED (SELECT {values} FROM json_each($1))
        SELECT json_group_array((
            WITH found({names}) AS ({one})
            SELECT json_group_array(json_array({names})) FROM found
        )) FROM asked
    """

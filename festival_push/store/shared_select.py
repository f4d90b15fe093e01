"""Answer many callers of the same SELECT with one statement, for example when all streams reconnect at once.

    ask ─► waiting ─► one statement for all that wait ─► one row that holds all the answers
             ▲            on a reader's thread              │
             └─ later calls are in the next one             └─► each caller gets its own

No call waits for others to come: a call that is alone is read at once. This saves not the database's work but Python's.
With SQLite, a hop to the thread and back costs 100 us, and the sqlite3 module releases the interpreter's lock (GIL) at
each row and then has to win it back from a busy event loop; with PostgreSQL, a statement costs a round trip, its plan,
and a connection that others wait for.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from festival_push.store.errors import Unavailable
from festival_push.store.sql import Param, Rows, Statement

AT_ONCE_MAX: Final = 32
"""The most calls in one statement: with a page each, the answer is a few MB at most."""


class Joining(Protocol):
    """How a database runs one SELECT for several callers in one statement."""

    def for_all(self, sql: str, asked: Sequence[Sequence[Param]], columns: int) -> Statement:
        """Return the statement for these parameters, one sequence a caller; there is at least one."""
        ...

    def apart(self, found: Rows, callers: int) -> list[Rows]:
        """Return each caller's rows of what the statement has found."""
        ...


class SharedSelect:
    """One SELECT, and the calls that wait for it.

    Args:
        columns: How many columns the result has.
        read: Runs a statement on a reader. Raises Unavailable.
        joining: The database's way.
    """

    def __init__(
        self, sql: str, *, columns: int, read: Callable[[Statement], Awaitable[list[Rows]]], joining: Joining
    ) -> None:
        self._sql = sql
        self._columns = columns
        self._read = read
        self._joining = joining
        self._waiting: deque[tuple[Sequence[Param], asyncio.Future[Rows]]] = deque()
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, params: Sequence[Param]) -> Rows:
        """Return the rows for these parameters.

        Raises Unavailable; ValueError for a text with NUL, which PostgreSQL can't hold, and at which SQLite's JSON
        would cut it off.
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
        [found] = await self._read(self._joining.for_all(self._sql, asked, self._columns))
        return self._joining.apart(found, len(asked))


class SharedSelects:
    """The shared SELECTs of one reader, by their text.

    Args:
        read: Runs statements on a reader. Raises Unavailable.
    """

    def __init__(self, read: Callable[[Statement], Awaitable[list[Rows]]], joining: Joining) -> None:
        self._read = read
        self._joining = joining
        self._known: dict[str, SharedSelect] = {}

    async def ask(self, sql: str, params: Sequence[Param], columns: int) -> Rows:
        """Return the rows of one call. Raises as `SharedSelect.ask`."""
        known = self._known.get(sql)
        if known is None:
            known = self._known[sql] = SharedSelect(sql, columns=columns, read=self._read, joining=self._joining)
        return await known.ask(params)

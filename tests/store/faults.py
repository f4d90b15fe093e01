"""A database whose writer breaks where a test wants it to."""

import asyncio
from enum import Enum

from festival_push.store.database import Writer
from festival_push.store.errors import CommitUnknown, Unavailable
from festival_push.store.sql import Rows, Statement, Write
from tests.store.wrapped import WrappedDatabase


class Fault(Enum):
    """What breaks."""

    REFUSED = "the statement fails, in the database"
    LOST = "the connection is lost before the statement"
    LOST_AFTER_COMMIT = "the same, but its answer only was lost where it was the COMMIT"


_COMMIT = -1  # whichever number it has


class FaultyWriter:
    """Counts the statements of each transaction from 1 and lets one of them fail, once."""

    def __init__(self, inner: Writer) -> None:
        self._inner = inner
        self._fault: tuple[int, Fault] | None = None
        self._statement = 0
        self._gone_for = 0  # transactions that can't begin
        self._gone_after_commit = 0
        self._gone_error: type[Exception] | None = Unavailable

    @property
    def connections(self) -> int:
        """Of the writer that it breaks."""
        return self._inner.connections

    def fail_commit(self, fault: Fault, *, gone_for: int = 0, gone_error: type[Exception] | None = Unavailable) -> None:
        """Arm the next COMMIT; afterwards the server is gone, until so many tried to begin.

        Args:
            gone_error: What they get; None: no answer.
        """
        self._fault, self._gone_after_commit = (_COMMIT, fault), gone_for
        self._gone_error = gone_error

    def come_back(self) -> None:
        """The server is there again."""
        self._gone_for = 0

    def fail_at(self, statement: int, fault: Fault) -> None:
        """Arm; BEGIN is statement 1, COMMIT the last."""
        self._fault = statement, fault

    def armed(self) -> bool:
        """Whether the fault has not happened yet."""
        return self._fault is not None

    async def turn(self) -> None:
        await self._inner.turn()

    async def begin(self, *selects: Statement) -> list[Rows]:
        self._statement = 0
        if self._gone_for:
            self._gone_for -= 1
            if self._gone_error is None:
                await asyncio.get_running_loop().create_future()
            else:
                raise self._gone_error("gone")
        broken = self._due(1 + len(selects))
        if broken is None:
            return await self._inner.begin(*selects)
        if broken[1] is Fault.REFUSED:
            return await self._inner.begin(*selects[: broken[0]], ("SELECT nothing", ()))
        raise Unavailable("lost")

    async def require_durable(self, *, refuse: bool) -> None:
        await self._inner.require_durable(refuse=refuse)

    async def hurry(self, within_s: float) -> None:
        await self._inner.hurry(within_s)

    async def server(self) -> str | None:
        return await self._inner.server()

    async def begin_migration(self) -> None:
        await self._inner.begin_migration()

    async def run_script(self, script: str) -> None:
        await self._inner.run_script(script)

    async def select(self, *selects: Statement) -> list[Rows]:
        broken = self._due(len(selects))
        if broken is None:
            return await self._inner.select(*selects)
        if broken[1] is Fault.REFUSED:
            return await self._inner.select(*selects[: broken[0]], ("SELECT nothing", ()))
        await self._inner.rollback()
        raise Unavailable("lost")

    async def commit(self, *writes: Write) -> None:
        if self._fault is not None and self._fault[0] == _COMMIT:
            self._fault = self._statement + len(writes) + 1, self._fault[1]
        broken = self._due(len(writes) + 1)
        if broken is None:
            await self._inner.commit(*writes)
            return
        index, fault = broken
        if fault is Fault.REFUSED:
            await self._inner.commit(*writes[:index], ("SELECT nothing", [()]))
        if index < len(writes):
            await self._inner.rollback()
            raise Unavailable("lost")
        if fault is Fault.LOST:
            await self._inner.rollback()
        else:
            await self._inner.commit(*writes)
        self._gone_for = self._gone_after_commit
        raise CommitUnknown("lost")

    async def rollback(self) -> None:
        await self._inner.rollback()

    def _due(self, statements: int) -> tuple[int, Fault] | None:
        """Which of the next statements is to fail, counted from 0."""
        first, self._statement = self._statement + 1, self._statement + statements
        if self._fault is None or not first <= self._fault[0] <= self._statement:
            return None
        (number, fault), self._fault = self._fault, None
        return number - first, fault


FaultyDatabase = WrappedDatabase[FaultyWriter]
"""Reads as always."""

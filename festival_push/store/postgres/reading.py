"""A pool of connections for reading from one PostgreSQL server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Final

import asyncpg

from festival_push.store.errors import Unavailable
from festival_push.store.postgres.connecting import Use, connect
from festival_push.store.postgres.connection import (
    LOST,
    Connection,
    bounds,
    is_unavailable,
    run_at_once,
    run_select,
    said,
)
from festival_push.store.postgres.joining import PostgresJoining
from festival_push.store.shared_select import SharedSelects
from festival_push.store.sql import Param, Rows, Statement

SOON: Final = 0.3
"""The share of `wait_s` in which a connection is made, or a read answered that commands wait for."""
_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresReader:
    """The connections for reading from one server. Made by `connect`, which doesn't wait for the server."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, wait_s: float) -> None:
        self._pool = pool
        self._wait_s = wait_s
        self._together = SharedSelects(self.read_soon, PostgresJoining())

    @classmethod
    async def connect(cls, url: str, *, use: Use, readers: int, wait_s: float) -> "PostgresReader":
        """Make the pool; connections are made when they are needed."""
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=readers,
            reset=_keep,
            connect=partial(connect, use=use),
            **bounds(wait_s, read_only=True) | {"timeout": SOON * wait_s},
        )
        return cls(pool, wait_s=wait_s)

    async def read_soon(self, *statements: Statement) -> list[Rows]:
        """Read as `read` does, but give up soon: of a server that is cut off, nobody waits for who may do what."""
        return await self.read(*statements, within_s=SOON * self._wait_s)

    async def read(self, *statements: Statement, within_s: float | None = None) -> list[Rows]:
        """Run the SELECTs in one snapshot. Raises Unavailable, also if all readers stay busy for too long.

        Args:
            within_s: The longest wait for the answers; None: as long as PostgreSQL may take for them.
        """
        with _translated():
            async with self._connection() as connection, asyncio.timeout(within_s):
                if (rows := await run_at_once(connection, statements)) is not None:
                    return rows
                await connection.execute(_BEGIN)
                rows = [await run_select(connection, statement) for statement in statements]
                await connection.execute("COMMIT")
                return rows

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT, together with other callers that wait for the same SELECT. Raises Unavailable."""
        return await self._together.ask(sql, params, columns)

    async def read_if(
        self, first: Statement, passes: Callable[[Rows], bool], *statements: Statement, within_s: float
    ) -> list[Rows] | None:
        """Run the SELECTs in one snapshot, but only if `passes` says so of the rows of `first`; None if not.

        Args:
            within_s: How long a connection, and the answer to `first`, may take; the rest has the usual bounds.
        Raises:
            Unavailable: As `read`.
        """
        with _translated():
            async with asyncio.timeout(within_s) as bound, self._connection() as connection:
                await connection.execute(_BEGIN)
                rows = None
                if passes(await run_select(connection, first)):
                    bound.reschedule(None)
                    rows = await run_at_once(connection, statements)
                    if rows is None:
                        rows = [await run_select(connection, statement) for statement in statements]
                await connection.execute("COMMIT")
                return rows

    async def close(self) -> None:
        """Close every connection; running reads get `wait_s` seconds to finish."""
        try:
            await asyncio.wait_for(self._pool.close(), self._wait_s)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        connection = await self._pool.acquire(timeout=self._wait_s)
        try:
            yield connection
        except BaseException:
            # Also when the caller was cancelled half-way: a connection of unknown state never goes back to the pool.
            connection.terminate()
            raise
        finally:
            await self._pool.release(connection)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (*LOST, asyncpg.PostgresError) as error:
        if is_unavailable(error):
            raise Unavailable(said(error)) from error
        raise


async def _keep(_: object) -> None:
    """Reset nothing on a connection that returns to the pool: reads leave nothing that would be worth a round trip."""

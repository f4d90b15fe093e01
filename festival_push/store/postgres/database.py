"""The database for festivals with more than one host: a pool for reading, and one connection for writing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from festival_push.store.errors import Unavailable
from festival_push.store.postgres.connection import LOST, bounds, is_unavailable, run_select
from festival_push.store.postgres.writer import PostgresWriter
from festival_push.store.sql import Dialect, Param, Rows, Statement


class PostgresDatabase:
    """One PostgreSQL database, with an optional replica for reading."""

    dialect: Final[Dialect] = "postgres"

    def __init__(self, writer: PostgresWriter, pool: "asyncpg.Pool[asyncpg.Record]", *, wait_s: float) -> None:
        self._writer = writer
        self._pool = pool
        self._wait_s = wait_s

    @classmethod
    async def open(cls, url: str, *, read_url: str, readers: int, wait_s: float, read_only: bool) -> "PostgresDatabase":
        """Connect. Raises Unavailable, UnsafeDatabase."""
        writer = PostgresWriter(url, wait_s=wait_s)
        if not read_only:
            await writer.open()
        try:
            pool = await asyncpg.create_pool(
                read_url, min_size=0, max_size=readers, reset=_keep, **bounds(wait_s, read_only=True)
            )
        except BaseException:
            await writer.close()
            raise
        return cls(writer, pool, wait_s=wait_s)

    def writer(self) -> PostgresWriter:
        """Return the one write connection."""
        return self._writer

    async def read(self, *statements: Statement) -> list[Rows]:
        """Run the SELECTs in one snapshot. Raises Unavailable, also if all readers stay busy for too long."""
        try:
            async with self._connection() as connection:
                if len(statements) == 1:  # one statement is a snapshot by itself
                    return [await run_select(connection, statements[0])]
                await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                rows = [await run_select(connection, statement) for statement in statements]
                await connection.execute("COMMIT")
                return rows
        except (*LOST, asyncpg.PostgresError) as error:
            if is_unavailable(error):
                raise Unavailable(str(error) or type(error).__name__) from error
            raise

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT, by itself: concurrent calls take turns on the readers. Raises Unavailable."""
        del columns
        [rows] = await self.read((sql, params))
        return rows

    async def close(self) -> None:
        """Close every connection; running reads get `wait_s` seconds to finish."""
        try:
            await asyncio.wait_for(self._pool.close(), self._wait_s)
        except TimeoutError:
            self._pool.terminate()
        finally:
            await self._writer.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["PoolConnectionProxy[asyncpg.Record]"]:
        connection = await self._pool.acquire(timeout=self._wait_s)
        try:
            yield connection
        except BaseException:
            # Also when the caller was cancelled half-way: a connection of unknown state never goes back to the pool.
            connection.terminate()
            raise
        finally:
            await self._pool.release(connection)


async def _keep(_: object) -> None:
    """Reset nothing on a connection that returns to the pool: reads leave nothing that would be worth a round trip."""

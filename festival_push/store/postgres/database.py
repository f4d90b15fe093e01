"""The database for festivals with more than one host: pools for reading, and one connection for writing."""

from collections.abc import Callable, Sequence
from typing import Final

from festival_push.domain.log import LogPosition
from festival_push.store.database import Reader, ReplicaState
from festival_push.store.postgres.past import PostgresPast
from festival_push.store.postgres.reading import PostgresReader
from festival_push.store.postgres.writer import PostgresWriter
from festival_push.store.sql import Dialect, Param, Rows, Statement


class PostgresDatabase:
    """One PostgreSQL database, with an optional replica for history."""

    dialect: Final[Dialect] = "postgres"

    def __init__(self, writer: PostgresWriter, primary: PostgresReader, past: PostgresPast) -> None:
        self._writer = writer
        self._primary = primary
        self._past = past

    @classmethod
    async def open(
        cls, url: str, *, read_url: str = "", readers: int, wait_s: float, read_only: bool
    ) -> "PostgresDatabase":
        """Connect; the replica may be away. Raises Unavailable, UnsafeDatabase."""
        writer = PostgresWriter(url, wait_s=wait_s)
        if not read_only:
            await writer.open()
        try:
            primary = await PostgresReader.connect(url, use="read", readers=readers, wait_s=wait_s)
            replica = None
            if read_url:
                replica = await PostgresReader.connect(read_url, use="replica", readers=readers, wait_s=wait_s)
        except BaseException:
            await writer.close()
            raise
        return cls(writer, primary, PostgresPast(primary, replica, turns=max(1, readers // 2), wait_s=wait_s))

    @property
    def books(self) -> Reader:
        """Return the reader of the primary itself."""
        return self._primary

    @property
    def past(self) -> Reader:
        """Return the reader of history."""
        return self._past

    @property
    def replica(self) -> ReplicaState:
        """Return what is known of the replica."""
        return self._past.state

    def follow(self, known: Callable[[], LogPosition]) -> None:
        """Let `past` include all up to the position that `known` returns."""
        self._past.follow(known)

    def writer(self) -> PostgresWriter:
        """Return the one write connection."""
        return self._writer

    async def read(self, *statements: Statement) -> list[Rows]:
        """Run the SELECTs in one snapshot. Raises Unavailable, also if all readers stay busy for too long."""
        return await self._primary.read_soon(*statements)

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT, together with other callers that wait for the same SELECT. Raises Unavailable."""
        return await self._primary.read_together(sql, params, columns=columns)

    async def close(self) -> None:
        """Close every connection; running reads get `wait_s` seconds to finish."""
        try:
            await self._past.close()
            await self._primary.close()
        finally:
            await self._writer.close()

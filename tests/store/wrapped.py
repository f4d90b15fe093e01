"""A database that does as another one, for tests that change a little of it."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from festival_push.domain.log import LogPosition
from festival_push.store.database import Database, Reader, ReplicaState, Writer
from festival_push.store.sql import Dialect, Param, Rows, Statement

W = TypeVar("W", bound=Writer)


class WrappedDatabase(Generic[W]):
    """Does as `inner` but for its writer; what is read of the past goes through `read` and `read_together` too."""

    def __init__(self, inner: Database, writer: W) -> None:
        self._inner = inner
        self._writer = writer

    @property
    def dialect(self) -> Dialect:
        """The real one's."""
        return self._inner.dialect

    @property
    def books(self) -> Reader:
        """Itself."""
        return self

    @property
    def past(self) -> Reader:
        """Itself."""
        return self

    @property
    def replica(self) -> ReplicaState:
        """The real one's."""
        return self._inner.replica

    def follow(self, known: Callable[[], LogPosition]) -> None:
        """Do as the real one."""
        self._inner.follow(known)

    async def read(self, *statements: Statement) -> list[Rows]:
        """Do as the real one."""
        return await self._inner.read(*statements)

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Do as the real one."""
        return await self._inner.read_together(sql, params, columns=columns)

    def writer(self) -> W:
        """Its own."""
        return self._writer

    async def close(self) -> None:
        """Close the real one."""
        await self._inner.close()

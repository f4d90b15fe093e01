"""The database as the rest of the store sees it: many readers, one writer. SQLite and PostgreSQL behave alike."""

from collections.abc import Sequence
from typing import Protocol

from festival_push.store.sql import Dialect, Param, Rows, Statement, Write


class Writer(Protocol):
    """The one write connection of a process: one transaction at a time, and one task that uses it.

    Where an error leaves a method, the transaction is rolled back for sure and the next `begin` starts afresh.
    """

    @property
    def connections(self) -> int:
        """How often it has connected. Over a new connection the database may be another one than before: a standby
        that has taken over, without the last commits."""
        ...

    async def begin(self, *selects: Statement) -> list[Rows]:
        """Begin as the only writer in the world, then read. Raises Unavailable, WriteFailed."""
        ...

    async def begin_migration(self) -> None:
        """Begin as the only writer of a database that may have no tables yet. Raises Unavailable."""
        ...

    async def select(self, *selects: Statement) -> list[Rows]:
        """Read inside the transaction. Raises Unavailable, WriteFailed."""
        ...

    async def run_script(self, script: str) -> None:
        """Run the statements of a migration inside the transaction. Raises Unavailable, WriteFailed."""
        ...

    async def commit(self, *writes: Write) -> None:
        """Write, in this order, and commit. Raises Unavailable, WriteFailed; CommitUnknown when nobody can say."""
        ...

    async def rollback(self) -> None:
        """End the transaction without a trace; nothing happens when there is none."""
        ...


class Database(Protocol):
    """One database."""

    @property
    def dialect(self) -> Dialect:
        """Which migrations are for it."""
        ...

    async def read(self, *statements: Statement) -> list[Rows]:
        """Run the SELECTs in one snapshot: they all see the same commit. Raises Unavailable."""
        ...

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT that many ask for at once: it may be answered together with theirs. Raises Unavailable.

        Args:
            sql: Always the same texts. Numbered parameters only, and none of them in a LIMIT.
            params: Neither lists nor bytes.
            columns: How many columns it has, whose values JSON can carry.
        """
        ...

    def writer(self) -> Writer:
        """The one write connection; the committer owns it."""
        ...

    async def close(self) -> None:
        """Close every connection; no call may follow."""
        ...

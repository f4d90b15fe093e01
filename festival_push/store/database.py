"""The protocols of a database: many readers, one writer. SQLite and PostgreSQL behave alike."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from festival_push.domain.log import LogPosition
from festival_push.store.sql import Dialect, Param, Rows, Statement, Write


class Writer(Protocol):
    """The one write connection of a process: one transaction at a time, used by one task.

    When a method raises, the transaction has been rolled back, and the next `begin` starts a new one.
    """

    @property
    def connections(self) -> int:
        """Return how often it has connected.

        A new connection may lead to another server than before: a standby that has taken over, without the last
        commits.
        """
        ...

    async def require_durable(self, *, refuse: bool) -> None:
        """See whether what is acknowledged survives a power cut, as far as the server's settings decide; if not, say
        so in the log, or `refuse`.

        Outside a transaction. Raises UnsafeDatabase if it refuses; Unavailable, WriteFailed.
        """
        ...

    async def hurry(self, within_s: float) -> None:
        """Let no later step take longer than so many seconds, here and in the server: a server that is cut off from
        the database refuses commands then, and holds up the others no longer. Outside a transaction."""
        ...

    async def server(self) -> str | None:
        """Return which server this is, and on which line of its history; None where only the file tells (SQLite), or
        where we may not ask.

        Inside a transaction. A standby that was promoted is on another line than its primary. Raises Unavailable,
        WriteFailed.
        """
        ...

    async def turn(self) -> None:
        """Become the only writer of all processes already; `begin` follows at once, and does it if nobody called this.

        Commands gather here while another process writes: whoever takes them before has smaller batches. Where no
        other process has written for a while, it may lock nothing: then `select` and `commit` find out whether one
        did. Raises Unavailable, WriteFailed.
        """
        ...

    async def begin(self, *selects: Statement) -> list[Rows]:
        """Begin a transaction as the only writer of all processes, then read. Raises Unavailable, WriteFailed."""
        ...

    async def begin_migration(self) -> None:
        """Begin as the only writer of a database that may have no tables yet. Raises Unavailable."""
        ...

    async def select(self, *selects: Statement) -> list[Rows]:
        """Read inside the transaction. Raises Unavailable, WriteFailed; HeadMoved, if `turn` was called."""
        ...

    async def run_script(self, script: str) -> None:
        """Run the statements of a migration inside the transaction. Raises Unavailable, WriteFailed."""
        ...

    async def commit(self, *writes: Write) -> None:
        """Write, in this order, and commit; durable on return.

        Raises Unavailable or WriteFailed if nothing was written, also HeadMoved if `turn` was called; CommitUnknown
        if it is not known whether the transaction was committed.
        """
        ...

    async def rollback(self) -> None:
        """Roll the transaction back; nothing happens if there is none."""
        ...


ReplicaState = Literal["off", "ok", "behind", "unavailable"]
"""What is known of the replica; "off": there is none."""


class Reader(Protocol):
    """Reads from any task."""

    async def read(self, *statements: Statement) -> list[Rows]:
        """Run the SELECTs in one snapshot: they all see the same commit. Raises Unavailable."""
        ...

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT that many callers ask for at once; they may be answered together. Raises Unavailable.

        Args:
            sql: One of a few fixed texts. Numbered parameters only, and none of them in a LIMIT.
            params: Neither lists nor bytes.
            columns: How many columns the result has; JSON must be able to carry their values.
        """
        ...


class Database(Reader, Protocol):
    """One database: reads of what is, and the process's one writer.

    What it reads itself includes every commit that was answered, of all processes.
    """

    @property
    def dialect(self) -> Dialect:
        """Return its dialect, which selects the migrations and the spelling of SQL."""
        ...

    @property
    def past(self) -> Reader:
        """Return the reader of history: a replica, while there is one that keeps up.

        It includes everything that this process knew of when it was asked (see `follow`), but perhaps not the newest
        commits of other processes: never decide by it who may do what. It has a queue of its own, so that long reads
        and replays leave connections to the short reads of everybody else.
        """
        ...

    @property
    def books(self) -> Reader:
        """Return the reader of what is, for sums over many rows: its reads may take as long as PostgreSQL lets them,
        where others give up soon."""
        ...

    @property
    def replica(self) -> ReplicaState:
        """Return what is known of the replica; asking for it makes sure that somebody looks from time to time."""
        ...

    def follow(self, known: Callable[[], LogPosition]) -> None:
        """Let `past` include all up to the position that `known` returns, the newest that this process has heard of."""
        ...

    def writer(self) -> Writer:
        """Return the one write connection, which the committer owns."""
        ...

    async def close(self) -> None:
        """Close every connection; no call may follow."""
        ...

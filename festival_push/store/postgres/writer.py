"""The one PostgreSQL connection of this process that writes."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import asyncpg

from festival_push.store.errors import CommitUnknown, HeadMoved, InUse, Unavailable, UnsafeDatabase
from festival_push.store.postgres.connecting import connect, refuse_shared_sessions
from festival_push.store.postgres.connection import (
    bounds,
    is_gone,
    is_unavailable,
    run_at_once,
    run_select,
    said,
    translated,
)
from festival_push.store.postgres.durability import line_of, not_durable
from festival_push.store.postgres.ending import StandbyWatch, commit, write_and_commit
from festival_push.store.postgres.head import TOUCH, VERSION, Head
from festival_push.store.postgres.merging import Merger, moves_head
from festival_push.store.postgres.silent import end_silent
from festival_push.store.postgres.users import USERS
from festival_push.store.sql import Rows, Statement, Write

_LOG: Final = logging.getLogger(__name__)

T = TypeVar("T")

_OLDEST: Final = 14
"""Has `string_to_table`."""
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT id FROM log_head WHERE id = 1 FOR UPDATE"
"""Locks the head of the log: one writer at a time, as in SQLite. READ COMMITTED lets the SELECTs after the lock see
the commit of the writer before."""
_BEGIN_MIGRATION: Final = """
    BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0
"""
"""A migration may take as long as it must, as for an index over millions of rows, but waits for no lock for long: all
commands would queue behind it."""
_MIGRATION_S: Final = 6 * 3600.0
_OTHER_USERS: Final = f"{USERS} AND application_name <> 'festival-push'"
_WAITED: Final = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)
"""The errors of a wait for a lock: of its own timeout, or of that of the statement, which is no longer if we hurry."""
_MIGRATION_LOCK: Final = 0x66657374  # "fest"
_ROW_S: Final = 0.002  # more for each row of one statement: to erase somebody may take thousands
_RETRY_MIN_S: Final = 0.1
_RETRY_MAX_S: Final = 1.0


class PostgresWriter:
    """Writes, one transaction at a time; reconnects after a loss, at growing intervals while that fails.

    Each transaction that commits gives the head of the log another version. While other processes write too, the head
    is locked from `turn` on. While none does, a batch is two round trips: one statement reads, the head's version as
    well; one writes, if the head has that version still. Decision 0067 says why nothing is lost by it.
    """

    def __init__(self, url: str, *, wait_s: float) -> None:
        self._url = url
        self._wait_s = wait_s
        self._is_hurried = False
        self._has_turn = False
        self._is_migration = False
        self._head = Head()  # over this connection
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._merger: Merger | None = None  # of this connection
        self._watch: StandbyWatch | None = None  # of this connection
        self._retry_s = _RETRY_MIN_S
        self._retry_at_s = 0.0  # monotonic
        self.connections = 0

    async def open(self) -> None:
        """Connect. Raises Unavailable, UnsafeDatabase."""
        connection = None
        try:
            connection = await connect(self._url, use="write", **self._bounds())
            version = connection.get_server_version()
            if version.major < _OLDEST:
                raise UnsafeDatabase(
                    f"PostgreSQL {version.major}.{version.minor} is too old, {_OLDEST} or newer is needed"
                )
            kept = await connection.fetchval("SHOW synchronous_commit")
            if kept != "on":
                raise UnsafeDatabase(f"PostgreSQL keeps synchronous_commit at {kept!r}; it must be 'on'")
            await refuse_shared_sessions(connection, self._url, self._wait_s)
        except BaseException as error:
            if connection is not None:
                connection.terminate()
            if is_unavailable(error):
                raise Unavailable(f"no connection to PostgreSQL: {said(error)}") from error
            raise
        self._connection, self._merger, self._head = connection, Merger(connection), Head()
        self._watch = StandbyWatch(connection)
        self.connections += 1

    async def hurry(self, within_s: float) -> None:
        """Bound each later step, and connect anew for it; see `Writer`."""
        await self.rollback()
        self._drop()
        self._wait_s = within_s
        self._is_hurried = True

    async def server(self) -> str | None:
        """Return the system identifier and the timeline; None where the role may not ask for them."""
        return await self._guarded(line_of)

    async def require_durable(self, *, refuse: bool) -> None:
        """See whether what the server acknowledges survives a power cut: say so if not, or `refuse`.

        Raises UnsafeDatabase; Unavailable, WriteFailed as `begin`.
        """
        if off := await self._guarded(not_durable):
            why = f"PostgreSQL runs with {' and '.join(f'{name}=off' for name in off)}: a power cut damages its data"
            if refuse:
                raise UnsafeDatabase(why)
            _LOG.warning("%s", why)

    async def turn(self) -> None:
        """Lock the head of the log, unless it has been ours for a while: nothing is read yet, so whoever waits here has
        decided nothing."""
        await self._ready()
        if not self._head.is_ours:
            await self._lock()
        self._has_turn = True

    async def begin(self, *selects: Statement) -> list[Rows]:
        """Lock the head of the log, unless `turn` was called, then read. Raises Unavailable, WriteFailed, and then
        leaves no transaction open."""
        if not self._has_turn:
            await self._ready()
            await self._lock()
        self._has_turn = False  # a second call begins anew
        return await self.select(*selects)

    async def begin_migration(self) -> None:
        """Begin as `begin` does, but with a lock that needs no tables: the database may have none yet."""
        await self._ready()
        self._is_migration = True
        await self._guarded(lambda connection: connection.execute(_BEGIN_MIGRATION))
        await self._guarded(lambda connection: connection.execute(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))

    async def select(self, *selects: Statement) -> list[Rows]:
        """Read inside the transaction. Raises the same errors as `begin`, and HeadMoved; the transaction is rolled back
        then."""
        if self._is_migration:  # the head may not be there yet
            return await self._read(selects)
        [[seen], *found] = await self._read((VERSION, *selects))
        try:
            self._head.see(seen)
        except HeadMoved:
            await self.rollback()
            raise
        return found

    async def run_script(self, script: str) -> None:
        """Run a migration inside the transaction. Raises the same errors as `begin`; it is rolled back then."""
        try:
            await self._guarded(lambda connection: connection.execute(script, timeout=_MIGRATION_S))
        except Unavailable as error:
            if not isinstance(error.__cause__, asyncpg.LockNotAvailableError):
                raise
            users = await self._guarded(lambda connection: connection.fetchval(_OTHER_USERS))
            raise InUse(f"somebody else uses a table that must change: {users or 'another transaction'}") from error

    async def commit(self, *writes: Write) -> None:
        """Write and commit. Raises Unavailable, WriteFailed or HeadMoved if nothing was written, or CommitUnknown."""
        if not self._is_migration and not any(moves_head(sql) and rows for sql, rows in writes):
            writes = (*writes, TOUCH)
        if not self._is_locked:
            if await self._commit_unlocked(writes):
                return
            await self._lock()
            await self.select()  # what was read before holds, or we begin anew

        async def write(_: object) -> None:
            assert self._merger is not None
            await self._merger.write(writes, step_s=self._command_s, row_s=_ROW_S)

        async def end(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
            assert self._watch is not None
            await commit(connection, self._watch)

        await self._guarded(write)
        await self._guarded(end)
        self._end(self._head.own_version)

    async def rollback(self) -> None:
        """Roll back the transaction, if there is one; if that fails, drop the connection, and the server does it."""
        connection, self._has_turn = self._connection, False
        self._end(None)
        if connection is None:
            return
        try:
            if connection.is_closed():
                raise ConnectionError("closed")
            if connection.is_in_transaction():
                await connection.execute("ROLLBACK")
        except BaseException as error:
            self._drop()
            if not isinstance(error, Exception):
                raise

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=self._wait_s)
            except Exception as error:
                connection.terminate()
                if not is_unavailable(error):
                    raise

    @property
    def _command_s(self) -> float:
        return float(self._bounds()["command_timeout"])

    def _bounds(self) -> dict[str, Any]:
        return bounds(self._wait_s, read_only=False, each_step=self._is_hurried)

    @property
    def _is_locked(self) -> bool:
        return self._connection is not None and self._connection.is_in_transaction()

    async def _lock(self) -> None:
        await self._guarded(lambda connection: connection.execute(_BEGIN))

    async def _read(self, selects: Sequence[Statement]) -> list[Rows]:
        """Read in one snapshot, or under the lock."""
        found = await self._guarded(lambda connection: run_at_once(connection, selects))
        if found is not None:
            return found
        if not self._is_locked:
            await self._lock()

        async def one_by_one(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Rows]:
            return [await run_select(connection, statement) for statement in selects]

        return await self._guarded(one_by_one)

    async def _commit_unlocked(self, writes: Sequence[Write]) -> bool:
        """Commit by one statement, which locks the head. Return False, with nothing written, if they don't fit into
        one. Raises the errors of `commit`."""
        version = self._head.version
        if version is None or self._head.own_version is not None:
            raise Unavailable("the transaction was lost")

        async def write(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
            assert self._merger is not None
            assert self._watch is not None
            statement = await self._merger.statement_if(version, writes)
            if statement is None:
                return None
            return await write_and_commit(connection, self._watch, *statement, within_s=within_s)

        within_s = self._command_s + _ROW_S * sum(len(rows) for _, rows in writes)
        left = await self._guarded(write)
        if left is None:
            return False
        if not left:
            self._head.note_others()
            await self.rollback()
            raise HeadMoved
        self._end(left)
        return True

    def _end(self, left: str | None) -> None:
        """End the transaction. Args: left: The head's version now, if this is a commit."""
        self._is_migration = False
        self._head.end(left)

    async def _ready(self) -> None:
        await self.rollback()  # a transaction whose caller was cancelled half-way; drops a lost connection
        if self._connection is not None:
            return
        if time.monotonic() < self._retry_at_s:
            raise Unavailable("PostgreSQL did not answer a moment ago")
        try:
            await self.open()
        except BaseException:  # also if the caller has waited long enough
            self._rest()
            raise
        self._retry_s = _RETRY_MIN_S

    def _rest(self) -> None:
        """Refuse at once for a moment: those who wait already would wait as long again, for a server that is silent."""
        self._retry_at_s = time.monotonic() + self._retry_s
        self._retry_s = min(self._retry_s * 2, _RETRY_MAX_S)

    async def _guarded(self, work: "Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[T]]") -> T:
        """Run one step. If it fails, roll back in any case, and raise the error of the store that the error means."""
        if self._connection is None:
            raise Unavailable("the write connection is closed")
        try:
            return await work(self._connection)
        except BaseException as error:
            if isinstance(error, CommitUnknown) or is_gone(error):
                self._drop()
                if isinstance(error.__cause__ or error, TimeoutError):
                    self._rest()
            await self.rollback()
            if isinstance(error, _WAITED):
                await self._end_silent()
            if isinstance(error, Unavailable | CommitUnknown) or not isinstance(error, Exception):
                raise
            raise translated(error) from error

    async def _end_silent(self) -> None:
        """Let whoever waits next have a lock that a process of ours has kept and can't let go."""
        if self._connection is None:
            return
        try:
            await end_silent(self._connection, after_s=self._wait_s)
        except Exception as error:
            _LOG.warning("can't look who holds a lock for so long: %s", said(error), extra={"storm": True})

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

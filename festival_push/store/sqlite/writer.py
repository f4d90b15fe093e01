"""The one SQLite connection of this process that writes and checkpoints."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from festival_push.store.errors import CommitUnknown, Unavailable
from festival_push.store.sql import Rows, Statement, Write, for_sqlite
from festival_push.store.sqlite.connection import SqliteConnection, is_broken, run_select, split_script, translated
from festival_push.store.sqlite.file_lock import FileLock

T = TypeVar("T")


class SqliteWriter:
    """Writes, one transaction at a time. A file lock is held from `turn`, or BEGIN, until COMMIT has also checkpointed.

    SQLite before 3.51.3 may corrupt its WAL when two connections write or checkpoint at once; the lock prevents that
    between processes as well.
    """

    def __init__(self, path: Path, *, wait_s: float) -> None:
        self._path = path
        self._wait_s = wait_s
        self._lock = FileLock(path.with_name(path.name + ".writer"))
        self._link: SqliteConnection | None = None
        self.connections = 0

    async def open(self) -> None:
        """Connect and set WAL mode, under the lock because both may write. Raises Unavailable, UnsafeDatabase."""
        link = SqliteConnection(self._path, read_only=False, wait_s=self._wait_s)
        await asyncio.to_thread(self._lock.acquire, self._wait_s)
        try:
            await link
        except sqlite3.Error as error:
            raise Unavailable(f"{self._path}: {error}") from error
        finally:
            self._lock.release()
        self._link = link
        self.connections += 1

    async def require_durable(self, *, refuse: bool) -> None:
        """Do nothing: each connection has set, and read back, all that decides it."""

    async def hurry(self, within_s: float) -> None:
        """Do nothing: nobody is cut off from a file; a step here takes as long as the disk does."""

    async def server(self) -> str | None:
        """Return None: a file has no line of history that it could tell."""
        return None

    async def turn(self) -> None:
        """Take the write lock; without a thread if nobody else has it. Raises Unavailable."""
        if self._link is not None and not self._lock.try_acquire():
            await self._run(lambda _: self._lock.acquire(self._wait_s))

    async def begin(self, *selects: Statement) -> list[Rows]:
        """Take the write lock, then read. Raises Unavailable, WriteFailed, and then leaves no transaction open."""
        if self._link is None:
            await self.open()
        return await self._run(partial(self._begin_and_read, selects))

    async def begin_migration(self) -> None:
        """Begin as `begin` does: the lock needs no tables, so the database may still be empty."""
        await self.begin()

    async def select(self, *selects: Statement) -> list[Rows]:
        """Read inside the transaction. Raises the same errors as `begin`; the transaction is rolled back then."""
        return await self._run(partial(self._read, selects))

    async def run_script(self, script: str) -> None:
        """Run a migration inside the transaction. Raises the same errors as `begin`; it is rolled back then."""
        await self._run(partial(self._script, script))

    async def commit(self, *writes: Write) -> None:
        """Write and commit. Raises Unavailable or WriteFailed if nothing was written, or CommitUnknown."""
        await self._run(partial(self._write_and_commit, writes))

    async def rollback(self) -> None:
        """Roll back the transaction, if there is one."""
        if self._link is not None:
            await self._run(self._end)

    async def close(self) -> None:
        """Close the connection, under the lock because the last connection to the file also checkpoints."""
        try:
            if self._link is not None:
                await asyncio.to_thread(self._lock.acquire, self._wait_s)
        finally:
            await self._drop()
            self._lock.close()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._link is None:
            raise Unavailable("the write connection is closed")
        try:
            return await self._link.run(work)
        except (Unavailable, CommitUnknown) as error:
            # The state of a connection can't be trusted after an I/O error, so the next batch gets a new one.
            if isinstance(error, CommitUnknown) or is_broken(error.__cause__):
                await self._drop()
            raise

    async def _drop(self) -> None:
        link, self._link = self._link, None
        try:
            if link is not None:
                await link.close()
        except sqlite3.Error:
            pass  # closing failed too; its thread has ended, and SQLite recovers when the file is opened again
        finally:
            self._lock.release()

    # The methods below run on the connection's own thread, a whole group of statements in one hop.

    def _begin_and_read(self, selects: Sequence[Statement], connection: sqlite3.Connection) -> list[Rows]:
        if connection.in_transaction:  # one whose caller was cancelled half-way
            self._end(connection)
        self._lock.acquire(self._wait_s)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except Exception as error:
            raise self._undone(connection, error) from error
        return self._read(selects, connection)

    def _read(self, selects: Sequence[Statement], connection: sqlite3.Connection) -> list[Rows]:
        try:
            return [run_select(connection, statement) for statement in selects]
        except Exception as error:
            raise self._undone(connection, error) from error

    def _script(self, script: str, connection: sqlite3.Connection) -> None:
        try:
            for statement in split_script(script):
                connection.execute(statement)
        except Exception as error:
            raise self._undone(connection, error) from error

    def _write_and_commit(self, writes: Sequence[Write], connection: sqlite3.Connection) -> None:
        if not connection.in_transaction:  # else each statement would commit by itself
            self._lock.release()
            raise Unavailable("the transaction was lost")
        try:
            for sql, rows in writes:
                connection.executemany(for_sqlite(sql), rows)
        except Exception as error:
            raise self._undone(connection, error) from error
        try:
            connection.execute("COMMIT")
        except Exception as error:
            if connection.in_transaction:  # a reader was in the way, or a deferred constraint: roll back
                raise self._undone(connection, error) from error
            self._lock.release()
            raise CommitUnknown(str(error)) from error
        self._lock.release()

    def _undone(self, connection: sqlite3.Connection, error: Exception) -> Exception:
        """Roll back, and return the error of the store that the error means."""
        try:
            self._end(connection)
        except sqlite3.Error as worse:
            return Unavailable(f"{error}; then {worse}")
        return translated(error)

    def _end(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:  # False if an I/O error has ended it already
                connection.execute("ROLLBACK")
        finally:
            self._lock.release()

"""The embedded database: a file, one connection for writing, and a few for reading."""

import asyncio
import errno
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from festival_push.domain.log import LogPosition
from festival_push.store.database import Reader, ReplicaState
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.shared_select import SharedSelects
from festival_push.store.sql import Dialect, Param, Rows, Statement
from festival_push.store.sqlite.connection import SqliteConnection, is_broken, run_select, translated
from festival_push.store.sqlite.file_lock import UseMark
from festival_push.store.sqlite.joining import SqliteJoining
from festival_push.store.sqlite.writer import SqliteWriter

_OLDEST: Final = (3, 38)
"""Has `->>`. SQLite comes with the system or with Python: Debian 11, Ubuntu 22.04 and RHEL 9 have older ones."""


class SqliteDatabase:
    """One SQLite file. Readers open it read-only, so they never write, checkpoint or block others."""

    dialect: Final[Dialect] = "sqlite"

    def __init__(self, path: Path, *, readers: int, wait_s: float) -> None:
        self._path = path
        self._wait_s = wait_s
        self._readers = readers
        self._writer = SqliteWriter(path, wait_s=wait_s)
        # Last in, first out: a quiet process uses one thread and one warm page cache. None: not connected yet.
        self._free: list[SqliteConnection | None] = [None] * readers
        self._waiting: deque[asyncio.Future[SqliteConnection | None]] = deque()  # first come, first served
        self._together = SharedSelects(self.read, SqliteJoining())
        self._closed = False
        self._mark: UseMark | None = None

    @classmethod
    async def open(cls, path: Path, *, readers: int, wait_s: float, read_only: bool) -> "SqliteDatabase":
        """Open the file; create a missing one, unless `read_only`. Raises Unavailable, UnsafeDatabase."""
        if sqlite3.sqlite_version_info < _OLDEST:
            raise UnsafeDatabase(
                f"SQLite {sqlite3.sqlite_version} is too old, {'.'.join(map(str, _OLDEST))} or newer is needed: take a "
                "Python that brings it, or PostgreSQL"
            )
        try:
            path = await asyncio.to_thread(_real, path)
            await asyncio.to_thread(_require if read_only else _make, path)
            database = cls(path, readers=readers, wait_s=wait_s)
        except OSError as error:
            raise Unavailable(f"{path}: {error.strerror}") from error
        if read_only:
            return database
        try:
            database._mark = UseMark(path)  # before opening the file, which a restore may be about to replace
            await database._writer.open()
        except BaseException:
            await database._writer.close()
            database._unmark()
            raise
        return database

    @property
    def books(self) -> Reader:
        """Return itself: no read of a file gives up."""
        return self

    @property
    def past(self) -> Reader:
        """Return itself: there is no replica."""
        return self

    @property
    def replica(self) -> ReplicaState:
        """Return "off": there is none."""
        return "off"

    def follow(self, known: Callable[[], LogPosition]) -> None:
        """Do nothing: every read sees the newest commit."""

    def writer(self) -> SqliteWriter:
        """Return the one write connection."""
        return self._writer

    async def read(self, *statements: Statement) -> list[Rows]:
        """Run the SELECTs in one snapshot. Raises Unavailable, also if all readers stay busy for too long."""
        link = await self._reader()
        try:
            link = link or await self._connected()
            return await link.run(partial(_read, statements))
        except Unavailable as error:
            if link is not None and is_broken(error.__cause__):
                await _close(link)
                link = None
            raise
        finally:
            self._give_back(link)

    async def read_together(self, sql: str, params: Sequence[Param], *, columns: int) -> Rows:
        """Run one SELECT, together with other callers that wait for the same SELECT. Raises Unavailable."""
        return await self._together.ask(sql, params, columns)

    async def close(self) -> None:
        """Close the readers, then the writer, so that the last connection to close is the one that may checkpoint."""
        if self._closed:
            return
        self._closed = True
        try:
            for _ in range(self._readers):
                await _close(await self._reader(closing=True))
        finally:
            await self._writer.close()
            self._unmark()

    def _unmark(self) -> None:
        if self._mark is not None:
            self._mark.close()

    async def _reader(self, *, closing: bool = False) -> SqliteConnection | None:
        if self._closed and not closing:
            raise Unavailable("the database is closed")
        if self._free:
            return self._free.pop()
        turn: asyncio.Future[SqliteConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # the reader came just as we gave up
                self._give_back(turn.result())
            if isinstance(error, TimeoutError):
                raise Unavailable(f"every reader has been busy for {self._wait_s:g} s") from None
            raise

    def _give_back(self, link: SqliteConnection | None) -> None:
        """Hand a reader to the caller that has waited longest; freed first, a newcomer could take it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(link)
                return
        self._free.append(link)

    async def _connected(self) -> SqliteConnection:
        link = SqliteConnection(self._path, read_only=True, wait_s=self._wait_s)
        try:
            await link
        except sqlite3.Error as error:
            raise Unavailable(f"{self._path}: {error}") from error
        return link


def _real(path: Path) -> Path:
    """Return the file itself: SQLite's own files are beside it, and all who use it must meet at the same locks, by
    whatever name. Raises Unavailable for a link to nothing, as to a disk that is not mounted."""
    if not path.is_symlink():
        return path
    if not path.exists():
        raise Unavailable(f"{path} is a link to {path.readlink()}, which is not there: is its disk mounted?")
    return path.resolve()


def _make(path: Path) -> None:
    """Create folder and file, accessible to their owner only; SQLite gives its side files the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _require(path: Path) -> None:
    """Raise OSError unless the file exists and can be read."""
    if path.is_dir():  # which could be opened
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    os.close(os.open(path, os.O_RDONLY))


def _read(statements: Sequence[Statement], connection: sqlite3.Connection) -> list[Rows]:
    try:
        if len(statements) > 1:  # a single statement is a snapshot by itself
            connection.execute("BEGIN")
        return [run_select(connection, statement) for statement in statements]
    except sqlite3.Error as error:
        if isinstance(meaning := translated(error), Unavailable):
            raise meaning from error
        raise
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")  # there is nothing to keep


async def _close(link: SqliteConnection | None) -> None:
    try:
        if link is not None:
            await link.close()
    except sqlite3.Error:
        pass  # the connection was broken; its thread has ended

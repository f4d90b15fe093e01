"""A SQLite connection with its thread, its required settings, and the meaning of its errors."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

import aiosqlite
import msgspec

from festival_push.store.errors import Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.sql import Rows, Statement, for_sqlite

T = TypeVar("T")

_FULL: Final = 2
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_OUT_OF_ORDER: Final = {
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB,
}  # fmt: skip


class SqliteConnection(aiosqlite.Connection):
    """A connection that runs a whole group of statements in one hop to its thread.

    So a group runs to its end even if its caller is cancelled, and costs one thread switch, not one a statement.
    """

    def __init__(self, path: Path, *, read_only: bool, wait_s: float) -> None:
        super().__init__(partial(_connect, path, read_only, wait_s), 64)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call `work` on the connection's thread, and return its result.

        Raises what `work` raises, and Unavailable if the connection is closed.
        """
        try:
            return await self._execute(self._call, work)  # type: ignore[no-untyped-call, no-any-return]  # untyped there
        except ValueError as error:
            if self._connection is None:  # aiosqlite raises ValueError if the connection is closed
                raise Unavailable("the connection is closed") from error
            raise

    def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return work(self._conn)


def _connect(path: Path, read_only: bool, wait_s: float) -> sqlite3.Connection:  # noqa: FBT001  # by keyword in Link
    uri = f"file:{quote(str(path))}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None, cached_statements=512)
    try:
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            _make_safe(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_safe(connection: sqlite3.Connection) -> None:
    """Set what durability depends on, and read it back, because a build or a file system may refuse silently."""
    wanted = {"journal_mode": "wal", "synchronous": _FULL, "foreign_keys": 1}
    for name, value in wanted.items():
        try:
            connection.execute(f"PRAGMA {name}={value}").fetchall()
        except UnicodeDecodeError as error:  # Python's, of what SQLite says about a name in a damaged schema
            raise sqlite3.DatabaseError("database disk image is malformed") from error
        if (found := connection.execute(f"PRAGMA {name}").fetchone()[0]) != value:
            raise UnsafeDatabase(f"SQLite keeps {name} at {found!r}; it must be {value!r}")
    # Checkpoint once in 16 MiB of WAL: pages that every batch touches are copied to the database once in that time.
    # The page cache is large enough to keep them in memory.
    connection.execute("PRAGMA wal_autocheckpoint=4000").fetchall()
    connection.execute("PRAGMA cache_size=-32000")


def run_select(connection: sqlite3.Connection, statement: Statement) -> Rows:
    """Run one SELECT, and return its rows. Call it on the connection's thread."""
    sql, params = statement
    values = [msgspec.json.encode(value).decode() if isinstance(value, list | tuple) else value for value in params]
    return connection.execute(for_sqlite(sql), values).fetchall()


def split_script(script: str) -> Iterator[str]:
    """Yield the statements of a migration one by one; semicolons inside a trigger don't end one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not statement.strip(), statement


def is_broken(error: BaseException | None) -> bool:
    """Return whether the connection must not be used again after this error of SQLite."""
    return isinstance(error, sqlite3.Error) and _code(error) in _OUT_OF_ORDER


def translated(error: Exception) -> Exception:
    """Return the error of the store that an error of SQLite means for a batch."""
    if isinstance(error, sqlite3.Error) and _code(error) in _OUT_OF_ORDER | _BUSY:
        return Unavailable(str(error))
    return WriteFailed(f"{type(error).__name__}: {error}")


def _code(error: sqlite3.Error) -> int:
    return (
        getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
    )  # the primary code; Python's own errors have none

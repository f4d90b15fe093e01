"""Move a festival from an SQLite file into an empty PostgreSQL database: every row as it is, so that the log keeps its
epoch and its positions, idempotency keys still count, and clients resume as if nothing had happened.

    one transaction ─► for each table, referenced ones first: one COPY ─► read back and compared ─► COMMIT
"""

# ruff: noqa: S608  # only names of tables and columns of our own schema are filled in

import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing
from graphlib import TopologicalSorter
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg

from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.postgres.connecting import connect
from festival_push.store.postgres.connection import is_unavailable, said

_WAIT_S: Final = 10.0
_TABLE_S: Final = 6 * 3600.0  # no table takes longer
_CHUNK: Final = 10_000  # rows; a loop turn for each
_KEPT_BY_MIGRATIONS: Final = "schema_migrations"


async def move(source: Path, url: str) -> dict[str, int]:
    """Copy every row of a festival that nobody writes to into tables that hold nothing but a new log's head.

    Args:
        source: An SQLite file of this version.
        url: A PostgreSQL database of this version, of which our role owns the schema.
    Returns:
        The number of rows by table.
    Raises:
        UnsafeDatabase: The two schemas or a table's rows differ; nothing was copied.
        Unavailable: One of the two can't be used, or the connection was lost. If it was lost during COMMIT, the target
            may hold the festival.
    """
    try:
        target = await connect(url, use="write", timeout=_WAIT_S, command_timeout=_TABLE_S, statement_cache_size=0)
    except Exception as error:
        raise _meant(error) from error
    try:
        with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as festival:
            return await _move(festival, target)
    except sqlite3.Error as error:
        raise Unavailable(f"{source}: {error}") from error
    except Exception as error:
        raise _meant(error) from error
    finally:
        target.terminate()


async def _move(festival: sqlite3.Connection, target: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    tables = _tables(festival)
    async with target.transaction():
        for table in tables:  # guards against changes of the past, and what fills derived rows
            await target.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table in reversed(tables):  # migrations have begun a log of their own
            await target.execute(f"DELETE FROM {table}")
        rows = {table: await _copy(festival, target, table) for table in tables}
        for table in tables:
            await target.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return rows


async def _copy(festival: sqlite3.Connection, target: "asyncpg.Connection[asyncpg.Record]", table: str) -> int:
    """Copy one table by one COPY, so that rows may refer to later ones; read it back, and compare."""
    columns = [str(name) for _, name, *_ in festival.execute(f"PRAGMA table_info({table})")]
    found = await target.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped", table
    )
    if {str(name) for (name,) in found} != set(columns):
        raise UnsafeDatabase(f"{table} has other columns in PostgreSQL: bring the SQLite file to this version first")
    listed = ", ".join(columns)
    sent, kept = _Sum(), _Sum()

    async def records() -> AsyncIterator[tuple[Any, ...]]:
        cursor = festival.execute(f"SELECT {listed} FROM {table}")
        while chunk := cursor.fetchmany(_CHUNK):
            for row in sent.counted(chunk):
                yield row

    await target.copy_records_to_table(table, records=records(), columns=columns, timeout=_TABLE_S)
    await target.execute(f"DECLARE kept NO SCROLL CURSOR FOR SELECT {listed} FROM {table}")
    while back := await target.fetch(f"FETCH {_CHUNK} FROM kept"):
        for _ in kept.counted(tuple(record) for record in back):
            pass
    await target.execute("CLOSE kept")
    if (sent.rows, sent.value) != (kept.rows, kept.value):
        raise UnsafeDatabase(f"{table} does not read back as it was: {sent.rows} rows sent, {kept.rows} kept")
    return sent.rows


class _Sum:
    """A sum of rows that does not depend on their order."""

    def __init__(self) -> None:
        self.rows = 0
        self.value = 0

    def counted(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, and take each into the sum."""
        for row in rows:
            self.rows += 1
            self.value += int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest())
            yield row


def _tables(festival: sqlite3.Connection) -> list[str]:
    """Return the names of all tables but that of migrations, each after those that it refers to."""
    names = [
        str(name)
        for (name,) in festival.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        if name != _KEPT_BY_MIGRATIONS
    ]
    graph = {
        name: {str(row[2]) for row in festival.execute(f"PRAGMA foreign_key_list({name})")} - {name} for name in names
    }
    return list(TopologicalSorter(graph).static_order())


def _meant(error: Exception) -> Exception:
    return Unavailable(f"PostgreSQL: {said(error)}") if is_unavailable(error) else error

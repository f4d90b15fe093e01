"""Copy a whole SQLite database as of one moment, and replace one by another."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from festival_push.store.errors import Unavailable

_WAIT_S: Final = 5.0
_SIDE_FILES: Final = ("-wal", "-shm", "-journal")


def copy_sqlite(source: Path, copy: Path) -> None:
    """Copy a database as it stands at one moment; running servers may go on writing meanwhile.

    Args:
        copy: Must not exist; only its owner may read the new file.
    Raises:
        Unavailable: The source can't be read, or is no database.
        OSError: The copy can't be made.
    """
    os.close(os.open(source, os.O_RDONLY))  # so that a missing file gives an OSError, not SQLite's vaguer error
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        # All pages in one step, because with several steps each commit in between would restart the copy.
        with _connected(f"file:{quote(str(source))}?mode=ro") as reading, _connected(str(copy)) as writing:
            reading.backup(writing)
    except sqlite3.Error as error:
        raise Unavailable(f"{source}: {error}") from error


def seal_sqlite(copy: Path) -> None:
    """Turn a database that nobody has open into one single file, and flush it to disk. Raises Unavailable, OSError."""
    try:
        with _connected(str(copy)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite3.Error as error:
        raise Unavailable(f"{copy}: {error}") from error
    flush_to_disk(copy)


def put_in_place(fresh: Path, target: Path, aside: Path) -> bool:
    """Replace the database at `target` by a sealed one, and keep the old one as `aside`.

    There is a database at `target` at every moment. Nobody may have either of them open, and all three paths must be on
    one file system.

    Returns:
        True if there was a database at `target` before.
    Raises:
        OSError: A file could not be linked, moved, deleted or flushed.
    """
    was_there = target.exists()
    # Hard-link the old files first, because opening a damaged database may alter its WAL.
    for suffix in ("", *_SIDE_FILES):
        if (file := _beside(target, suffix)).exists():
            os.link(file, _beside(aside, suffix))
    if was_there:
        _empty_wal(target)
    # SQLite would apply a leftover WAL or journal to the new database, although it belongs to another one.
    for suffix in _SIDE_FILES:
        _beside(target, suffix).unlink(missing_ok=True)
        kept = _beside(aside, suffix)
        if kept.exists() and (suffix == "-shm" or not kept.stat().st_size):
            kept.unlink()
    fresh.replace(target)
    flush_to_disk(target.parent)
    return was_there


def flush_to_disk(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _empty_wal(path: Path) -> None:
    """Checkpoint the WAL into the database file, so that there is only one file to move."""
    try:
        with _connected(str(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        pass  # the database is damaged, which may be why it is being replaced


@contextmanager
def _connected(name: str) -> Iterator[sqlite3.Connection]:
    """Open a connection and close it at the end; sqlite3's own `with` only commits."""
    connection = sqlite3.connect(name, uri=name.startswith("file:"), timeout=_WAIT_S, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()

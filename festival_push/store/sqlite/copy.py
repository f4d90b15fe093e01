"""Whole SQLite files: copied as of one moment, and put in another's place."""

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
    """Copy a database as it stands at one moment, also beside running servers; they write on meanwhile.

    Args:
        copy: Must not exist; is made for its owner alone.
    Raises:
        Unavailable: The source can't be read, or is no database.
        OSError: The copy can't be made.
    """
    os.close(os.open(source, os.O_RDONLY))  # or SQLite's complaint would be all that is said of a missing file
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        # All pages in one step: in several, each commit in between would start the copying anew.
        with _connected(f"file:{quote(str(source))}?mode=ro") as reading, _connected(str(copy)) as writing:
            reading.backup(writing)
    except sqlite3.Error as error:
        raise Unavailable(f"{source}: {error}") from error


def seal_sqlite(copy: Path) -> None:
    """Make a database that nobody has open one single file, and see it to the disk. Raises Unavailable, OSError."""
    try:
        with _connected(str(copy)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite3.Error as error:
        raise Unavailable(f"{copy}: {error}") from error
    flush_to_disk(copy)


def put_in_place(fresh: Path, place: Path, aside: Path) -> bool:
    """Put a sealed database where another one is, which is kept as `aside`. At no moment is there none. Nobody may
    have either of them open, and all three are on one file system. False: there was none before. Raises OSError."""
    was_there = place.exists()
    # Second names first, for whatever SQLite thinks of a damaged file and does to its log.
    for suffix in ("", *_SIDE_FILES):
        if (file := _beside(place, suffix)).exists():
            os.link(file, _beside(aside, suffix))
    if was_there:
        _empty_wal(place)
    # SQLite would play a log that it finds into a database that is not its own, also one that somebody has left behind.
    for suffix in _SIDE_FILES:
        _beside(place, suffix).unlink(missing_ok=True)
        kept = _beside(aside, suffix)
        if kept.exists() and (suffix == "-shm" or not kept.stat().st_size):
            kept.unlink()
    fresh.replace(place)
    flush_to_disk(place.parent)
    return was_there


def flush_to_disk(path: Path) -> None:
    """Have the kernel write a file, or what a folder lists. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _empty_wal(path: Path) -> None:
    """Bring what is in the write-ahead log into the file, so that there is one file to move."""
    try:
        with _connected(str(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        pass  # it is damaged, which may be why it is replaced


@contextmanager
def _connected(name: str) -> Iterator[sqlite3.Connection]:
    """A connection that is closed at the end; sqlite3's own `with` only commits."""
    connection = sqlite3.connect(name, uri=name.startswith("file:"), timeout=_WAIT_S, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()

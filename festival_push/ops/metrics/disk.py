"""The database's upkeep: free space, sizes, and when the last backup and audit were.

With SQLite, `backup` and `audit` leave a small file beside the database, and with PostgreSQL a row in it, which the
servers read when `/metrics` is asked for. So a timer that never ran is seen as well: the time that is told stays as it
was.
"""

import os
import sys
import time
from enum import Enum
from pathlib import Path
from typing import Final

from festival_push.domain.values import Instant
from festival_push.ops.metrics.process import disk_free_bytes
from festival_push.ops.metrics.readings import Reading
from festival_push.store.checks import Kept, Upkeep, keep_check
from festival_push.store.errors import CommitUnknown, Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.opening import open_database

_MODE: Final = 0o644
"""Whoever runs a command may be root, with a strict umask; the server has to read the note."""
_HELD: Final = "held"
_BROKEN: Final = "broken"


class Check(Enum):
    """A command whose last run is noted. The value ends the name of its file, and is that of its row."""

    BACKUP = "last-backup"
    AUDIT = "last-audit"


def note_check(database_file: Path, check: Check, *, held: bool) -> None:
    """Note that a check has ended now, and whether every promise held. The disk's errors are said and not raised:
    the check itself has a result."""
    note = _note_of(database_file, check)
    try:
        fresh = note.with_name(f"{note.name}.{os.getpid()}")
        fresh.write_text(_HELD if held else _BROKEN, "ascii")
        fresh.chmod(_MODE)
        fresh.replace(note)
    except OSError as error:
        _say(error)


async def keep_check_in(url: str, check: Check, *, held: bool) -> None:
    """Note a check as `note_check` does, in a PostgreSQL database."""
    try:
        database = await open_database(url)
        try:
            await keep_check(database, check.value, Kept(Instant(round(time.time() * 1000)), held))
        finally:
            await database.close()
    except (Unavailable, WriteFailed, CommitUnknown, UnsafeDatabase) as error:
        _say(error)


def _say(error: Exception) -> None:
    print(f"this run can't be noted for /metrics: {error}", file=sys.stderr)  # noqa: T201 - a command's own word


def put_upkeep(reading: Reading, upkeep: Upkeep) -> None:
    """Add the metrics of PostgreSQL's upkeep."""
    reading.put("database_bytes", upkeep.size)
    reading.put("old_heads", upkeep.old_heads)
    if (backup := upkeep.checks.get(Check.BACKUP.value)) is not None:
        reading.put("backup_timestamp_seconds", backup.ended_at / 1000)
    if (audit := upkeep.checks.get(Check.AUDIT.value)) is not None:
        reading.put("audit_timestamp_seconds", audit.ended_at / 1000)
        reading.put("audit_held", audit.held)


def put_disk(reading: Reading, database_file: Path) -> None:
    """Add the metrics of the disk. What can't be read is left out. Blocks on the disk: call it on a thread."""
    if (free := disk_free_bytes(database_file.parent)) is not None:
        reading.put("disk_free_bytes", free)
    for name, file in (("database_bytes", database_file), ("wal_bytes", Path(f"{database_file}-wal"))):
        if (size := _size(file)) is not None:
            reading.put(name, size)
    if (backup := _noted(database_file, Check.BACKUP)) is not None:
        reading.put("backup_timestamp_seconds", backup[0])
    if (audit := _noted(database_file, Check.AUDIT)) is not None:
        reading.put("audit_timestamp_seconds", audit[0])
        reading.put("audit_held", audit[1])


def _noted(database_file: Path, check: Check) -> tuple[float, bool] | None:
    """Return when a check has ended, in Unix time, and whether every promise held; None if it is not known."""
    note = _note_of(database_file, check)
    try:
        return note.stat().st_mtime, note.read_text("ascii") == _HELD
    except (OSError, UnicodeDecodeError):
        return None


def _note_of(database_file: Path, check: Check) -> Path:
    return database_file.with_name(f"{database_file.name}.{check.value}")


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None

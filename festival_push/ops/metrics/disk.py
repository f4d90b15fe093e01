"""What is on the database's disk: free space, sizes, and when the last backup and audit were. SQLite only.

`backup` and `audit` leave a small file beside the database, which the servers read when `/metrics` is asked for. So a
timer that never ran is seen as well: the time that is told stays what it was.
"""

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Final

from festival_push.ops.metrics.process import disk_free_bytes
from festival_push.ops.metrics.readings import Reading

_HELD: Final = "held"
_BROKEN: Final = "broken"


class Check(Enum):
    """A command whose last run is noted. The value ends the name of its file."""

    BACKUP = "last-backup"
    AUDIT = "last-audit"


def note_check(database_file: Path, check: Check, *, held: bool) -> None:
    """Note that a check has ended now, and whether every promise held. The disk's errors are said and not raised:
    the check itself has a result."""
    note = _note_of(database_file, check)
    try:
        fresh = note.with_name(f"{note.name}.{os.getpid()}")
        fresh.write_text(_HELD if held else _BROKEN, "ascii")
        fresh.replace(note)
    except OSError as error:
        print(f"this run can't be noted for /metrics: {error}", file=sys.stderr)  # noqa: T201 - a command's own word


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

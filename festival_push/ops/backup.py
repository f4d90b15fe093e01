"""Backups of the SQLite database: made beside running servers, and put in its place when there are none.

    back_up    copy as of one moment ──► every promise checked on the copy ──► the file, under its name at last
    restore    nobody else may open the database ──► copy, migrations, audit, new epoch ──► in place, the old one aside

A restored log uses positions again that clients have seen. Its new epoch tells each of them so: they get a snapshot.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from festival_push.domain.log import LogHead
from festival_push.ops.audit.audit import audit
from festival_push.store.database import Database
from festival_push.store.log import EventLog, renew_epoch
from festival_push.store.migrations.runner import is_empty, migrate, require_current
from festival_push.store.opening import open_database
from festival_push.store.sqlite.copy import copy_sqlite, flush_to_disk, put_in_place, seal_sqlite
from festival_push.store.sqlite.file_lock import UseMark

_FINDINGS_MAX: Final = 5


class BackupError(Exception):
    """It can't be done; the text says why, and nothing was changed."""


class Restored(msgspec.Struct, frozen=True):
    """What was put in place."""

    head: LogHead
    aside: Path | None  # where the database is that was there before


async def back_up(database_file: Path, to: Path) -> LogHead:
    """Make `to`, one file that holds the database as of one moment, mode 0600. Returns where its log stands.

    Raises:
        BackupError: `to` exists, the database is empty, or the copy does not keep every promise. Then it is called
            `<to>.unsound`: no backup to rely on, but nobody shall lose a disk and have nothing.
        UnsafeDatabase: It is of another version: that one's program knows how to check it.
        Unavailable, OSError: Of the disk or of SQLite.
    """
    unsound = to.with_name(f"{to.name}.unsound")
    _require_free(to)
    _require_free(unsound)
    with _staging(to.parent) as folder:
        copy = folder / "copy.db"
        await asyncio.to_thread(copy_sqlite, database_file, copy)
        database = await open_database(_url_of(copy), read_only=True)
        try:
            if await is_empty(database):
                raise BackupError("the database is empty: there is nothing to keep")
            await require_current(database)
            broken = await _broken_promises(database, database_file)
            head = await EventLog(database).head()
        finally:
            await database.close()
        await asyncio.to_thread(seal_sqlite, copy)
        os.link(copy, to if broken is None else unsound)  # unlike a rename, it takes nobody's place
        flush_to_disk(to.parent)
    if broken is not None:
        raise BackupError(f"{broken} The copy is kept as {unsound}")
    return head


async def restore(backup: Path, database_file: Path, *, stamp: str) -> Restored:
    """Put a copy of the backup where the database is, brought to this version and with a new epoch.

    Args:
        backup: Stays as it is.
        stamp: Part of the name under which the present database is kept beside the new one.
    Raises:
        BackupError: A server uses the database, it is somebody else's, or the backup does not keep every promise.
        Unavailable, UnsafeDatabase, WriteFailed, OSError: The backup is no database, or newer than this program; or
            the disk or SQLite fail.
    """
    _require_own(database_file)
    aside = database_file.with_name(f"{database_file.name}.before-{stamp}")
    _require_free(aside)
    with UseMark(database_file, alone=True), _staging(database_file.parent) as folder:
        fresh = folder / "fresh.db"
        await asyncio.to_thread(copy_sqlite, backup, fresh)
        head = await _made_fit(fresh, backup)
        await asyncio.to_thread(seal_sqlite, fresh)
        was_there = await asyncio.to_thread(put_in_place, fresh, database_file, aside)
    return Restored(head, aside if was_there else None)


async def _made_fit(fresh: Path, backup: Path) -> LogHead:
    database = await open_database(_url_of(fresh))
    try:
        if await is_empty(database):
            raise BackupError(f"{backup} is no backup of a festival")
        await migrate(database)
        if (broken := await _broken_promises(database, backup)) is not None:
            raise BackupError(broken)
        return await renew_epoch(database)
    finally:
        await database.close()


async def _broken_promises(database: Database, what: Path) -> str | None:
    """What the audit says against it, in words."""
    broken = [str(finding) for finding in await audit(database) if finding.failure]
    if not broken:
        return None
    more = f" … and {len(broken) - _FINDINGS_MAX} more" if len(broken) > _FINDINGS_MAX else ""
    return f"{what} does not keep every promise: {' '.join(broken[:_FINDINGS_MAX])}{more}"


def _require_free(path: Path) -> None:
    if path.exists():
        raise BackupError(f"{path} exists already")


def _require_own(database_file: Path) -> None:
    """A file of somebody else's, root's perhaps, would keep the server from starting."""
    owned = database_file if database_file.exists() else database_file.parent
    if owned.stat().st_uid != os.geteuid():
        raise BackupError(f"{owned} belongs to another user: run this as the user that the server runs as")


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A private folder on the file system where the result is to be; it vanishes with whatever is left in it."""
    with tempfile.TemporaryDirectory(prefix=".festival-push-", dir=folder) as name:
        yield Path(name)


def _url_of(file: Path) -> str:
    return f"sqlite:///{file}"

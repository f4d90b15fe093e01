"""Backups of the SQLite database: made while servers run, and restored when none does.

    back_up    copy as of one moment ──► audit of the copy ──► the copy gets its final name
    restore    exclusive lock on the database ──► copy, migrations, audit, new epoch ──► in place, the old one aside

A restored log assigns positions again that clients have already seen. Because of its new epoch the clients' cursors are
recognised as stale, and each client gets a snapshot.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from festival_push.domain.log import LogHead
from festival_push.domain.money.amounts import Currency
from festival_push.ops.advice import is_damaged
from festival_push.ops.audit.audit import audit
from festival_push.ops.backups.staging import staging
from festival_push.store.currency import require_currency
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable, UnsafeDatabase
from festival_push.store.log import EventLog, renew_epoch
from festival_push.store.migrations.runner import is_empty, migrate, require_current
from festival_push.store.opening import open_database
from festival_push.store.sqlite.copy import copy_sqlite, flush_to_disk, put_in_place, seal_sqlite
from festival_push.store.sqlite.file_lock import UseMark

_FINDINGS_MAX: Final = 5


class BackupError(Exception):
    """Raised when a backup or a restore is impossible; the text says why, and nothing was changed."""


class Restored(msgspec.Struct, frozen=True):
    """The result of a restore."""

    head: LogHead
    aside: Path | None  # the file of the database that was replaced; None if there was none


async def back_up(database_file: Path, to: Path) -> LogHead:
    """Make `to`, one file that holds the database as of one moment, mode 0600, and return the head of its log.

    Raises:
        BackupError: `to` exists, the database is empty, or the copy does not keep every promise. In the last case the
            copy is kept as `<to>.unsound`: don't rely on it, but it is better than nothing if the disk is lost.
        UnsafeDatabase: The database is of another version; the program of that version can check it.
        Unavailable, OSError: The disk or SQLite failed.
    """
    unsound = to.with_name(f"{to.name}.unsound")
    if not to.parent.is_dir():
        raise BackupError(f"there is no folder {to.parent}")
    _require_free(to)
    _require_free(unsound)
    with staging(to.parent) as folder:
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
        os.link(copy, to if broken is None else unsound)  # unlike a rename, it never replaces a file
        flush_to_disk(to.parent)
    if broken is not None:
        raise BackupError(f"{broken} The copy is kept as {unsound}")
    return head


async def restore(backup: Path, database_file: Path, *, stamp: str, currency: Currency) -> Restored:
    """Replace the database by a copy of the backup, migrated to this version and with a new epoch.

    Args:
        backup: The file to copy; it is not changed.
        database_file: The database to replace; it may be missing.
        stamp: Part of the name under which the present database is kept beside the new one.
        currency: The settings', which the backup's money must be in.
    Raises:
        BackupError: Another user owns the database; or the backup is damaged or no database, newer than this program,
            has money in another currency, or does not keep every promise.
        Unavailable, WriteFailed, OSError: A server uses the database; or there is no backup, or the disk or SQLite
            failed.
    """
    _require_file(backup)
    _require_own(database_file)
    aside = database_file.with_name(f"{database_file.name}.before-{stamp}")
    _require_free(aside)
    with UseMark(database_file, alone=True), staging(database_file.parent) as folder:
        fresh = folder / "fresh.db"
        with _said_of(backup):
            await asyncio.to_thread(copy_sqlite, backup, fresh)
            head = await _made_fit(fresh, backup, currency)
        await asyncio.to_thread(seal_sqlite, fresh)
        was_there = await asyncio.to_thread(put_in_place, fresh, database_file, aside)
    return Restored(head, aside if was_there else None)


@contextmanager
def _said_of(backup: Path) -> Iterator[None]:
    """Let what is wrong with a backup be said of it: who hears it of the database would restore the same one again."""
    try:
        yield
    except UnsafeDatabase as error:
        raise BackupError(f"{backup}: {error}") from error
    except Unavailable as error:
        if not is_damaged(error):
            raise
        raise BackupError(f"{backup} is damaged, or no database: restore another one; nothing has changed") from error


async def _made_fit(fresh: Path, backup: Path, currency: Currency) -> LogHead:
    database = await open_database(_url_of(fresh))
    try:
        if await is_empty(database):
            raise BackupError(f"{backup} is no backup of a festival")
        await migrate(database)
        await require_currency(database, currency)
        if (broken := await _broken_promises(database, backup)) is not None:
            raise BackupError(broken)
        return await renew_epoch(database)
    finally:
        await database.close()


async def _broken_promises(database: Database, what: Path) -> str | None:
    """Audit the database, and return its first broken promises as a text; None if it keeps all. `what` names it."""
    broken = [str(finding) for finding in await audit(database) if finding.failure]
    if not broken:
        return None
    more = f" … and {len(broken) - _FINDINGS_MAX} more" if len(broken) > _FINDINGS_MAX else ""
    return f"{what} does not keep every promise: {' '.join(broken[:_FINDINGS_MAX])}{more}"


def _require_free(path: Path) -> None:
    if path.exists():
        raise BackupError(f"{path} exists already")


def _require_file(backup: Path) -> None:
    """Raise BackupError for a folder, of which SQLite would say that the disk fails."""
    if backup.is_dir():
        raise BackupError(f"{backup} is a folder, and no backup")


def _require_own(database_file: Path) -> None:
    """Raise BackupError if another user, such as root, owns the database: a restored file of the wrong user would keep
    the server from starting."""
    owned = database_file if database_file.exists() else database_file.parent
    if owned.stat().st_uid != os.geteuid():
        raise BackupError(f"{owned} belongs to another user: run this as the user that the server runs as")


def _url_of(file: Path) -> str:
    return f"sqlite:///{file}"

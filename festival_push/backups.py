"""The commands `backup` and `restore`: what they take, and what they say."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from festival_push.existing import require_file
from festival_push.ops.backup import BackupError, back_up, restore
from festival_push.settings import Settings
from festival_push.store.database import open_database
from festival_push.store.log import renew_epoch
from festival_push.store.migrations import migrate


def add_backup_arguments(parser: argparse.ArgumentParser) -> None:
    """What `backup` takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="must not exist")


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """What `restore` takes."""
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    parser.add_argument("--renew-epoch", action="store_true", help="PostgreSQL, after pg_restore: all that is left")


async def run_backup(settings: Settings, parsed: argparse.Namespace) -> int:
    """Make one. Raises as `back_up`; CommandError where there is nothing to copy."""
    file = _sqlite_file(settings)
    require_file(settings)
    head = await back_up(file, parsed.file)
    print(f"{parsed.file}: every promise holds, up to event {head.position}")
    return 0


async def run_restore(settings: Settings, parsed: argparse.Namespace) -> int:
    """Put one in place, or finish what pg_restore has begun. Raises as `restore`."""
    if (parsed.file is None) != parsed.renew_epoch:
        raise BackupError("restore FILE; or, with PostgreSQL, restore --renew-epoch")
    if parsed.renew_epoch:
        return await _renew_epoch(settings)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    restored = await restore(parsed.file, _sqlite_file(settings), stamp=stamp)
    print(f"restored up to event {restored.head.position}; the log's epoch is {restored.head.epoch} now")
    if restored.aside is not None:
        print(f"what was there before is {restored.aside}")
    return 0


async def _renew_epoch(settings: Settings) -> int:
    if settings.database.file is not None:
        raise BackupError("SQLite's epoch is renewed by restore FILE")
    database = await open_database(settings.database.url)
    try:
        await migrate(database)
        head = await renew_epoch(database)
    finally:
        await database.close()
    print(f"the log's epoch is {head.epoch} now, at event {head.position}")
    return 0


def _sqlite_file(settings: Settings) -> Path:
    if (file := settings.database.file) is None:
        raise BackupError("PostgreSQL has its own: pg_dump, and pg_restore followed by restore --renew-epoch")
    return file

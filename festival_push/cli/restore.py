"""`festival-push restore`: put a backup in the database's place, or renew the epoch after pg_restore."""

import argparse
import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from festival_push.cli.databases import CommandError
from festival_push.cli.loading import run_with_settings
from festival_push.domain.signing_in.attendance import is_present
from festival_push.domain.values import Instant
from festival_push.ops.backups.backup import BackupError, restore
from festival_push.ops.backups.dumps import restore_postgres
from festival_push.settings import Settings
from festival_push.store.currency import require_currency
from festival_push.store.log import renew_epoch
from festival_push.store.migrations.runner import applied_migrations, migrate
from festival_push.store.opening import open_database
from festival_push.store.postgres.users import users_of_tables
from festival_push.store.reads.reads import Reads


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is restored."""
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    parser.add_argument("--renew-epoch", action="store_true", help="PostgreSQL, after a pg_restore of your own")


def run(parsed: argparse.Namespace) -> int:
    """Restore; print the new epoch, and where the replaced database is kept. Raises as `restore`."""
    if (parsed.file is None) != parsed.renew_epoch:
        raise BackupError("restore FILE; or, after a pg_restore of your own, restore --renew-epoch")
    if parsed.renew_epoch:
        return run_with_settings(_renew_epoch, parsed)
    return run_with_settings(lambda settings: _restore(settings, parsed.file), parsed)


async def _restore(settings: Settings, backup: Path) -> int:
    if (file := settings.database.file) is None:
        applied = await _applied_without_server(settings)
        await asyncio.to_thread(restore_postgres, settings.database.url, backup, applied=applied)
        try:
            return await _renew_epoch(settings)
        except Exception as error:
            raise CommandError(
                f"the backup is in the database, but its log still has the epoch of before: {error}; when that is "
                "mended, `festival-push restore --renew-epoch`, before a server starts"
            ) from error
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    restored = await restore(backup, file, stamp=stamp, currency=settings.rules().currency)
    print(f"restored up to event {restored.head.position}; the log's epoch is {restored.head.epoch} now")
    if restored.aside is not None:
        print(f"what was there before is {restored.aside}")
    return 0


async def _applied_without_server(settings: Settings) -> set[str]:
    """Return the migrations that a PostgreSQL database has. Raises CommandError while a server uses it, or anybody for
    whom `pg_restore` would wait without a word, for as long as it takes."""
    database = await open_database(settings.database.url, read_only=True)
    try:
        if not (applied := await applied_migrations(database)):
            return applied
        servers, users = await Reads(database).servers(), await users_of_tables(database)
    finally:
        await database.close()
    if any(is_present(server, Instant(round(time.time() * 1000))) for server in servers):
        raise CommandError(
            "a server uses the database: stop that first (with systemd its socket, too); one that was killed is "
            "forgotten in a minute"
        )
    if users is not None:
        raise CommandError(f"somebody uses its tables: {users}: end that first, as by pg_terminate_backend")
    return applied


async def _renew_epoch(settings: Settings) -> int:
    if settings.database.file is not None:
        raise BackupError("SQLite's epoch is renewed by restore FILE")
    database = await open_database(settings.database.url)
    try:
        await migrate(database)
        await require_currency(database, settings.rules().currency)
        head = await renew_epoch(database)
    finally:
        await database.close()
    print(f"the log's epoch is {head.epoch} now, at event {head.position}")
    return 0

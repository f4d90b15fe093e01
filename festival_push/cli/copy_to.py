"""`festival-push copy-to postgresql://…`: move a festival from its SQLite file into PostgreSQL."""

import argparse
import asyncio
import time
from datetime import UTC, datetime

from festival_push.cli.databases import MOVED, CommandError, open_existing
from festival_push.cli.loading import run_with_settings
from festival_push.ops.audit.audit import audit
from festival_push.settings import Settings
from festival_push.settings.checks.postgres_url import SCHEMES, check_postgres_url
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import is_empty, migrate
from festival_push.store.opening import open_database
from festival_push.store.postgres.moving import move
from festival_push.store.sqlite.copy import seal_sqlite
from festival_push.store.sqlite.file_lock import UseMark


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the festival goes."""
    parser.add_argument("url", metavar="URL", help="an empty PostgreSQL database; its password may be in PGPASSWORD")


def run(parsed: argparse.Namespace) -> int:
    """Move the festival; print what was moved, and where the file is that was left. Return 1 if the audit finds more
    there than it found here.

    Raises:
        CommandError: The settings name no SQLite file, or the target is no PostgreSQL, or not empty.
        Unavailable, UnsafeDatabase: As `move`; or a server uses the file.
    """
    if not parsed.url.startswith(SCHEMES):
        raise CommandError(f"the target must begin with {' or '.join(SCHEMES)}")
    try:
        check_postgres_url(parsed.url, writes=True)
    except ValueError as error:
        raise CommandError(f"the target {error}") from None
    return run_with_settings(lambda settings: _move(settings, parsed.url), parsed)


async def _move(settings: Settings, url: str) -> int:
    file = settings.database.file
    if file is None:
        raise CommandError("database.url must name the SQLite file to move")
    await (await open_existing(settings)).close()  # of this version, and no other
    aside = file.with_name(f"{file.name}{MOVED}{datetime.now(UTC):%Y%m%dT%H%M%S}")
    began_s = time.monotonic()
    with UseMark(file, alone=True):
        before = await _findings(settings.database.url, settings)
        await _make_tables(url)
        rows = await move(file, url)
        if more := await _findings(url, settings) - before:
            print("\n".join(sorted(more)))
            print("the copy breaks promises that the file keeps: go on with the file, which is as it was")
            return 1
        await asyncio.to_thread(seal_sqlite, file)
        file.rename(aside)
    database = await open_database(url, read_only=True)
    try:
        head = await EventLog(database).head()
    finally:
        await database.close()
    print(f"{sum(rows.values())} rows of {len(rows)} tables in {time.monotonic() - began_s:.1f} s, each read back")
    print(f"the log goes on as {head.epoch} after event {head.position}; {aside} is what was there before")
    print("start the servers with DATABASE_URL set to the new database")
    return 0


async def _make_tables(url: str) -> None:
    database = await open_database(url)
    try:
        if not await is_empty(database):
            raise CommandError("the target has tables of a festival already: give an empty database (createdb)")
        await migrate(database)
    finally:
        await database.close()


async def _findings(url: str, settings: Settings) -> set[str]:
    """Return the promises that a database breaks."""
    database = await open_database(url, wait_s=200.0, read_only=True)
    try:
        return {str(finding) for finding in await audit(database, providers=settings.funds) if finding.failure}
    finally:
        await database.close()

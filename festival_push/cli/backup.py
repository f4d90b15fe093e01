"""`festival-push backup`: copy the database beside a running server, and check the copy."""

import argparse
import asyncio
from pathlib import Path

from festival_push.cli.databases import open_existing, require_file
from festival_push.cli.loading import run_with_settings
from festival_push.ops.backups.backup import back_up
from festival_push.ops.backups.dumps import dump_postgres
from festival_push.ops.metrics.disk import Check, keep_check_in, note_check
from festival_push.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the copy goes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="must not exist")


def run(parsed: argparse.Namespace) -> int:
    """Copy, check the copy, and print what is known of it. Raises as `back_up` and `dump_postgres`."""
    return run_with_settings(lambda settings: _make_backup(settings, parsed.file), parsed)


async def _make_backup(settings: Settings, to: Path) -> int:
    if (file := settings.database.file) is None:
        await (await open_existing(settings)).close()
        await asyncio.to_thread(dump_postgres, settings.database.url, to)
        await keep_check_in(settings.database.url, Check.BACKUP, held=True)
        print(f"{to}: pg_restore can read all of it; `festival-push audit` checks the database itself")
        return 0
    require_file(settings)
    head = await back_up(file, to)
    note_check(file, Check.BACKUP, held=True)
    print(f"{to}: every promise holds, up to event {head.position}")
    return 0

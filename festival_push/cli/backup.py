"""`festival-push backup`: copy the SQLite database beside a running server, and check the copy."""

import argparse
from pathlib import Path

from festival_push.cli.databases import require_file, sqlite_file
from festival_push.cli.loading import run_with_settings
from festival_push.ops.backup import back_up
from festival_push.ops.metrics.disk import Check, note_check
from festival_push.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the copy goes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="must not exist")


def run(parsed: argparse.Namespace) -> int:
    """Copy, check the copy, and print up to which event every promise holds in it. Raises as `back_up`."""

    async def make_backup(settings: Settings) -> int:
        file = sqlite_file(settings)
        require_file(settings)
        head = await back_up(file, parsed.file)
        note_check(file, Check.BACKUP, held=True)
        print(f"{parsed.file}: every promise holds, up to event {head.position}")
        return 0

    return run_with_settings(make_backup, parsed)

"""`festival-push migrate`: create the database, or bring it to this version."""

import argparse

from festival_push.app import open_store
from festival_push.cli.databases import require_not_moved
from festival_push.cli.loading import run_with_settings
from festival_push.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: the settings name the database."""


def run(parsed: argparse.Namespace) -> int:
    """Apply the missing migrations, and print them. Raises UnsafeDatabase for a newer version's database, CommandError
    for one that has moved."""
    return run_with_settings(_migrate, parsed)


async def _migrate(settings: Settings) -> int:
    require_not_moved(settings)
    async with open_store(settings, begins=False) as store:
        print("\n".join(store.migrated) or "nothing to do")
    return 0

"""Databases that are migrated already, because each is a copy of one that was: migrating takes ten times as long.

Each has an epoch of its own, as if it had been migrated itself. `tests/store/migrations` runs the migrations.
"""

import asyncio
import atexit
import secrets
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from tests.support.servers.sqlite import opened


def new_epoch() -> str:
    """The statement that makes a copied log one of its own."""
    return f"UPDATE log_head SET epoch = '{secrets.token_hex(4)}'"  # noqa: S608 - ours


def migrated_file(path: Path) -> str:
    """Make the SQLite file `path`, which must not exist, without people, money or events; return its URL."""
    assert not path.exists(), path
    shutil.copy(_template(), path)
    with opened(path) as connection:
        connection.execute(new_epoch())
    return f"sqlite:///{path}"


def migrate_now(url: str) -> None:
    """Migrate a database, whether an event loop runs in this thread or not."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(asyncio.run, _migrate(url)).result()


@cache
def _template() -> Path:
    """The file that all others of this process are copied from."""
    folder = tempfile.mkdtemp(prefix="festival-push-template-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "migrated.db"
    migrate_now(f"sqlite:///{path}")
    return path


async def _migrate(url: str) -> None:
    database = await open_database(url)
    try:
        await migrate(database)
    finally:
        await database.close()

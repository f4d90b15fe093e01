"""SQLite files of tests: opened beside the program that uses them, and made.

Most databases of tests are copies of one that was migrated once, each with an epoch of its own: to migrate them would
take five times as long. `tests/store/migrations` runs the migrations.
"""

import asyncio
import atexit
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database


@contextmanager
def opened(database: Path | str) -> Iterator[sqlite3.Connection]:
    """Connect to an existing file; what the block changed is committed at its end, and the connection is closed.

    The `with` of sqlite3 itself does not close: the connection would be left to the garbage collector, which from
    Python 3.13 on warns about it, in whichever test happens to run then.

    Args:
        database: The file, or the `sqlite:///` URL of a server.
    """
    file = Path(str(database).removeprefix("sqlite:///"))
    assert file.exists(), file
    connection = sqlite3.connect(file)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


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

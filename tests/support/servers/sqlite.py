"""SQLite files of tests: opened beside the program that uses them, and made.

Most databases of tests are copies of one that was migrated once, each with an epoch of its own: to migrate them would
take five times as long. `tests/store/migrations` runs the migrations.
"""

import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.support.layout import ROOT


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
    template, epoch = _template()
    path.write_bytes(template.replace(epoch, secrets.token_hex(len(epoch) // 2).encode()))
    return f"sqlite:///{path}"


def migrate_now(url: str) -> None:
    """Migrate a database by a program of its own: those who judge the product import nothing of it."""
    command = [sys.executable, "-m", "festival_push", "migrate"]
    given = {name: text for name, text in os.environ.items() if not name.startswith("FESTIVAL_PUSH_")}
    variables = given | {"DATABASE_URL": url}
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@cache
def _template() -> tuple[bytes, bytes]:
    """The file that all others of this process are copied from, and its epoch, which stands in it once.

    To open each copy for an UPDATE would take four times as long as to make it.
    """
    with tempfile.TemporaryDirectory(prefix="festival-push-template-") as folder:
        path = Path(folder) / "migrated.db"
        migrate_now(f"sqlite:///{path}")
        with opened(path) as connection:
            [epoch] = connection.execute("SELECT epoch FROM log_head").fetchone()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = path.read_bytes()
    assert content.count(epoch.encode()) == 1
    return content, epoch.encode()

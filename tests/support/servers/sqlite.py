"""A SQLite file, opened by a test beside the program that uses it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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

"""Open the database that a URL names."""

from pathlib import Path
from typing import Final

from festival_push.store.database import Database
from festival_push.store.postgres.database import PostgresDatabase
from festival_push.store.sqlite.database import SqliteDatabase

WAIT_S: Final = 5.0


async def open_database(
    url: str, *, readers: int = 4, wait_s: float = WAIT_S, read_url: str = "", read_only: bool = False
) -> Database:
    """Connect; runs no migration.

    Args:
        url: `sqlite:///relative/path.db`, `sqlite:////absolute/path.db` or `postgresql://user@host/name`.
        readers: The most connections for reading.
        wait_s: The longest wait for a lock or a free reader, in seconds.
        read_url: A PostgreSQL replica to read history from; empty: the same database.
        read_only: Create no file, repair nothing, and connect no writer.
    Raises:
        Unavailable: It can't be reached or written.
        UnsafeDatabase: It would acknowledge commits before they are durable.
        ValueError: The URL names neither kind of database.
    """
    if url.startswith("sqlite:///") and (path := url.removeprefix("sqlite:///")):
        return await SqliteDatabase.open(Path(path), readers=readers, wait_s=wait_s, read_only=read_only)
    if url.startswith(("postgresql://", "postgres://")):
        return await PostgresDatabase.open(url, read_url=read_url, readers=readers, wait_s=wait_s, read_only=read_only)
    raise ValueError("a database URL starts with sqlite:/// or postgresql://")

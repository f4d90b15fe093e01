"""What PostgreSQL keeps about its upkeep: its size, when the last backup and audit ended, and what it can't clean up.
SQLite has files."""

from typing import Final

import msgspec

from festival_push.domain.values import Instant
from festival_push.store.database import Database
from festival_push.store.sql import Statement

_READ: Final[tuple[Statement, ...]] = (
    ("SELECT pg_database_size(current_database())", ()),
    ("SELECT name, ended_at, held FROM checks", ()),
    ("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = to_regclass('log_head')", ()),
)
_NOTE: Final = """
    INSERT INTO checks (name, ended_at, held) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET ended_at = excluded.ended_at, held = excluded.held
"""


class Kept(msgspec.Struct, frozen=True):
    """A check that has ended.

    Attributes:
        ended_at: In milliseconds of Unix time.
        held: Whether every promise held.
    """

    ended_at: Instant
    held: bool


class Upkeep(msgspec.Struct, frozen=True):
    """The state of a database.

    Attributes:
        size: In bytes.
        checks: By name; one that never ended is missing.
        old_heads: Versions of the log's head that are of no use but can't go yet, while somebody still reads as of an
            old moment. Each batch reads over all of them, and as many of other rows.
    """

    size: int
    checks: dict[str, Kept]
    old_heads: int


async def read_upkeep(database: Database) -> Upkeep | None:
    """Return what PostgreSQL keeps; None with SQLite. Raises Unavailable."""
    if database.dialect != "postgres":
        return None
    [[(size,)], checks, [(old_heads,)]] = await database.read(*_READ)
    return Upkeep(size, {name: Kept(ended_at, bool(held)) for name, ended_at, held in checks}, old_heads)


async def keep_check(database: Database, name: str, kept: Kept) -> None:
    """Keep that a check has ended, beside running servers. Raises Unavailable, WriteFailed, CommitUnknown."""
    writer = database.writer()
    try:
        await writer.begin()
        await writer.commit((_NOTE, [[name, kept.ended_at, int(kept.held)]]))
    finally:
        await writer.rollback()

"""Migrations: apply the SQL files that bring a database up to date, in order, each once."""

import asyncio
import logging
import random
import secrets
import time
from typing import Final

from festival_push.domain.signing_in.attendance import GONE_AFTER_S
from festival_push.store.database import Database, Writer
from festival_push.store.errors import InUse, UnsafeDatabase
from festival_push.store.migrations.filling import FILLS
from festival_push.store.migrations.scripts import Migration, read_migrations
from festival_push.store.sql import Dialect, Rows, Write

_log = logging.getLogger(__name__)

_APPLIED: Final = "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY);"
_NAMES: Final = "SELECT name FROM schema_migrations"
_KEEPS_HASHES: Final = "0034_versions"
_VERSIONS: Final = "SELECT name, hash, additive FROM schema_migrations"
_NOTE: Final = "INSERT INTO schema_migrations (name, hash, additive) VALUES ($1, $2, $3)"
_NOTE_NAME: Final = "INSERT INTO schema_migrations (name) VALUES ($1)"
_NOTE_HASH: Final = "UPDATE schema_migrations SET hash = $2 WHERE name = $1 AND hash IS NULL"
_NEW_LOG: Final = """
    INSERT INTO log_head (id, epoch, position, transfer_seq, trimmed_to) VALUES (1, $1, 0, 0, 0)
    ON CONFLICT (id) DO NOTHING
"""
_SERVERS_SINCE: Final = "0018_sessions"
_PRESENT: Final = "SELECT COUNT(*) FROM servers WHERE at > $1 AND at < $2"
_PAUSE_S: Final = 1.0


_ANY: Final[dict[Dialect, str]] = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'",
    "postgres": "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL",
}


async def is_empty(database: Database) -> bool:
    """Return whether no migration was ever applied. Raises Unavailable."""
    [rows] = await database.read((_ANY[database.dialect], ()))
    return not rows


async def missing_migrations(database: Database) -> list[str]:
    """Return the names that a database that is not empty lacks. Raises UnsafeDatabase for a newer version's, and
    Unavailable."""
    [rows] = await database.read((_NAMES, ()))
    if (_KEEPS_HASHES,) in rows:
        [rows] = await database.read((_VERSIONS, ()))
    return missing_of(database.dialect, rows)


async def applied_migrations(database: Database) -> set[str]:
    """Return the names of the migrations that a database has; an empty one has none. Raises Unavailable."""
    if await is_empty(database):
        return set()
    [rows] = await database.read((_NAMES, ()))
    return {str(name) for (name,) in rows}


async def require_current(database: Database) -> None:
    """Check a database that is only read and is not empty. Raises UnsafeDatabase unless it has this version."""
    if missing := await missing_migrations(database):
        raise UnsafeDatabase(f"the database is older than this program: it lacks {', '.join(missing)}")


async def migrate(database: Database, *, patience_s: float = 0.0) -> list[str]:
    """Apply the missing migrations, all or none; processes that start together apply them once.

    A migration waits for no lock longer than two seconds, so that others are not held up behind it; it is then tried
    again.

    Args:
        patience_s: For how many seconds to try again while somebody else uses what must change.

    Returns:
        The names of the applied migrations. A new database also gets its epoch, the random name of its log.
    Raises:
        UnsafeDatabase: The database has migrations that this code doesn't know: it belongs to a newer version. Or one
            that is not the one of this code.
        InUse: Somebody uses a table that must change, or a server runs which a migration would break.
        Unavailable, WriteFailed: As in `Writer`.
    """
    ends_s = time.monotonic() + patience_s
    said = ""
    while True:
        try:
            return await _migrate(database)
        except InUse as error:
            if time.monotonic() >= ends_s:
                raise
            if said != (said := str(error)):
                _log.warning("the database can't be brought to this version yet, trying on: %s", said)
            await asyncio.sleep(_PAUSE_S * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret


async def _migrate(database: Database) -> list[str]:
    scripts, writer = read_migrations(database.dialect), database.writer()
    await writer.begin_migration()
    try:
        await writer.run_script(_APPLIED)
        [rows] = await writer.select((_NAMES, ()))
        applied = {str(name) for (name,) in rows}
        if _KEEPS_HASHES in applied:
            [rows] = await writer.select((_VERSIONS, ()))
        missing = [Migration(name, scripts[name]) for name in missing_of(database.dialect, rows)]
        if _SERVERS_SINCE in applied and not all(migration.additive for migration in missing):
            await _require_alone(writer)
        fills = []
        for migration in missing:
            await writer.run_script(migration.script)
            if migration.name in FILLS:
                fills.append(await FILLS[migration.name](writer))
        if missing:
            known = [Migration(name, scripts[name]) for name in scripts if name in applied]
            await writer.commit(
                *_notes(missing, known), (_NEW_LOG, [[secrets.token_hex(4)]]), *[fill for fill in fills if fill[1]]
            )
        return [migration.name for migration in missing]
    finally:
        await writer.rollback()


def _notes(missing: list[Migration], known: list[Migration]) -> list[Write]:
    """Return what is written of migrations: those that were applied now, and the hashes of those that had none."""
    if not any(migration.name >= _KEEPS_HASHES for migration in (*missing, *known)):
        return [(_NOTE_NAME, [[migration.name] for migration in missing])]
    notes: list[Write] = [(_NOTE, [[migration.name, migration.hash, int(migration.additive)] for migration in missing])]
    hashes = [[migration.name, migration.hash] for migration in known]
    return [*notes, (_NOTE_HASH, hashes)] if hashes else notes


async def _require_alone(writer: Writer) -> None:
    """Raise Unavailable while a server runs. It would write by the rules of before into tables that are other ones."""
    now = time.time_ns() // 1_000_000
    [[(servers,)]] = await writer.select((_PRESENT, (now - GONE_AFTER_S * 1000, now + GONE_AFTER_S * 1000)))
    if servers:
        raise InUse(
            f"a server uses the database (processes: {servers}): stop every server first, because the version before "
            "can't go on beside this one (one that was killed is forgotten after a minute)"
        )


def missing_of(dialect: Dialect, rows: Rows) -> list[str]:
    """Return the names that the rows of schema_migrations lack: of `name` alone, or `name, hash, additive`. Raises
    UnsafeDatabase for a newer version's, and for one that is not the one of this code."""
    scripts = read_migrations(dialect)
    applied = {str(row[0]): tuple(row[1:]) for row in rows}
    if newer := sorted(name for name, kept in applied.items() if name not in scripts and kept[1:] != (1,)):
        raise UnsafeDatabase(f"the database is newer than this program: it has {', '.join(newer)}")
    for name, kept in applied.items():
        if name in scripts and kept and kept[0] not in {None, Migration(name, scripts[name]).hash}:
            raise UnsafeDatabase(
                f"{name} is another one here than the one that the database was made with: use the program that made it"
            )
    return [name for name in scripts if name not in applied]

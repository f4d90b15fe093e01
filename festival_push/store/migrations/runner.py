"""Migrations: apply the SQL files that bring a database up to date, in order, each once."""

import secrets
from pathlib import Path
from typing import Final

from festival_push.store.database import Database
from festival_push.store.errors import UnsafeDatabase
from festival_push.store.migrations.filling import FILLS
from festival_push.store.sql import Dialect, Rows

_FOLDER: Final = Path(__file__).with_name("sql")
_WORDS: Final[dict[Dialect, dict[str, str]]] = {
    "sqlite": {"{id}": "TEXT", "{counter}": "INTEGER PRIMARY KEY", "{clustered}": "WITHOUT ROWID"},
    "postgres": {"{id}": 'TEXT COLLATE "C"', "{counter}": "BIGINT PRIMARY KEY", "{clustered}": ""},
}
_APPLIED: Final = "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY);"
_NAMES: Final = "SELECT name FROM schema_migrations"
_NEW_LOG: Final = """
    INSERT INTO log_head (id, epoch, position, transfer_seq, trimmed_to) VALUES (1, $1, 0, 0, 0)
    ON CONFLICT (id) DO NOTHING
"""


_ANY: Final[dict[Dialect, str]] = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'",
    "postgres": "SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL",
}


async def is_empty(database: Database) -> bool:
    """Return whether no migration was ever applied. Raises Unavailable."""
    [rows] = await database.read((_ANY[database.dialect], ()))
    return not rows


def read_migrations(dialect: Dialect) -> dict[str, str]:
    """Return the scripts by name, in order: `NNNN_name.sql`, or `NNNN_name.<dialect>.sql` if the dialects differ."""
    scripts = {}
    for path in sorted(_FOLDER.glob("*.sql")):
        name, *which = path.name.removesuffix(".sql").split(".")
        if which in ([], [dialect]):
            script = path.read_text()
            for word, spelling in _WORDS[dialect].items():
                script = script.replace(word, spelling)
            scripts[name] = script
    return scripts


async def missing_migrations(database: Database) -> list[str]:
    """Return the names that a database that is not empty lacks. Raises UnsafeDatabase for a newer version's, and
    Unavailable."""
    [rows] = await database.read((_NAMES, ()))
    return _missing(database.dialect, rows)


async def require_current(database: Database) -> None:
    """Check a database that is only read and is not empty. Raises UnsafeDatabase unless it has this version."""
    if missing := await missing_migrations(database):
        raise UnsafeDatabase(f"the database is older than this program: it lacks {', '.join(missing)}")


async def migrate(database: Database) -> list[str]:
    """Apply the missing migrations, all or none; processes that start together apply them once.

    Returns:
        The names of the applied migrations. A new database also gets its epoch, the random name of its log.
    Raises:
        UnsafeDatabase: The database has migrations that this code doesn't know: it belongs to a newer version.
        Unavailable, WriteFailed: As in `Writer`.
    """
    scripts, writer = read_migrations(database.dialect), database.writer()
    await writer.begin_migration()
    try:
        await writer.run_script(_APPLIED)
        [rows] = await writer.select((_NAMES, ()))
        missing = _missing(database.dialect, rows)
        fills = []
        for name in missing:
            await writer.run_script(scripts[name])
            if name in FILLS:
                fills.append(await FILLS[name](writer))
        if missing:
            names = [[name] for name in missing]
            await writer.commit(
                ("INSERT INTO schema_migrations (name) VALUES ($1)", names), (_NEW_LOG, [[secrets.token_hex(4)]]),
                *[fill for fill in fills if fill[1]],
            )  # fmt: skip
        return missing
    finally:
        await writer.rollback()


def _missing(dialect: Dialect, names: Rows) -> list[str]:
    applied, known = {name for (name,) in names}, read_migrations(dialect)
    if newer := sorted(applied - known.keys()):
        raise UnsafeDatabase(f"the database is newer than this program: it has {', '.join(newer)}")
    return [name for name in known if name not in applied]

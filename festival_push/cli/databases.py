"""Open existing databases. Only demo, serve, migrate, restore and copy-to create one or bring one to this version; all
other commands refuse to, and say what to do."""

from collections.abc import AsyncIterator
from typing import Final

from festival_push.domain.people.relations import Person
from festival_push.domain.values import UserId
from festival_push.settings import Settings
from festival_push.store.database import Database
from festival_push.store.migrations.runner import is_empty, require_current
from festival_push.store.opening import WAIT_S, open_database
from festival_push.store.reads.reads import Reads

MOVED: Final = ".moved-"
"""Stands in the name that `copy-to` leaves the SQLite file under, before the time."""
_PAGE: Final = 500


class CommandError(Exception):
    """A command can't do what it was asked; the text says why."""


def require_not_moved(settings: Settings) -> None:
    """Raise CommandError if there is no SQLite file because `copy-to` has moved its festival: another one would begin
    there, empty, and every phone that knows this one would be signed out."""
    file = settings.database.file
    if file is None or file.exists():
        return
    if left := sorted(path.name for path in file.parent.glob("*") if path.name.startswith(f"{file.name}{MOVED}")):
        raise CommandError(
            f"the festival has moved into PostgreSQL, and left {left[-1]}: set DATABASE_URL to where it is"
        )


def require_file(settings: Settings) -> None:
    """Raise CommandError if SQLite's file is missing; PostgreSQL has none."""
    require_not_moved(settings)
    file = settings.database.file
    if file is not None and not file.exists():
        demo = "" if settings.production else "`festival-push demo` (or `make run`) makes one to try; "
        raise CommandError(f"there is no database at {file} yet: {demo}`festival-push migrate` makes an empty one")


async def open_existing(settings: Settings, *, wait_s: float = WAIT_S) -> Database:
    """Open a database to read it. Raises CommandError if there is none, UnsafeDatabase if it is another version's."""
    require_file(settings)
    database = await open_database(settings.database.url, wait_s=wait_s, read_only=True)
    try:
        if await is_empty(database):
            raise CommandError("the database is empty; `festival-push migrate` begins one")
        await require_current(database)
    except BaseException:
        await database.close()
        raise
    return database


async def require_existing(settings: Settings) -> None:
    """Require a database before a command writes to it. Raises as `open_existing`."""
    await (await open_existing(settings)).close()


async def all_users(reads: Reads) -> AsyncIterator[Person]:
    """Yield every person, the newest first, read page by page."""
    before: UserId | None = None
    while page := await reads.users(before=before, limit=_PAGE):
        for person in page:
            yield person
        before = page[-1].user_id

"""`festival-push user export` and `user erase`: a person's data, and their end."""

import sys

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, open_existing, require_existing
from festival_push.domain.people.erasing import ErasePerson
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import UserId
from festival_push.ops.person_export import person_json
from festival_push.settings import Settings
from festival_push.store.reads.reads import Reads
from festival_push.web.parsing.ids import new_top_up_code


async def export(settings: Settings, user_id: str) -> int:
    """Print one JSON of all that is kept of a person. Raises CommandError."""
    database = await open_existing(settings)
    try:
        reads = Reads(database)
        person = await reads.person(UserId(user_id))
        if person is None:
            raise CommandError(f"there is no user {user_id!r}")
        async for piece in person_json(reads, person):
            sys.stdout.write(piece.decode())
    finally:
        await database.close()
    return 0


async def erase(settings: Settings, user_id: str, *, sure: bool) -> int:
    """Erase a person for good. Raises CommandError, also if `sure` is not said."""
    if not sure:
        raise CommandError("nothing was changed: with --yes, the person is erased for good")
    await require_existing(settings)
    async with open_store(settings) as store:
        try:
            await store.committer.submit(
                ErasePerson(actor_id=None, user_id=UserId(user_id), top_up_code=new_top_up_code())
            )
        except NotFound:
            raise CommandError(f"there is no user {user_id!r}") from None
    print(f"erased: {user_id}")
    return 0

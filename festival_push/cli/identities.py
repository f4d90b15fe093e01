"""`festival-push user link`, `unlink` and `adopt`: who a person of the identity provider is here.

Before people were keyed by issuer and subject, a provider's person had their subject as their id. Nothing in such a row
says so: a person whom the operator has added without a PIN looks the same. So `adopt` asks the operator.
"""

import re
from typing import Final

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, all_users, require_existing
from festival_push.domain.people.identities import LinkIdentity, UnlinkIdentity, identity_id
from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import AlreadyExists, NotFound
from festival_push.domain.values import UserId
from festival_push.settings import Settings
from festival_push.store.reads.reads import Reads

_MADE_UP: Final = re.compile(r"[a-z0-9]{12}")
"""An id of our own, which is no subject."""
_HASHED: Final = re.compile(r"sub-[0-9a-f]{40}")
"""The id of a person whose subject did not fit: which subject it was can't be told any more."""


async def adopt(settings: Settings, issuer: str, *, sure: bool) -> int:
    """Link everybody who may have come by this issuer with their id as the subject; unless `sure`, only print them.

    Those are people without a PIN, whom no part makes more than a customer, who are not linked, and whose id is not of
    our own form.
    """
    await require_existing(settings)
    async with open_store(settings) as store:
        reads = Reads(store.database)
        for person in [each async for each in all_users(reads) if _may_be_a_subject(each)]:
            if await reads.identities(person.user_id):
                continue
            print(person.user_id, person.name, sep="\t")
            if sure:
                await store.committer.submit(
                    LinkIdentity(user_id=person.user_id, issuer=issuer, subject=person.user_id)
                )
    if not sure:
        print("nothing was changed: with --yes, all of these are linked")
    return 0


def _may_be_a_subject(person: Person) -> bool:
    user = person.user
    is_customer = not (user.admin or user.cashier or person.stalls)
    ours = _MADE_UP.fullmatch(user.user_id) or _HASHED.fullmatch(user.user_id)
    return user.pin_hash is None and is_customer and not ours


async def link(settings: Settings, user_id: str, issuer: str, subject: str) -> int:
    """Let this subject of this issuer be the person. Raises CommandError if it is somebody else, or there is none."""
    await require_existing(settings)
    async with open_store(settings) as store:
        try:
            await store.committer.submit(LinkIdentity(user_id=UserId(user_id), issuer=issuer, subject=subject))
        except NotFound:
            raise CommandError(f"there is no user {user_id!r}") from None
        except AlreadyExists:
            known = await Reads(store.database).identity(identity_id(issuer, subject))
            other = known.user_id if known is not None else None
            raise CommandError(f"that is {other} here: `festival-push user unlink` them first") from None
    if issuer != settings.auth.jwks_issuer:
        print(f"linked, but auth.jwks_issuer is {settings.auth.jwks_issuer!r}: no token of {issuer!r} is accepted now")
    return 0


async def unlink(settings: Settings, user_id: str, issuer: str, subject: str) -> int:
    """Let them be two: the person's sessions by the provider end. Raises CommandError if they are not linked."""
    await require_existing(settings)
    async with open_store(settings) as store:
        try:
            await store.committer.submit(UnlinkIdentity(user_id=UserId(user_id), issuer=issuer, subject=subject))
        except NotFound:
            raise CommandError(f"{user_id!r} is not linked to this subject of this issuer") from None
    return 0

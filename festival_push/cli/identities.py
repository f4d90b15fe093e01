"""`festival-push user link` and `unlink`: who a person of the identity provider is here."""

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, require_existing
from festival_push.domain.people.identities import LinkIdentity, UnlinkIdentity, identity_id
from festival_push.domain.refusals import AlreadyExists, NotFound
from festival_push.domain.values import UserId
from festival_push.settings import Settings
from festival_push.store.reads.reads import Reads


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

"""`festival-push token`: print a token that signs a person in."""

import argparse
from typing import Final

from festival_push.app import open_store, tokens_of
from festival_push.cli.databases import CommandError, open_existing
from festival_push.cli.loading import run_with_settings
from festival_push.domain.values import COMMAND_LINE, UserId
from festival_push.settings import Settings
from festival_push.settings.development import development_secrets
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.issuing import build_issuing

_TTL_S_MAX: Final = 366 * 86_400
_DEVICE: Final = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare whose token, and how long it lives."""
    parser.add_argument("user_id", metavar="USERID")
    parser.add_argument("--ttl", type=int, metavar="SECONDS")


def run(parsed: argparse.Namespace) -> int:
    """Print the token and nothing else. Raises CommandError as `session_token`."""

    async def print_token(settings: Settings) -> int:
        print(await session_token(settings, parsed.user_id, parsed.ttl))
        return 0

    return run_with_settings(print_token, parsed)


async def session_token(
    settings: Settings, user_id: str, ttl_s: int | None = None, *, use: TokenUse = TokenUse.SESSION
) -> str:
    """Issue a session token for this person.

    Args:
        use: `LINK` for the token of a link, which is exchanged for a session.
        ttl_s: How many seconds it lives, 1 to 366 days; None: as long as a session does.

    Raises:
        CommandError: There is no such person, or `ttl_s` is out of bounds.
        Overloaded, Unavailable: As `Committer.submit`.
    """
    if ttl_s is not None and not 1 <= ttl_s <= _TTL_S_MAX:
        raise CommandError(f"--ttl: 1 to {_TTL_S_MAX} seconds")
    database = await open_existing(settings)
    try:
        known = await Reads(database).person(UserId(user_id))
    finally:
        await database.close()
    if known is None:
        raise CommandError(f"there is no user {user_id!r}")
    settings = development_secrets(settings)
    tokens = tokens_of(settings)
    if use is TokenUse.LINK:
        lives_s = ttl_s or settings.auth.token_ttl_s
        return tokens.issue(user_id, use, lives_s, version=known.user.session_version).token
    async with open_store(settings) as store:  # it is a session like all others: listed, and ended, by its person
        issuing = build_issuing(settings, tokens, store.committer)
        return (await issuing.begin(known.user, device=_DEVICE, ttl_s=ttl_s, actor=COMMAND_LINE)).token

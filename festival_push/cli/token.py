"""`festival-push token`: print a token that signs a person in."""

import argparse
from typing import Final

from festival_push.app import tokens_of
from festival_push.cli.databases import CommandError, open_existing
from festival_push.cli.loading import run_with_settings
from festival_push.domain.values import UserId
from festival_push.settings import Settings
from festival_push.settings.development import development_secrets
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.claims import TokenUse

_TTL_S_MAX: Final = 366 * 86_400


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
    """
    if ttl_s is not None and not 1 <= ttl_s <= _TTL_S_MAX:
        raise CommandError(f"--ttl: 1 to {_TTL_S_MAX} seconds")
    database = await open_existing(settings)
    try:
        person = await Reads(database).person(UserId(user_id))
    finally:
        await database.close()
    if person is None:
        raise CommandError(f"there is no user {user_id!r}")
    ttl_s = ttl_s or settings.auth.token_ttl_s
    tokens = tokens_of(development_secrets(settings))
    return tokens.issue(user_id, use, ttl_s, version=person.user.session_version).token

"""The rows of signing in. As all of `rows`."""

import msgspec

from festival_push.domain.values import Instant


class Guesses(msgspec.Struct, frozen=True, kw_only=True):
    """Wrong PINs, counted: of an account, or of an address or everybody, whose failures come back evenly."""

    guesses_key: str  # a keyed hash, which names nobody
    failures: int  # since then, in a row
    since: Instant
    free_at: Instant  # an account's next try; a budget: when all of it is free again
    expires_at: Instant  # from this instant on it is as if it did not exist


class SpentToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is no longer valid: a used ticket, or an ended session."""

    jti: str
    expires_at: Instant

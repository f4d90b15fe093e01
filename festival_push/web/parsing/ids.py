"""Ids and codes, made at random."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from festival_push.domain.values import Instant

_SPOKEN: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, no 1/i/l: read off a screen, typed on a phone
_USER_ID_CHARS: Final = 12  # 59 bits
_SIGN_IN_GROUPS: Final = 3  # of four characters: 59 bits, so that nobody finds a name by trying
_VENDOR_ID_CHARS: Final = 10  # of 10,000 stalls any two have the same with a chance of 1 in 16 million
_PAIRING_CODE_CHARS: Final = 6  # 31^6 = 887,503,681: typed with a remote control, so no longer than it must be
_TOP_UP_CODE_CHARS: Final = 10  # UNIQUE in SQL; among 20,000 people a collision has a chance of 1 in 4 million


def new_id() -> str:
    """Make an id of 20 URL-safe characters, 120 bits."""
    return secrets.token_urlsafe(15)


def new_order_id(now: Instant) -> str:
    """Make an id of 22 URL-safe characters: the time, by which ids sort, then 64 random bits.

    Orders of one moment are neighbours in every index that they are in, so that a batch writes a page of each index
    rather than a page for each order. `docs/performance.md` says what that saves.
    """
    return f"{now:011x}{secrets.token_urlsafe(8)}"


def new_user_id() -> str:
    """Make the id of a person, by which others know them."""
    return _spoken(_USER_ID_CHARS)


def new_sign_in() -> str:
    """Make what a person types to sign in, and nobody else is shown: `k7mp-x3wd-9qrt`."""
    return "-".join(_spoken(4) for _ in range(_SIGN_IN_GROUPS))


def new_vendor_id() -> str:
    """Make the id of a stall. It stands in addresses and on stickers, and says nothing about a person."""
    return _spoken(_VENDOR_ID_CHARS)


def new_top_up_code() -> str:
    """Make the code that a person quotes with a payment, in capitals."""
    return _spoken(_TOP_UP_CODE_CHARS).upper()


def new_vendor_code() -> str:
    """Make an invitation to open a stall; only its `vendor_code_hash` is stored."""
    return "-".join(_spoken(4) for _ in range(4)).upper()


def vendor_code_hash(code: str) -> str:
    """Return the hash of an invitation. Case, dashes and spaces don't matter. No salt: the code has 79 random bits."""
    return sha256(_letters(code)).hexdigest()


def new_pairing_code() -> str:
    """Make the code that is typed on a screen to pair it; only its `pairing_code_hash` is stored."""
    return _spoken(_PAIRING_CODE_CHARS).upper()


def pairing_code_hash(code: str, secret: str) -> str:
    """Return the hash of a pairing code. Case, dashes and spaces don't matter.

    Keyed with the server's secret, because a code is so short that a plain hash could be reversed in seconds by whoever
    reads a copy of the database.
    """
    key = hmac.digest(secret.encode(), b"festival-push pairing codes", "sha256")
    return hmac.new(key, _letters(code), "sha256").hexdigest()


def secret_hash(secret: str) -> str:
    """Return the hash of a secret that `new_id` has made, or of what somebody sent as one. No salt: it has 120 bits."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _letters(code: str) -> bytes:
    """Return the letters of a code that somebody typed, however they grouped them."""
    return code.replace("-", "").replace(" ", "").lower().encode("utf-8", "replace")


def _spoken(chars: int) -> str:
    return "".join(secrets.choice(_SPOKEN) for _ in range(chars))

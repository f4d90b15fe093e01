"""Recovery codes: on paper, for who has lost their second factors."""

from typing import Annotated, Final

from msgspec import Meta

from festival_push.domain.signing_in.factors import RECOVERY_CODES
from festival_push.web.parsing.ids import new_vendor_code, vendor_code_hash

RecoveryCode = Annotated[str, Meta(min_length=1, max_length=40, description="As it was shown; case and dashes aside.")]

_CODES: Final = RECOVERY_CODES


def new_recovery_codes() -> tuple[str, ...]:
    """Make a person's codes, 79 random bits each; only their hashes are stored."""
    return tuple(new_vendor_code() for _ in range(_CODES))


def recovery_hash(code: str) -> str:
    """Return the hash of a code, however it was grouped when it was typed. No salt: it has 79 random bits."""
    return vendor_code_hash(code)

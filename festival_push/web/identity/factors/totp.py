"""Codes of authenticator apps (TOTP, RFC 6238): six digits from SHA-1, others every thirty seconds.

That is what all apps can do."""

from typing import Annotated, Final

import pyotp
from pyotp.exceptions import OTPVerificationError

from festival_push.domain.values import Instant
from festival_push.web.parsing.fields import matching

STEP_S: Final = 30
WINDOW_STEPS: Final = 1
"""How many steps a phone's clock may be off, both ways: 30 to 60 seconds."""

Totp = Annotated[str, matching(r"^[0-9]{6}(?![\s\S])", "^[0-9]{6}$", description="6 digits, as the app shows them.")]


def new_secret() -> str:
    """Make the secret of an app: 160 bits, in base32."""
    return pyotp.random_base32()


def app_url(secret: str, *, name: str, issuer: str) -> str:
    """Return the address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, now: Instant) -> int | None:
    """Return the step (of thirty seconds since 1970) whose code this is; None if it is of none near the present."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now // 1000, valid_window=WINDOW_STEPS)
    except OTPVerificationError:
        return None

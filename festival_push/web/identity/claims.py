"""The claims of a token, once its signature is verified."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from jwt.types import Options
from msgspec import Meta

from festival_push.domain.values import Instant
from festival_push.web.parsing.fields import Id


class TokenUse(StrEnum):
    """What a token may be used for, and nothing else. The value is appended to `auth.audience`."""

    SESSION = ""
    TICKET = ":ticket"
    STREAM = ":stream"
    DISPLAY = ":display"
    LINK = ":link"  # exchanged for a session, after a question; never in production
    NEW_SIGN_IN = ":new-sign-in"  # the desk offers one; exchanged for a new name and PIN, once
    CHALLENGE = ":challenge"  # a sign-in that a second factor completes
    PASSKEY = ":passkey"  # a sign-in by a passkey alone
    ENROLMENT = ":enrolment"  # of a second factor


DISPLAY_TTL_S: Final = 30 * 24 * 3600
"""How long a display's token is valid: a festival, and the days of building it up."""


class InvalidToken(Exception):
    """The token is not ours, or not for this use; the text says why, and may be shown to the caller."""


class ExpiredToken(InvalidToken):
    """The token was valid, but its time is over; `claims` has what it said."""

    def __init__(self, claims: "Claims") -> None:
        super().__init__("The token has expired.")
        self.claims = claims


class Claims(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The claims that we use."""

    sub: Id
    jti: Id
    iat: int  # seconds since 1970, as all of a token's times
    exp: Annotated[int, Meta(ge=0, le=10**11)]
    nbf: int = 0
    sid: str | None = None  # jti of the session that a ticket or a stream token belongs to
    until: int | None = None  # when that session expires
    ticket: str | None = None  # jti of the ticket that a stream token belongs to
    ver: int = 0  # the person's `session_version` when the session began
    screen: bool = False  # `sub` is a display
    sealed: str | None = None  # the secret that an enrolment is about
    name: str | None = None  # of a person, as an identity provider knows them
    subject: str | None = None  # whom the provider means; `sub` is then the id of that identity
    key: str | None = None  # fingerprint of the provider's key that vouches for the session; None: it is ours
    audience: TokenUse = TokenUse.SESSION
    external: bool = False  # signed by an identity provider

    @property
    def session(self) -> str:
        """The jti of the session that this token belongs to, or is: it is refused once that session has ended."""
        return self.sid or self.jti

    @property
    def session_expires_at(self) -> Instant:
        """When the session expires."""
        return Instant((self.until or self.exp) * 1000)

    @property
    def expires_at(self) -> Instant:
        """When this token expires."""
        return Instant(self.exp * 1000)


# We check times ourselves, with the clock that is passed in, and expiry without leeway: PyJWT has one leeway for all.
# We check `aud` ourselves because one token is tried for several audiences.
CHECKED_BY_US: Final[Options] = {
    "require": ["exp", "iat", "sub", "aud", "iss", "jti"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
}


def to_claims(payload: dict[str, Any]) -> Claims:
    """Convert a verified payload to `Claims`. Raises InvalidToken."""
    try:
        return msgspec.convert(payload, Claims)
    except msgspec.ValidationError as error:
        raise InvalidToken(f"The token's claims are not right: {error}.") from None

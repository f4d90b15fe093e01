"""What a token says, once its signature is verified."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from jwt.types import Options
from msgspec import Meta

from festival_push.domain.values import Instant
from festival_push.web.parsing.fields import Id


class TokenUse(StrEnum):
    """What a token is good for; none can stand in for another. The value is put behind `auth.audience`."""

    SESSION = ""
    TICKET = ":ticket"
    STREAM = ":stream"
    DISPLAY = ":display"


class InvalidToken(Exception):
    """Not a token of ours, or not for this; the text says why and is fit to be shown."""


class ExpiredToken(InvalidToken):
    """It was right once."""

    def __init__(self, claims: "Claims") -> None:
        super().__init__("The token has expired.")
        self.claims = claims


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that we use."""

    sub: Id
    jti: Id
    iat: int  # seconds since 1970, as all of a token's times
    exp: Annotated[int, Meta(ge=0, le=10**11)]
    nbf: int = 0
    sid: str | None = None  # jti of the session that a ticket or a stream token hangs on
    until: int | None = None  # when that session expires
    ticket: str | None = None  # jti of the ticket that a stream token belongs to
    ver: int = 0  # the person's `session_version` when the session began
    screen: bool = False  # `sub` is a display
    name: str | None = None  # of a person, as an identity provider knows them
    audience: TokenUse = TokenUse.SESSION
    external: bool = False  # signed by an identity provider

    @property
    def session(self) -> str:
        """The jti that ends it all."""
        return self.sid or self.jti

    @property
    def session_expires_at(self) -> Instant:
        """When the session ends on its own."""
        return Instant((self.until or self.exp) * 1000)

    @property
    def expires_at(self) -> Instant:
        """When this token ends."""
        return Instant(self.exp * 1000)


# Times are checked against the clock that is handed down, and an expiry without leeway; PyJWT has one leeway for all.
# The audience is looked at by us because one token is tried for several.
CHECKED_BY_US: Final[Options] = {
    "require": ["exp", "iat", "sub", "aud", "iss", "jti"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
}


def to_claims(payload: dict[str, Any]) -> Claims:
    """Type a verified payload. Raises InvalidToken."""
    try:
        return msgspec.convert(payload, Claims)
    except msgspec.ValidationError as error:
        raise InvalidToken(f"The token's claims are not right: {error}.") from None

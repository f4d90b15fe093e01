"""The challenge of a sign-in that needs a second step."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

SECOND_FACTOR_REQUIRED: Final = "second-factor-required"
"""The code of the 401 to a right PIN that is not enough."""
CHALLENGE_TTL_S: Final = 300
ENROLMENT_TTL_S: Final = 600

Method = Literal["totp", "passkey", "recoveryCode"]
SignedText = Annotated[str, Meta(min_length=1, max_length=4096, description="As it was given out.")]
"""A token that a client only hands back."""


class SecondStepAsked(msgspec.Struct, frozen=True, rename="camel"):
    """What comes with the refusal: how to go on."""

    challenge: str
    methods: tuple[Method, ...]
    passkey: Annotated[dict[str, Any], Meta(description="Options for `navigator.credentials.get`.")] | UnsetType = UNSET

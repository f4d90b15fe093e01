"""The PIN again before money leaves: a phone that was left signed in, or a stolen token, is not enough."""

from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.signing_in.guesses import CountTry
from festival_push.domain.signing_in.refusals import WrongPin
from festival_push.web.api.people.pin_check import require_own_pin
from festival_push.web.identity.pins import BUSY
from festival_push.web.parsing.fields import Body
from festival_push.web.parsing.problems import ProblemError
from festival_push.web.routing.endpoint import Call, Refusal

B = TypeVar("B", bound=Body)

FRESH_MS: Final = 5 * 60 * 1000
"""How long after signing in nobody is asked again."""
PIN_REFUSES: Final[tuple[Refusal, ...]] = ((403, "pin-required"), WrongPin, *CountTry.REFUSES, BUSY)
"""What `require_pin` refuses."""


async def require_pin(call: Call, pin: str | UnsetType) -> None:
    """Require the caller's PIN, unless they have just signed in, or have none. A wrong one counts like any other.

    Raises:
        ProblemError: 403, it was not given.
        WrongPin, TooManyTries: As anywhere.
        TooBusy, ClientDisconnect: As `Call.verify_pin`.
    """
    caller, services = call.user(), call.services
    if caller.user.pin_hash is None:
        return  # an identity provider's, or signed in by a token of the command line
    if pin is UNSET:
        if caller.began_at is not None and services.now() - caller.began_at <= FRESH_MS:
            return
        raise ProblemError(403, "pin-required", "Give your PIN again.")
    await require_own_pin(call, pin)


def without_pin(body: B) -> B:
    """Return a body as it is remembered under its key: a hash in which a PIN is all that is unknown would tell it."""
    return msgspec.structs.replace(body, pin=UNSET)

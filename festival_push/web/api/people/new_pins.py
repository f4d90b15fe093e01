"""New PINs: refused if they are guessed too easily, then hashed."""

from collections.abc import Iterable

import msgspec

from festival_push.domain.people.relations import Person
from festival_push.domain.signing_in.weak_pins import weakness
from festival_push.web.parsing.problems import BadRequest, FieldError
from festival_push.web.routing.endpoint import Call

WEAK = (400, "weak-pin")
"""The refusal that every route that sets a PIN may answer: status and code."""


class NewPin(msgspec.Struct, frozen=True):
    """What is kept of a PIN: its hash, and how long it is."""

    pin_hash: str
    digits: int


async def new_pin(call: Call, pin: str, about: Iterable[str] = (), *, field: str = "pin") -> NewPin:
    """Return what is kept of a PIN that somebody shall have.

    Args:
        about: The person's own names and ids.
        field: Where the request says it.
    Raises:
        BadRequest: The PIN is weak.
        TooBusy, ClientDisconnect: As `Call.hash_pin`.
    """
    if (why := weakness(pin, about)) is not None:
        raise BadRequest(f"{field}: {why}", [FieldError(field, why)], code=WEAK[1])
    return NewPin(await call.hash_pin(pin), len(pin))


def names_of(person: Person) -> tuple[str, ...]:
    """Return the names and ids of a person, of which none may hold the PIN."""
    user = person.user
    names = user.user_id, user.name, user.top_up_code, user.sign_in, *person.stalls
    return tuple(name for name in names if name is not None)

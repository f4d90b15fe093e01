"""How long a PIN must be: longer for those who can do more with it."""

from typing import Final

from festival_push.domain.people.relations import Person, is_staff
from festival_push.domain.signing_in.refusals import PinTooShort

STAFF_DIGITS_MIN: Final = 6


def is_too_short(person: Person) -> bool:
    """Return whether a person should set a longer PIN. A PIN of before, whose length is not known, may be."""
    return is_staff(person) and 0 < person.user.pin_digits < STAFF_DIGITS_MIN


def require_long_enough(person: Person) -> None:
    """Raise PinTooShort if this person's PIN, which they are about to get, is too short for what they are."""
    if is_too_short(person):
        raise PinTooShort(pin_digits_min=STAFF_DIGITS_MIN)

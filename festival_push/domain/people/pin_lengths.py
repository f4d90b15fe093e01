"""How long a PIN must be: longer for those who can do more with it."""

from typing import Final

from festival_push.domain.refusals import PinTooShort
from festival_push.domain.rows import User
from festival_push.domain.values import Role

STAFF_DIGITS_MIN: Final = 6


def is_staff(user: User) -> bool:
    """Return whether a person can do more than a customer: keeps a stall, or runs the festival."""
    return user.role is not Role.CUSTOMER


def is_too_short(user: User) -> bool:
    """Return whether a person should set a longer PIN. A PIN of before, whose length is not known, may be."""
    return is_staff(user) and 0 < user.pin_digits < STAFF_DIGITS_MIN


def require_long_enough(user: User) -> None:
    """Raise PinTooShort if this person's PIN, which they are about to get, is too short for what they are."""
    if is_too_short(user):
        raise PinTooShort(pin_digits_min=STAFF_DIGITS_MIN)

"""Amounts written in major units, as people and payment providers write them: `12.50` is 1250 cents. No floats."""

import re
from typing import Final

from festival_push.domain.money.amounts import minor_digits

_MAJOR: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?")
_MINOR: Final = re.compile(r"[0-9]{1,15}")


class BadAmount(ValueError):
    """The text is not an amount of this currency; the message says why, fit for the sender."""


def parse_major(text: str, currency: str) -> int:
    """Read an amount in major units as minor units, exactly.

    Raises:
        BadAmount: It is no plain decimal number, or has more digits after the point than the currency. That also holds
            for zeros: in `12.500` the point may well divide thousands.
    """
    match = _MAJOR.fullmatch(text)
    if match is None:
        raise BadAmount("Write the amount as a plain decimal number, like 12.50.")
    whole, fraction = match[1], match[2] or ""
    digits = minor_digits(currency)
    if len(fraction) > digits:
        raise BadAmount(f"{currency} has {digits} digits after the point.")
    return int(whole + fraction.ljust(digits, "0"))


def parse_minor(text: str) -> int:
    """Read an amount that is in minor units already. Raises BadAmount."""
    if not _MINOR.fullmatch(text):
        raise BadAmount("Write the amount as a whole number of minor units.")
    return int(text)

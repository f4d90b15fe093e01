"""IBANs, as people type them and as banks take them, and the account of the festival that pays.

`schwifty` knows the countries' lengths and formats, and the codes of their banks.
"""

import re
from typing import Final

from schwifty import BIC, IBAN
from schwifty.exceptions import InvalidChecksumDigits, InvalidLength, SchwiftyException

IBAN_CHARS_MAX: Final = 34
HOLDER_CHARS_MAX: Final = 70
"""As many as a bank's file has room for."""
_BLANKS: Final = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff-]+")
_SHOWN: Final = 4


class WrongIban(ValueError):
    """The text is no IBAN; `str()` says why, for who typed it."""


def parse_iban(text: str) -> str:
    """Return an IBAN as it is kept: capitals, without blanks. Raises WrongIban."""
    typed = _BLANKS.sub("", text).upper().removeprefix("IBAN").lstrip(":")
    if not typed.isascii() or not 1 <= len(typed) <= IBAN_CHARS_MAX:
        raise WrongIban("is not an IBAN")
    try:
        return str(IBAN(typed))
    except InvalidChecksumDigits:
        raise WrongIban("has a wrong digit somewhere: compare it with your card") from None
    except InvalidLength:
        raise WrongIban("has too few or too many characters") from None
    except SchwiftyException:
        raise WrongIban("is not an IBAN") from None


def parse_bic(text: str) -> str:
    """Return a BIC as it is kept. Raises ValueError."""
    try:
        return str(BIC(text.strip().upper()))
    except SchwiftyException:
        raise ValueError("is not a BIC") from None


def masked(iban: str) -> str:
    """Return an IBAN as it is shown to all but those who pay: its country and its last four characters."""
    return f"{iban[:2]}…{iban[-_SHOWN:]}"


def in_sepa(iban: str) -> bool:
    """Return whether a SEPA transfer reaches this account."""
    return IBAN(iban).in_sepa_zone


def bic_of(iban: str) -> str | None:
    """Return the BIC of an account's bank; None if it is not known."""
    bic = IBAN(iban).bic
    return None if bic is None else str(bic)

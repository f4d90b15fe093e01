"""Bank accounts that nobody has, with the check digits of ISO 13616."""

from typing import Final

_BANK: Final = "37040044"
_COUNTRY: Final = "131400"  # DE, as digits, and 00 for the check digits


def iban(number: int) -> str:
    """Return the IBAN of an account at a German bank; `number` has ten digits at most."""
    account = f"{_BANK}{number:010}"
    check = 98 - int(account + _COUNTRY) % 97
    return f"DE{check:02}{account}"

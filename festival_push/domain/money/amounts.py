"""Format amounts for people: 1250 minor units of EUR become `12.50 EUR`. No floats."""

from typing import Final

_NO_DIGITS: Final = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
_THREE_DIGITS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def minor_digits(currency: str) -> int:
    """Return how many digits a currency's amounts have after the decimal point: 0, 2 or 3, by ISO 4217."""
    if currency in _NO_DIGITS:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def major_text(amount: int, currency: str) -> str:
    """Return an amount of minor units in major units, without the currency: `12.50`, `-0.05`."""
    digits = minor_digits(currency)
    if not digits:
        return str(amount)
    whole, fraction = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{fraction:0{digits}}"


def amount_text(amount: int, currency: str) -> str:
    """Return an amount of minor units with its currency code, readable in every language: `12.50 EUR`."""
    return f"{major_text(amount, currency)} {currency}"

"""Amounts as payment providers write them: in major or minor units, with digits and a sign of their own."""

from typing import Final

from festival_push.domain.money.amounts import minor_digits
from festival_push.settings import STRIPE_DIGITS, FundsProvider
from festival_push.web.parsing.minor_units import BadAmount, parse_major, parse_minor

_MINOR: Final = "minor"


def parse_reported(text: str, mapping: FundsProvider, currency: str) -> int:
    """Read a reported amount as minor units of the festival, exactly. Raises BadAmount."""
    if mapping.amount_sign:
        text = text.removeprefix(mapping.amount_sign).removesuffix(mapping.amount_sign).strip()
    theirs = _digits(mapping, currency)
    if mapping.amount_unit == _MINOR:
        return _rescaled(parse_minor(text), theirs, minor_digits(currency), currency)
    return parse_major(text if mapping.amount_digits < 0 else _cut(text, theirs, currency), currency)


def _digits(mapping: FundsProvider, currency: str) -> int:
    """Return how many digits the provider counts or writes after the point."""
    if mapping.amount_digits >= 0:
        return mapping.amount_digits
    known = minor_digits(currency)
    return STRIPE_DIGITS.get(currency, known) if mapping.preset == "stripe" else known


def _rescaled(amount: int, theirs: int, ours: int, currency: str) -> int:
    if theirs <= ours:
        scaled: int = amount * 10 ** (ours - theirs)
        return scaled
    whole, rest = divmod(amount, 10 ** (theirs - ours))
    if rest:
        raise BadAmount(f"{currency} has {ours} digits after the point.")
    return whole


def _cut(text: str, theirs: int, currency: str) -> str:
    """Cut the zeros that the provider always writes and the currency does not have: `1500.00` yen."""
    whole, point, fraction = text.partition(".")
    extra = fraction[minor_digits(currency) :]
    if not point or len(fraction) != theirs or extra.strip("0"):
        return text
    kept = fraction[: len(fraction) - len(extra)]
    return f"{whole}.{kept}" if kept else whole

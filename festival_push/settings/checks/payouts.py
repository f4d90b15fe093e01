"""Check the settings of payouts: a wrong IBAN would be noticed only when the bank refuses the file."""

from collections.abc import Iterator
from typing import Final

from festival_push.domain.payouts.ibans import parse_bic, parse_iban
from festival_push.settings.sections import PayoutSettings

_WORDS_MAX: Final = 140
_NAME_MAX: Final = 70


def wrong_payouts(payouts: PayoutSettings) -> Iterator[tuple[str, str]]:
    """Yield the names of settings that are wrong, each with what is wrong."""
    for key, parse in (("iban", parse_iban), ("bic", parse_bic)):
        text = getattr(payouts, key)
        try:
            _ = text and parse(text)
        except ValueError as error:
            yield key, f"{text!r} {error}"
    try:
        payouts.until_instant()
    except ValueError as error:
        yield "until", f"{payouts.until!r} is no time: {error}"
    for key, most in (("name", _NAME_MAX), ("donations_for", _WORDS_MAX)):
        if len(getattr(payouts, key)) > most:
            yield key, f"must have at most {most} characters"

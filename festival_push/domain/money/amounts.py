"""A currency with the place of its decimal point, and amounts in words: 1250 of EUR become `12.50 EUR`. No floats."""

import re
from typing import Final

import msgspec

DIGITS_MAX: Final = 4

_ISO_4217: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
ISO_DIGITS: Final = {code: digits for digits, codes in _ISO_4217.items() for code in codes.split()}
"""The digits after the point of every currency of ISO 4217, funds codes too; not of what has no minor unit."""

_EURO_IS: Final = {
    2: "AFN ALL AMD AOA BDT BIF CVE DJF DOP DZD ERN ETB GMD GYD HTG INR ISK JMD JPY KES KGS KMF KPW LKR LRD MKD MUR "
    "MVR MZN NIO NPR PHP PKR RSD RUB SRD SSP THB VES VUV XPF YER",
    3: "ARS CDF CLP CRC GNF HUF IQD KRW KZT MGA MMK MNT MWK NGN RWF SDG SOS TZS UGX XAF XOF",
    4: "COP IDR KHR LAK PYG SYP UZS VND",
    5: "IRR LBP",
}
_EURO_POWERS: Final = {code: power for power, codes in _EURO_IS.items() for code in codes.split()}
"""How many of a currency's units a euro roughly is, as a power of ten: only for the defaults of limits."""


class Currency(msgspec.Struct, frozen=True, kw_only=True):
    """What every amount of a festival is counted in: one minor unit is 10**-digits of `code`.

    Raises:
        ValueError: The code is not three capital letters, or the digits are not within 0..DIGITS_MAX.
    """

    code: str  # ISO 4217, or the organiser's own
    digits: int  # after the decimal point, 0..DIGITS_MAX

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Z]{3}", self.code) or not 0 <= self.digits <= DIGITS_MAX:
            raise ValueError(f"{self.code!r} with {self.digits} digits is no currency")

    def __str__(self) -> str:
        words = {0: "no digits", 1: "1 digit"}
        return f"{self.code} with {words.get(self.digits, f'{self.digits} digits')} after the point"

    def minor_units(self, euros: int) -> int:
        """Return an amount in minor units that is of the order of so many euros: the default of a limit."""
        return int(euros * 10 ** (_EURO_POWERS.get(self.code, 0) + self.digits))


def currency_of(code: str) -> Currency:
    """Return a currency with its digits of ISO 4217. Raises KeyError if that does not list it."""
    return Currency(code=code, digits=ISO_DIGITS[code])


def major_text(amount: int, currency: Currency) -> str:
    """Return an amount of minor units in major units, without the currency: `12.50`, `-0.05`."""
    if not currency.digits:
        return str(amount)
    whole, fraction = divmod(abs(amount), 10**currency.digits)
    return f"{'-' if amount < 0 else ''}{whole}.{fraction:0{currency.digits}}"


def amount_text(amount: int, currency: Currency) -> str:
    """Return an amount of minor units with its currency code, readable in every language: `12.50 EUR`."""
    return f"{major_text(amount, currency)} {currency.code}"

"""Currencies, and amounts in words."""

from typing import Final

import pytest

from festival_push.domain.money.amounts import DIGITS_MAX, ISO_DIGITS, Currency, amount_text, currency_of, major_text

TOKENS: Final = Currency(code="TOK", digits=1)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1250, currency_of("EUR"), "12.50 EUR"),
        (5, currency_of("EUR"), "0.05 EUR"),
        (-5, currency_of("EUR"), "-0.05 EUR"),
        (-1205, currency_of("USD"), "-12.05 USD"),
        (0, currency_of("EUR"), "0.00 EUR"),
        (1250, currency_of("JPY"), "1250 JPY"),
        (-1, currency_of("JPY"), "-1 JPY"),
        (1250, currency_of("KWD"), "1.250 KWD"),
        (500_000, currency_of("HUF"), "5000.00 HUF"),
        (5_000, Currency(code="HUF", digits=0), "5000 HUF"),
        (1250, currency_of("CLF"), "0.1250 CLF"),
        (15, TOKENS, "1.5 TOK"),
    ],
)
def test_an_amount_is_written_with_its_currencys_digits(amount: int, currency: Currency, text: str) -> None:
    assert amount_text(amount, currency) == text
    assert major_text(amount, currency) == text.removesuffix(f" {currency.code}")


def test_the_digits_are_those_of_iso_4217() -> None:
    assert len(ISO_DIGITS) > 160
    assert set(ISO_DIGITS.values()) == {0, 2, 3, 4}
    known = {"EUR": 2, "JPY": 0, "KWD": 3, "HUF": 2, "IQD": 3, "ISK": 0, "CLF": 4, "MRU": 2, "IDR": 2, "XCG": 2}
    assert {code: ISO_DIGITS[code] for code in known} == known
    with pytest.raises(KeyError):
        currency_of("XXX")  # it has no minor unit


@pytest.mark.parametrize(("code", "digits"), [("eur", 2), ("EURO", 2), ("", 2), ("EUR", -1), ("EUR", DIGITS_MAX + 1)])
def test_what_is_no_currency_is_none(code: str, digits: int) -> None:
    with pytest.raises(ValueError, match="no currency"):
        Currency(code=code, digits=digits)


def test_a_currency_says_where_its_point_is() -> None:
    assert list(map(str, (currency_of("EUR"), TOKENS, currency_of("JPY")))) == [
        "EUR with 2 digits after the point",
        "TOK with 1 digit after the point",
        "JPY with no digits after the point",
    ]


@pytest.mark.parametrize(
    ("code", "amount"), [("EUR", 100_000), ("JPY", 100_000), ("KWD", 1_000_000), ("HUF", 100_000_000), ("IQD", 10**9)]
)
def test_a_default_is_of_the_order_of_so_many_euros(code: str, amount: int) -> None:
    assert currency_of(code).minor_units(1_000) == amount


def test_every_default_is_an_amount_that_the_wire_can_carry() -> None:
    for code in ISO_DIGITS:
        assert 100 <= currency_of(code).minor_units(1_000) < currency_of(code).minor_units(5_000) <= 10**12, code

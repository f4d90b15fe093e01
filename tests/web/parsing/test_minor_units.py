"""Amounts in major units: exact, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.money.amounts import minor_digits
from festival_push.web.parsing.minor_units import BadAmount, parse_major, parse_minor


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("0.01", "EUR", 1),
        ("0", "EUR", 0),
        ("007.00", "EUR", 700),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("999999999999999.99", "USD", 99999999999999999),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, amount: int) -> None:
    assert parse_major(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "EUR"), ("12.500", "EUR"), ("1.5", "JPY"), ("1.0", "JPY"), ("1.2345", "KWD"),
        ("", "EUR"), (".5", "EUR"), ("5.", "EUR"), ("-5", "EUR"), ("+5", "EUR"), ("1e2", "EUR"), ("1,50", "EUR"),
        ("1_000", "EUR"), (" 1", "EUR"), ("1\n", "EUR"), ("NaN", "EUR"), ("Infinity", "EUR"), ("0x10", "EUR"),
        ("\u0661\u0662", "EUR"), ("1" * 16, "EUR"), ("1" * 100_000, "EUR"), ("1.2.3", "EUR"),
    ],
)  # fmt: skip
def test_what_is_no_plain_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(BadAmount):
        parse_major(text, currency)


@given(minor=st.integers(0, 10**12), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_we_would_write_is_read_back(minor: int, currency: str) -> None:
    digits = minor_digits(currency)
    text = f"{Decimal(minor).scaleb(-digits):.{digits}f}"
    assert parse_major(text, currency) == minor


@given(st.text())
def test_any_text_is_an_exact_amount_or_refused(text: str) -> None:
    try:
        amount = parse_major(text, "EUR")
    except BadAmount:
        return
    assert Decimal(text) * 100 == amount


def test_minor_units_are_whole_numbers() -> None:
    assert parse_minor("1250") == 1250
    for text in ("12.50", "-1", "1e3", "", "\u0661", "1\n"):
        with pytest.raises(BadAmount):
            parse_minor(text)

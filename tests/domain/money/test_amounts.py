"""Amounts in words."""

import pytest

from festival_push.domain.money.amounts import amount_text, major_text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1250, "EUR", "12.50 EUR"),
        (5, "EUR", "0.05 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (-1205, "USD", "-12.05 USD"),
        (0, "EUR", "0.00 EUR"),
        (1250, "JPY", "1250 JPY"),
        (-1, "JPY", "-1 JPY"),
        (1250, "KWD", "1.250 KWD"),
    ],
)
def test_an_amount_is_written_with_its_currencys_digits(amount: int, currency: str, text: str) -> None:
    assert amount_text(amount, currency) == text
    assert major_text(amount, currency) == text.removesuffix(f" {currency}")

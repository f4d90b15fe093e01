"""In every currency of ISO 4217: what a provider reports is what the wallet holds, the wire says and the file shows."""

import csv
import io
from decimal import Decimal
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from festival_push.domain.events import NewNotification
from festival_push.domain.money.amounts import DIGITS_MAX, ISO_DIGITS, Currency, amount_text, currency_of
from festival_push.domain.values import Topic
from festival_push.settings import FundsProvider
from festival_push.simulate.http.webhook import Webhook
from festival_push.web.api.money.funds_reports import BadReport, FundsReport, read_report
from festival_push.web.api.sheets import amount_cell, csv_lines
from tests.support.festival import ANNA, RULES, Festival, funds_of

MAPPING: Final = FundsProvider()
PROVIDER: Final = Webhook(
    provider="zeffy", secret="", bearer=True, paid_status="paid", major=True,
    paths={name: name for name in ("id", "amount", "currency", "status", "top_up_code")},
)  # fmt: skip
CURRENCIES: Final = (*map(currency_of, ISO_DIGITS), *(Currency(code="TOK", digits=n) for n in range(DIGITS_MAX + 1)))


@pytest.mark.parametrize("currency", CURRENCIES, ids=lambda currency: f"{currency.code}{currency.digits}")
@settings(max_examples=5)
@given(data=st.data())
def test_from_the_provider_to_the_file(currency: Currency, data: st.DataObject) -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, currency=currency, balance_max=10**12))
    amount = data.draw(st.integers(1, 10**10))
    reported = Decimal(amount).scaleb(-currency.digits)
    body = PROVIDER.report("p1", amount, currency.code, currency.digits, "ANNA2026")
    assert Decimal(msgspec.json.decode(body)["amount"]) == reported
    report = read_report(body, MAPPING, currency)
    assert isinstance(report, FundsReport)
    festival.do(funds_of(report.amount, external_id="p1", number=1))
    assert festival.balance(ANNA) == amount
    told = [event.message for event in festival.told(Topic(f"user:{ANNA}")) if isinstance(event, NewNotification)]
    assert any(amount_text(amount, currency) in message for message in told), told
    [[cell]] = csv.reader(io.StringIO(csv_lines([amount_cell(festival.balance(ANNA), currency.digits)])))
    assert Decimal(cell) == reported
    assert len(cell.partition(".")[2]) == currency.digits


@pytest.mark.parametrize("currency", CURRENCIES, ids=lambda currency: f"{currency.code}{currency.digits}")
def test_a_digit_too_many_is_refused(currency: Currency) -> None:
    body = PROVIDER.report("p1", 10 ** (currency.digits + 1), currency.code, currency.digits + 1, "ANNA2026")
    with pytest.raises(BadReport, match="after the point"):
        read_report(body, MAPPING, currency)


@given(amount=st.integers(-(10**12), 10**12), digits=st.integers(0, DIGITS_MAX))
def test_a_negative_amount_stays_a_number_in_a_file(amount: int, digits: int) -> None:
    [[cell]] = csv.reader(io.StringIO(csv_lines([amount_cell(amount, digits)])))
    assert Decimal(cell).scaleb(digits) == amount

"""Top-up codes are found however they were typed."""

from typing import Final

import pytest

from festival_push.domain.money.funds import CreditFunds, FundsStatus, receipt_id
from festival_push.domain.people.people import AddUser
from festival_push.domain.values import Role, TransferId, UserId
from tests.support.festival import Festival

CODE: Final = "WU3Z0GY1T3"
DORA: Final = UserId("dora")


def paid(code: str) -> CreditFunds:
    return CreditFunds(provider="zeffy", external_id="x", amount=500, transfer_id=TransferId("z"), top_up_code=code)


def festival_with(*codes: str) -> Festival:
    festival = Festival.opened()
    for number, code in enumerate(codes):
        name = DORA if number == 0 else UserId(f"other{number}")
        festival.do(AddUser(user_id=name, role=Role.CUSTOMER, name="Dora", pin_hash=None, top_up_code=code))
    return festival


@pytest.mark.parametrize(
    "typed",
    [
        CODE, "wu3z0gy1t3", "WU3Z-0GY1T3", "WU3Z 0GY1T3", " wu3z\t0gy1t3\n", "WU3ZOGY1T3", "wu3z0gyit3", "wu3z0gylT3",
        "WU3Z\u20130GY1T3", "WU3Z\u00a00GY1T3", "\uff37\uff353Z0GY1T3", "WU3Z\u200b0GY1T3", "W-U-3-Z-O-G-Y-L-T-3",
    ],
)  # fmt: skip
def test_the_money_finds_its_owner(typed: str) -> None:
    festival = festival_with(CODE)
    assert festival.do(paid(typed)).status is FundsStatus.CREDITED
    assert festival.balance(DORA) == 500
    assert festival.book.receipts[receipt_id("zeffy", "x")].wanted_code == typed


@pytest.mark.parametrize("typed", ["WU3Z0GY1T", "WU3Z0GY1T4", "", "-", "WU3Z0GY1T33"])
def test_another_code_is_nobodys(typed: str) -> None:
    festival = festival_with(CODE)
    assert festival.do(paid(typed)).status is FundsStatus.HELD
    receipt = festival.book.receipts[receipt_id("zeffy", "x")]
    assert (receipt.held, receipt.wanted_code, receipt.wanted_user_id) == (500, typed, None)


def test_of_two_that_look_alike_only_the_very_one_is_meant() -> None:
    festival = festival_with("CODEO", "CODE0")
    assert festival.do(paid("CODEO")).status is FundsStatus.CREDITED
    assert festival.balance(DORA) == 500
    assert festival_with("CODEO", "CODE0").do(paid("code-o")).status is FundsStatus.HELD

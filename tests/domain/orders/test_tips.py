"""Tips: paid beside the total, all of it the stall's, given back when the order is cancelled."""

import pytest

from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.placing import PlaceOrder, WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.refusals import AmountTooLarge, InsufficientFunds, MoneyUnearned, RefundTooLarge
from festival_push.domain.values import (
    FEES,
    OrderId,
    OrderStatus,
    PaymentStatus,
    PayoutId,
    TransferId,
    TransferKind,
    VendorId,
)
from tests.support.festival import ADMIN, ANNA, FALAFEL, PRICES, RULES, SUN, SUN_KEEPER, Festival, step

PRICE = PRICES[FALAFEL]


def wish(tip: int, order_id: str = "o1") -> PlaceOrder:
    lines = (WantedLine(item_id=FALAFEL, quantity=1),)
    return PlaceOrder(
        order_id=OrderId(order_id),
        customer_id=ANNA,
        vendor_id=VendorId(SUN),
        lines=lines,
        expected_total=PRICE,
        tip=tip,
    )


def placed(festival: Festival, tip: int) -> OrderReply:
    return festival.do(wish(tip))


def test_a_tip_goes_to_the_stall_by_a_transfer_of_its_own_and_no_fee_is_taken_of_it() -> None:
    festival = Festival.opened(funds=2_000)
    order = placed(festival, 100).order
    assert (order.total, order.tip) == (PRICE, 100)
    [tip] = [transfer for transfer in festival.transfers if transfer.kind is TransferKind.TIP]
    assert (tip.amount, tip.order_id) == (100, order.order_id)
    assert festival.balance(ANNA) == 2_000 - PRICE - 100
    assert festival.till(SUN) == PRICE + 100 - order.platform_fee
    assert festival.account(FEES) == order.platform_fee == PRICE * RULES.platform_fee_bp // 10_000


def test_without_a_tip_nothing_is_different() -> None:
    festival = Festival.opened(funds=2_000)
    assert placed(festival, 0).order.tip == 0
    assert TransferKind.TIP not in {transfer.kind for transfer in festival.transfers}


def test_a_wallet_must_cover_the_total_and_the_tip() -> None:
    festival = Festival.opened(funds=PRICE + 99)
    with pytest.raises(InsufficientFunds) as caught:
        placed(festival, 100)
    assert (caught.value.balance, caught.value.total) == (PRICE + 99, PRICE + 100)
    assert festival.balance(ANNA) == PRICE + 99
    placed(festival, 99)


def test_the_limit_of_an_amount_counts_the_tip_too() -> None:
    festival = Festival.opened(funds=2_000)
    with pytest.raises(AmountTooLarge):
        placed(festival, RULES.amount_max)


@pytest.mark.parametrize("spent", [False, True])
def test_a_cancelled_order_gives_the_tip_back_and_the_stall_can_not_spend_it_before(*, spent: bool) -> None:
    festival = Festival.opened(funds=2_000)
    order = placed(festival, 100).order
    if spent:
        with pytest.raises(MoneyUnearned) as caught:
            festival.do(RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p"), amount=1, note=None))
        assert (caught.value.available, caught.value.balance) == (0, festival.till(SUN)), "the tip is not earned either"
    cancelled = festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.CANCELLED)).order
    assert (cancelled.refunded, cancelled.tip_refunded) == (PRICE, 100)
    assert cancelled.payment_status is PaymentStatus.REFUNDED
    assert festival.balance(ANNA) == 2_000
    assert festival.account(FEES) == 0


def test_a_refund_of_an_amount_leaves_the_tip_and_one_of_all_that_is_left_gives_it_back() -> None:
    festival = Festival.opened(funds=2_000)
    order = placed(festival, 100).order

    def refund(amount: int | None, number: int) -> OrderReply:
        transfer_id = TransferId(f"r{number}")
        return festival.do(
            RefundOrder(actor_id=ADMIN, order_id=order.order_id, amount=amount, reason="cold", transfer_id=transfer_id)
        )

    with pytest.raises(RefundTooLarge):
        refund(PRICE + 1, 1)
    bought = refund(PRICE - 1, 2).order
    assert (bought.refunded, bought.tip_refunded) == (PRICE - 1, 0)
    assert bought.payment_status is PaymentStatus.PARTIALLY_REFUNDED
    assert festival.balance(ANNA) == 2_000 - 101
    everything = refund(None, 3).order
    assert (everything.tip_refunded, everything.payment_status) == (100, PaymentStatus.REFUNDED)
    assert festival.balance(ANNA) == 2_000
    with pytest.raises(RefundTooLarge):
        refund(None, 4)

"""Refunds of amounts: never more than was paid, and the fee's exact share with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import BalanceUpdated, NewNotification, OrderRefunded
from festival_push.domain.ledger import fee_share
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.refusals import Forbidden, InvalidTransition, NotFound, RefundTooLarge
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import FEES, OrderId, OrderStatus, PaymentStatus, TransferId, UserId
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival, step


def refund(festival: Festival, amount: int | None = None, *, actor_id: UserId = ADMIN, order: str = "") -> OrderReply:
    order_id = OrderId(order) if order else next(iter(festival.book.orders))
    return festival.do(
        RefundOrder(
            actor_id=actor_id, order_id=order_id, amount=amount, reason="cold",
            transfer_id=TransferId(f"r{len(festival.transfers)}"),
        )
    )  # fmt: skip


@pytest.fixture
def festival() -> Festival:
    """Anna has paid 650 at the sun, 16 of it are the fee."""
    festival = Festival.opened(funds=1_000)
    festival.placed()
    return festival


def test_a_part_goes_back_and_the_order_goes_on(festival: Festival) -> None:
    before = len(festival.events)
    reply = refund(festival, 325)
    assert (reply.order.refunded, reply.order.fee_refunded, reply.balance) == (325, 8, 675)
    assert (reply.order.payment_status, reply.order.status) == (
        PaymentStatus.PARTIALLY_REFUNDED, OrderStatus.PREPARING,
    )  # fmt: skip
    assert reply.queue_position == 1
    assert (festival.balance(ANNA), festival.till(SUN), festival.account(FEES)) == (675, 317, 8)
    told = festival.told(user_topic(ANNA), after=before)
    assert [event.TYPE for event in told] == ["balance-updated", "order-refunded", "new-notification"]
    _, refunded, notification = told
    assert isinstance(refunded, OrderRefunded)
    assert (refunded.amount, refunded.reason) == (325, "cold")
    assert isinstance(notification, NewNotification)
    assert "cold" in notification.message


def test_the_rest_goes_back_once(festival: Festival) -> None:
    refund(festival, 1)
    reply = refund(festival)
    assert (reply.order.refunded, reply.order.payment_status) == (650, PaymentStatus.REFUNDED)
    assert (festival.balance(ANNA), festival.till(SUN), festival.account(FEES)) == (1_000, 0, 0)
    for amount in (None, 1):
        with pytest.raises(RefundTooLarge) as refused:
            refund(festival, amount)
        assert refused.value.refundable == 0


def test_what_was_refunded_does_not_go_back_again_with_a_cancellation(festival: Festival) -> None:
    order = refund(festival, 300).order
    festival.do(step(order.order_id, SUN_KEEPER, OrderStatus.CANCELLED))
    assert (festival.balance(ANNA), festival.till(SUN), festival.account(FEES)) == (1_000, 0, 0)
    with pytest.raises(RefundTooLarge):
        refund(festival)


def test_never_more_than_was_paid(festival: Festival) -> None:
    with pytest.raises(RefundTooLarge) as refused:
        refund(festival, 651)
    assert refused.value.refundable == 650


def test_customers_refund_nothing_and_a_stall_no_other_stalls_orders(festival: Festival) -> None:
    for actor_id in (ANNA, BEN):
        with pytest.raises(Forbidden):
            refund(festival, 1, actor_id=actor_id)
    with pytest.raises(NotFound):
        refund(festival, 1, actor_id=BAR_KEEPER)
    with pytest.raises(NotFound):
        refund(festival, 1, order="none")


@given(st.lists(st.integers(1, 650), max_size=12))
def test_however_it_is_cut_the_fee_goes_back_in_proportion(amounts: list[int]) -> None:
    festival = Festival.opened(funds=1_000)
    order = festival.placed()
    for amount in amounts:
        if order.refunded + amount <= order.total:
            order = refund(festival, amount).order
    assert order.fee_refunded == fee_share(order, order.refunded) == 16 * order.refunded // 650
    order = refund(festival).order if order.refunded < order.total else order
    assert (order.fee_refunded, festival.account(FEES), festival.till(SUN)) == (16, 0, 0)


def test_the_stall_is_told_of_a_part_that_goes_back_and_what_is_left_in_its_till(festival: Festival) -> None:
    before = len(festival.events)
    refund(festival, 325)
    told = festival.told(stall_topic(SUN), after=before)
    assert [event.TYPE for event in told] == ["balance-updated", "order-refunded", "balance-updated"]
    fee, refunded, till = told
    assert isinstance(fee, BalanceUpdated)
    assert isinstance(refunded, OrderRefunded)
    assert isinstance(till, BalanceUpdated)
    assert (fee.amount, fee.reason, fee.new_balance) == (8, "fee", 642)
    assert (refunded.amount, refunded.reason) == (325, "cold")
    assert (till.user_id, till.amount, till.reason, till.new_balance) == (SUN, -325, "refund", 317)


def test_what_was_refunded_whole_is_never_recalled_so_that_nobody_cooks_it(festival: Festival) -> None:
    (order_id,) = festival.book.orders
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order_id, SUN_KEEPER, status))
    refund(festival, 649)
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order_id, SUN_KEEPER, status))
    refund(festival)
    for actor_id in (SUN_KEEPER, ADMIN):
        with pytest.raises(InvalidTransition):
            festival.do(step(order_id, actor_id, OrderStatus.READY))

"""What an order tells and moves: each party hears its part, in order, and gets all of it back once."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import (
    BalanceUpdated,
    NewNotification,
    NewOrder,
    OrderReady,
    OrderRefunded,
    OrderStatusChanged,
)
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.payouts.payouts import RequestPayout
from festival_push.domain.topics import order_topic, role_topic, stall_topic, user_topic
from festival_push.domain.values import (
    FEES,
    OrderStatus,
    PaymentStatus,
    PayoutId,
    Role,
    TransferId,
    TransferKind,
    till_account,
    user_account,
)
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR,
    BAR_KEEPER,
    BEER,
    FALAFEL,
    RULES,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    step,
)

READY, CANCELLED = OrderStatus.READY, OrderStatus.CANCELLED


def test_a_stall_that_owes_can_sell() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    for status in (READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))
    festival.do(RequestPayout(actor_id=SUN_KEEPER, payout_id=PayoutId("p1"), amount=None, note=None))
    festival.do(
        RefundOrder(actor_id=ADMIN, order_id=order.order_id, amount=None, reason="cold", transfer_id=TransferId("back"))
    )
    owed = festival.till(SUN)
    assert owed < 0
    again = festival.placed()
    assert festival.till(SUN) == owed + again.total - again.platform_fee
    assert again.platform_fee > 0


def test_a_sale_is_told_to_the_customer_the_stall_and_the_organiser() -> None:
    festival = Festival.opened(funds=5_000)
    start = len(festival.events)
    order = festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=7)).order
    types = {
        who: [event.TYPE for event in festival.told(topic, after=start)]
        for who, topic in (
            ("anna", user_topic(ANNA)), ("sun", stall_topic(SUN)), ("admin", role_topic(Role.ADMIN)),
            ("room", order_topic(order.order_id)),
        )
    }  # fmt: skip
    assert types == {
        "anna": ["balance-updated", "new-notification", "order-status-changed"],
        "sun": ["new-order", "order-status-changed", "balance-updated", "balance-updated"],  # the sale, then the fee
        "admin": ["new-transaction", "new-transaction"],
        "room": ["order-status-changed"],
    }
    new_order = festival.told(stall_topic(SUN), after=start)[0]
    assert isinstance(new_order, NewOrder)
    assert (new_order.item, new_order.price, new_order.total) == ("2 × Falafel, 1 × Ayran", 1_499, 1_499)
    assert (new_order.number, new_order.queue_position, new_order.customer_name) == (1, 1, "Anna")
    notification = festival.told(user_topic(ANNA), after=start)[1]
    assert isinstance(notification, NewNotification)
    assert (notification.type, notification.order_id) == ("payment", order.order_id)


def test_the_fee_goes_from_the_till_to_the_organiser() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed(quantity=2)
    purchase, fee = festival.transfers[1:]
    assert (purchase.kind, purchase.debit, purchase.credit, purchase.amount) == (
        TransferKind.PURCHASE, user_account(ANNA), till_account(SUN), 1_300,
    )  # fmt: skip
    assert (fee.kind, fee.debit, fee.credit, fee.amount) == (TransferKind.FEE, till_account(SUN), FEES, 32)
    assert {purchase.order_id, fee.order_id} == {order.order_id}


def test_without_a_fee_there_is_one_transfer() -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, platform_fee_bp=0), funds=5_000)
    festival.placed()
    assert len(festival.transfers) == 2


@given(fee_bp=st.integers(0, 10_000), quantity=st.integers(1, 7))
def test_a_cancelled_order_leaves_everyone_as_before(fee_bp: int, quantity: int) -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, platform_fee_bp=fee_bp), funds=5_000)
    order = festival.placed(quantity=quantity)
    back = festival.do(step(order.order_id, SUN_KEEPER, CANCELLED)).order
    assert (festival.balance(ANNA), festival.till(SUN), festival.account(FEES)) == (5_000, 0, 0)
    assert (back.refunded, back.fee_refunded) == (order.total, order.platform_fee)
    assert back.payment_status is PaymentStatus.REFUNDED
    assert all(move.debit_balance >= 0 for move in festival.transfers if move.debit == till_account(SUN))


def test_a_refund_is_told_to_all_sides_before_the_status() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    start = len(festival.events)
    festival.do(step(order.order_id, SUN_KEEPER, CANCELLED, "sold out"))
    assert [event.TYPE for event in festival.told(user_topic(ANNA), after=start)] == [
        "balance-updated", "order-refunded", "new-notification", "order-status-changed",
    ]  # fmt: skip
    balance, refunded, notification, status = festival.told(user_topic(ANNA), after=start)
    assert isinstance(balance, BalanceUpdated)
    assert isinstance(refunded, OrderRefunded)
    assert isinstance(notification, NewNotification)
    assert isinstance(status, OrderStatusChanged)
    assert (balance.amount, balance.new_balance, balance.reason) == (650, 5_000, "refund")
    assert (refunded.amount, refunded.reason) == (650, "sold out")
    assert (status.status, status.reason) == (CANCELLED, "sold out")
    assert "sold out" in notification.message


def test_a_spent_till_still_pays_the_customer_back() -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, platform_fee_bp=0), funds=5_000)
    order = festival.placed(quantity=2)
    till = till_account(SUN)
    festival.book.accounts[till] = msgspec.structs.replace(festival.book.accounts[till], balance=100)  # paid out
    festival.do(step(order.order_id, SUN_KEEPER, CANCELLED))
    assert (festival.balance(ANNA), festival.till(SUN)) == (5_000, 100 - 1_300)


def test_what_was_refunded_in_part_is_refunded_once() -> None:
    festival = Festival.opened(msgspec.structs.replace(RULES, platform_fee_bp=1_000), funds=5_000)
    order = festival.placed(quantity=2)
    festival.book.orders[order.order_id] = part = msgspec.structs.replace(order, refunded=300, fee_refunded=30)
    assert part.payment_status is PaymentStatus.PARTIALLY_REFUNDED
    before = len(festival.transfers)
    festival.do(step(order.order_id, SUN_KEEPER, CANCELLED))
    assert [(move.kind, move.amount) for move in festival.transfers[before:]] == [
        (TransferKind.FEE, 100), (TransferKind.REFUND, 1_000),
    ]  # fmt: skip


def test_a_ready_order_calls_the_customer() -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed(item_id=BEER)
    start = len(festival.events)
    festival.do(step(order.order_id, BAR_KEEPER, READY))
    told = festival.told(user_topic(ANNA), after=start)
    assert [event.TYPE for event in told] == ["order-status-changed", "order-ready", "new-notification"]
    ready = told[1]
    assert isinstance(ready, OrderReady)
    assert (ready.number, ready.vendor_id, ready.item_name) == (order.number, BAR, "1 × Beer")
    assert [event.TYPE for event in festival.told(order_topic(order.order_id), after=start)] == [
        "order-status-changed", "order-ready",
    ]  # fmt: skip
    assert [event.TYPE for event in festival.told(stall_topic(BAR), after=start)] == ["order-status-changed"]


@pytest.mark.parametrize("reason", [None, "sold out"])
def test_a_reason_is_left_out_where_there_is_none(reason: str | None) -> None:
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    festival.do(step(order.order_id, SUN_KEEPER, READY, reason))
    (event,) = [event for event in festival.told(order_topic(order.order_id)) if isinstance(event, OrderStatusChanged)][
        1:
    ]
    fields = msgspec.to_builtins(event)
    assert fields.get("reason") == reason
    assert ("reason" in fields) is (reason is not None)
    assert "estimatedTime" in fields  # also when it is null: clients may rely on it

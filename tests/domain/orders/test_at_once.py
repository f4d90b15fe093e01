"""A stall that hands over at once: what is paid is done, whatever the menu, the limits and the queue say."""

import msgspec
import pytest

from festival_push.domain.events import NewNotification, NewOrder, OrderStatusChanged
from festival_push.domain.orders.boards import board_changes
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import LineBack, Order
from festival_push.domain.refusals import InvalidTransition, NotFound
from festival_push.domain.stalls.events import VendorUpdated
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.topics import stall_topic, user_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, PaymentRequestId, TransferId
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BAR_KEEPER,
    FALAFEL,
    RULES,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    paying,
    request_of,
    step,
)

RICH = msgspec.structs.replace(RULES, balance_max=10_000_000)


def at_once(festival: Festival, *, on: bool = True) -> None:
    festival.do(ChangeVendor(actor_id=SUN_KEEPER, vendor_id=SUN, at_once=on))


def opened(funds: int = 5_000) -> Festival:
    festival = Festival.opened(RICH, funds=funds)
    at_once(festival)
    return festival


def sold(festival: Festival, quantity: int = 1) -> Order:
    return festival.placed(ANNA, FALAFEL, quantity)


def test_the_stall_says_so_and_everybody_is_told() -> None:
    festival = Festival.opened()
    before = len(festival.events)
    at_once(festival)
    (told,) = festival.told(stall_topic(SUN), after=before)
    assert isinstance(told, VendorUpdated)
    assert told.at_once is True
    before = len(festival.events)
    at_once(festival, on=False)
    (told,) = festival.told(stall_topic(SUN), after=before)
    assert isinstance(told, VendorUpdated)
    assert told.at_once is msgspec.UNSET


def test_what_is_paid_is_completed_and_neither_waits_nor_stands_on_the_board() -> None:
    festival = opened()
    order = sold(festival)
    assert (order.status, order.at_once, order.completed_at) == (OrderStatus.COMPLETED, True, festival.now)
    assert not festival.book.open_orders[SUN]
    assert board_changes(festival.book, festival.now) == []
    assert festival.till(SUN) == 650 - 16


def test_the_stall_hears_of_a_sale_and_nobody_is_called() -> None:
    festival = opened()
    before = len(festival.events)
    sold(festival)
    types = [event.TYPE for event in festival.told(user_topic(ANNA), after=before)]
    assert types == ["balance-updated", "new-notification", "order-status-changed"]
    new, *_ = festival.told(stall_topic(SUN), after=before)
    assert isinstance(new, NewOrder)
    assert (new.at_once, new.queue_position, new.cancellable_until) == (True, None, msgspec.UNSET)
    status = festival.told(user_topic(ANNA), after=before)[-1]
    assert isinstance(status, OrderStatusChanged)
    assert status.status is OrderStatus.COMPLETED


def test_the_notice_names_no_number() -> None:
    festival = opened()
    before = len(festival.events)
    sold(festival, 2)
    (notice,) = [event for event in festival.told(user_topic(ANNA), after=before) if isinstance(event, NewNotification)]
    assert (notice.code, notice.message) == ("paid-at-once", "Paid at Sun: 2 × Falafel")
    assert notice.params == {"stall": "Sun", "items": "2 × Falafel"}


def test_eleven_hundred_sales_in_a_row() -> None:
    """A11: with pickup numbers, sale 1000 was refused as vendor-busy."""
    festival = opened(funds=1_100 * 650)
    numbers = [sold(festival).number for _ in range(1_100)]
    assert numbers == [index % 999 + 1 for index in range(1_100)]
    assert festival.balance(ANNA) == 0


def test_a_full_board_stops_no_sale_that_needs_no_number() -> None:
    festival = Festival.opened(RICH, funds=1_001 * 199)
    for number in range(999):
        festival.do(order_of(AYRAN, 1, number=number))
    at_once(festival)
    assert festival.do(order_of(AYRAN, 1, number=999)).order.status is OrderStatus.COMPLETED
    at_once(festival, on=False)
    amount = festival.do(request_of(OwnLine(description="Deposit", amount=199), number=1))
    assert festival.do(paying(amount.request_id, number=1_000)).order.status is OrderStatus.COMPLETED


def test_a_payment_request_of_items_is_handed_over_too() -> None:
    festival = opened()
    festival.do(request_of((WantedLine(item_id=FALAFEL, quantity=2),), number=1))
    order = festival.do(paying(PaymentRequestId("q1"), number=2)).order
    assert (order.status, order.at_once, order.total) == (OrderStatus.COMPLETED, True, 1_300)


def test_an_amount_is_handed_over_at_every_stall() -> None:
    festival = Festival.opened(funds=1_000)
    festival.do(request_of(OwnLine(description="Deposit", amount=200), number=1))
    order = festival.do(paying(PaymentRequestId("q1"), number=2)).order
    assert (order.status, order.at_once) == (OrderStatus.COMPLETED, True)


def test_open_orders_go_on_when_a_stall_begins_to_hand_over_at_once() -> None:
    festival = Festival.opened(funds=5_000)
    waiting = sold(festival)
    at_once(festival)
    sold(festival)
    assert list(festival.book.open_orders[SUN]) == [waiting.order_id]
    assert festival.do(step(waiting.order_id, SUN_KEEPER, OrderStatus.READY)).order.status is OrderStatus.READY


def test_it_is_no_order_to_recall_and_none_to_cancel() -> None:
    festival = opened()
    order = sold(festival)
    for actor_id, status in ((SUN_KEEPER, OrderStatus.READY), (ANNA, OrderStatus.CANCELLED)):
        with pytest.raises(InvalidTransition):
            festival.do(step(order.order_id, actor_id, status))


def refund(festival: Festival, order_id: OrderId, *lines: tuple[int, int]) -> OrderReply:
    return festival.do(
        RefundOrder(
            actor_id=SUN_KEEPER, order_id=order_id, amount=None, reason="wrong size",
            transfer_id=TransferId(f"r{len(festival.transfers)}"),
            lines=tuple(LineBack(index=index, quantity=quantity) for index, quantity in lines),
        )
    )  # fmt: skip


def test_the_stall_gives_the_money_back_and_the_notice_names_no_number() -> None:
    festival = opened()
    order, before = sold(festival, 2), len(festival.events)
    refunded = refund(festival, order.order_id, (0, 1)).order
    assert (refunded.status, refunded.refunded, festival.balance(ANNA)) == (OrderStatus.COMPLETED, 650, 5_000 - 650)
    (notice,) = [event for event in festival.told(user_topic(ANNA), after=before) if isinstance(event, NewNotification)]
    assert notice.code == "sale-refunded"
    assert notice.message == "6.50 EUR of what you paid at Sun is back in your wallet (wrong size)."


def test_an_organiser_and_the_keepers_choose_it_and_nobody_else() -> None:
    festival = Festival.opened()
    with pytest.raises(NotFound):
        festival.do(ChangeVendor(actor_id=BAR_KEEPER, vendor_id=SUN, at_once=True))
    assert festival.do(ChangeVendor(actor_id=ADMIN, vendor_id=SUN, at_once=True)).at_once


def test_a_quiet_hour_of_sales_at_once_is_no_pace() -> None:
    festival = opened()
    sold(festival)
    festival.now = Instant(festival.now + 60_000)
    sold(festival)
    assert (festival.book.vendors[SUN].measured, festival.book.vendors[SUN].pace_ms) == (0, 0)

"""Stock: counted down with each sale, sold out at none, and back with whatever is given back."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.orders.stock import stock_changes
from festival_push.domain.refusals import ItemUnavailable, Refused
from festival_push.domain.rows import MenuItem
from festival_push.domain.stalls.events import MenuUpdated
from festival_push.domain.stalls.menus import ChangeMenuItem
from festival_push.domain.topics import role_topic, stall_topic
from festival_push.domain.values import ItemId, OrderId, OrderStatus, PaymentRequestId, Role, TransferId
from tests.support.festival import (
    ADMIN,
    ANNA,
    AYRAN,
    BEN,
    FALAFEL,
    SUN,
    SUN_KEEPER,
    Festival,
    order_of,
    paying,
    request_of,
    step,
)

CANCELLED = OrderStatus.CANCELLED


def counted(festival: Festival, stock: int | None, item_id: ItemId = FALAFEL) -> MenuItem:
    return festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=item_id, stock=stock))


def opened(stock: int | None) -> Festival:
    festival = Festival.opened(funds=20_000)
    counted(festival, stock)
    stock_changes(festival.book, festival.now)
    return festival


def left(festival: Festival, item_id: ItemId = FALAFEL) -> int | None:
    return festival.book.items[item_id].stock


def menu(festival: Festival, after: int) -> list[bool]:
    told = festival.told(role_topic(Role.CUSTOMER), after=after)
    return [event.available for event in told if isinstance(event, MenuUpdated)]


def test_each_sale_counts_down_and_the_last_one_sells_out_once() -> None:
    festival, before = opened(3), 0
    before = len(festival.events)
    festival.placed()
    assert (left(festival), menu(festival, before)) == (2, [])
    festival.placed(quantity=2)
    assert (left(festival), menu(festival, before)) == (0, [False])
    with pytest.raises(ItemUnavailable) as refused:
        festival.placed()
    assert refused.value.item_ids == (FALAFEL,)
    assert menu(festival, before) == [False]


def test_of_two_orders_of_the_last_one_the_second_is_refused_and_pays_nothing() -> None:
    festival = opened(1)
    festival.top_up(BEN, 1_000)
    festival.placed(ANNA)
    with pytest.raises(ItemUnavailable):
        festival.placed(BEN)
    assert festival.balance(BEN) == 1_000


def test_more_than_is_left_is_refused_however_it_is_spread_over_lines() -> None:
    festival = opened(3)
    for wanted in ((FALAFEL, 4), (FALAFEL, 2, AYRAN, 1, FALAFEL, 2)):
        with pytest.raises(ItemUnavailable):
            festival.do(order_of(*wanted, number=1))
    festival.do(order_of(FALAFEL, 2, AYRAN, 1, FALAFEL, 1, number=1))
    assert left(festival) == 0


def test_what_is_not_counted_never_sells_out() -> None:
    festival = opened(None)
    festival.placed(quantity=20)
    assert left(festival) is None
    assert stock_changes(festival.book, festival.now) == []


def test_a_cancelled_order_comes_back_and_is_offered_again() -> None:
    festival = opened(2)
    order, before = festival.placed(quantity=2), len(festival.events)
    festival.do(step(order.order_id, ANNA, CANCELLED))
    assert (left(festival), menu(festival, before)) == (2, [True])


def refund(festival: Festival, order_id: OrderId, *lines: tuple[int, int], amount: int | None = None) -> None:
    festival.do(
        RefundOrder(
            actor_id=ADMIN, order_id=order_id, amount=amount, reason="fell down",
            transfer_id=TransferId(f"r{len(festival.transfers)}"),
            lines=tuple(LineBack(index=index, quantity=quantity) for index, quantity in lines),
        )
    )  # fmt: skip


def test_lines_that_are_given_back_come_back_once() -> None:
    festival = opened(2)
    order = festival.placed(quantity=2)
    refund(festival, order.order_id, (0, 1))
    assert left(festival) == 1
    festival.do(step(order.order_id, SUN_KEEPER, CANCELLED))
    assert left(festival) == 2  # the other one; the first is back already


def test_an_amount_brings_nothing_back() -> None:
    festival = opened(2)
    order = festival.placed(quantity=2)
    refund(festival, order.order_id, amount=100)
    assert left(festival) == 0


def test_what_the_stall_has_switched_off_stays_off_when_some_comes_back() -> None:
    festival = opened(1)
    order = festival.placed()
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, available=False))
    before = len(festival.events)
    refund(festival, order.order_id, (0, 1))
    assert (left(festival), menu(festival, before)) == (1, [])
    assert not festival.book.items[FALAFEL].sells


def test_what_is_off_the_menu_by_now_is_told_no_more() -> None:
    festival = opened(1)
    order = festival.placed()
    festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, deleted=True))
    before = len(festival.events)
    refund(festival, order.order_id, (0, 1))
    assert menu(festival, before) == []


def test_offering_a_sold_out_item_again_without_a_number_ends_the_count() -> None:
    festival = opened(1)
    festival.placed()
    item = festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, available=True))
    assert (item.stock, item.sells) == (None, True)
    counted(festival, 0)
    item = festival.do(ChangeMenuItem(actor_id=SUN_KEEPER, item_id=FALAFEL, available=True, stock=5))
    assert item.stock == 5


def test_a_payment_request_takes_its_items_when_it_is_paid() -> None:
    festival = opened(2)
    festival.do(request_of((WantedLine(item_id=FALAFEL, quantity=2),), number=1))
    assert left(festival) == 2
    festival.placed()
    with pytest.raises(ItemUnavailable):
        festival.do(paying(PaymentRequestId("q1"), number=9))
    assert left(festival) == 1


def test_an_amount_takes_nothing() -> None:
    festival = opened(2)
    festival.do(request_of(OwnLine(description="Deposit", amount=200), number=1))
    festival.do(paying(PaymentRequestId("q1"), number=9))
    assert left(festival) == 2


def test_the_keepers_see_the_count_in_one_event_for_all_sales_of_a_batch() -> None:
    festival = opened(9)
    counted(festival, 4, AYRAN)
    festival.do(order_of(FALAFEL, 2, AYRAN, 1, number=1))
    festival.do(order_of(FALAFEL, 1, number=2))
    (told,) = stock_changes(festival.book, festival.now)
    assert told.topics == (stall_topic(SUN),)
    assert msgspec.to_builtins(told.event) == {
        "timestamp": "2026-07-04T10:00:00.000Z",
        "vendorId": "sun",
        "items": ({"itemId": "ayran", "stock": 3}, {"itemId": "falafel", "stock": 6}),
    }
    assert stock_changes(festival.book, festival.now) == []


def test_a_count_that_ends_where_it_began_is_not_told() -> None:
    festival = opened(9)
    order = festival.placed()
    festival.do(step(order.order_id, ANNA, CANCELLED))
    assert stock_changes(festival.book, festival.now) == []


def test_a_count_that_ends_is_told() -> None:
    festival = opened(9)
    counted(festival, None)
    (told,) = stock_changes(festival.book, festival.now)
    assert msgspec.to_builtins(told.event)["items"] == ({"itemId": "falafel", "stock": None},)


@given(st.lists(st.tuples(st.sampled_from(["buy", "cancel", "lines", "all"]), st.integers(1, 4)), max_size=14))
def test_what_is_sold_and_not_back_and_what_is_left_is_what_there_was(acts: list[tuple[str, int]]) -> None:
    festival = opened(6)
    for act, number in acts:
        orders = list(festival.book.orders)
        try:
            if act == "buy":
                festival.placed(quantity=number)
            elif orders and act == "cancel":
                festival.do(step(orders[number % len(orders)], SUN_KEEPER, CANCELLED))
            elif orders:
                lines = ((0, 1),) if act == "lines" else ()
                refund(festival, orders[number % len(orders)], *lines)
        except Refused:
            pass
        sold: Counter[str] = Counter()
        for order in festival.book.orders.values():
            sold["left out"] += sum(line.quantity - (line.refunded or 0) for line in order.lines)
        assert left(festival) == 6 - sold["left out"] >= 0
        assert festival.book.items[FALAFEL].sells is (left(festival) != 0)

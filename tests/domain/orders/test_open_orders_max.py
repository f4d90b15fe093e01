"""A customer has a bounded number of open orders at a stall, however they came about; nothing else is held back."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from festival_push.domain.book import OPEN_STATUSES, Command
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.payment_requests import OwnLine
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.refusals import TooManyOpenOrders
from festival_push.domain.values import Instant, ItemId, OrderId, OrderStatus, UserId, VendorId
from tests.support.festival import (
    ADMIN,
    ANNA,
    BAR_KEEPER,
    BEER,
    BEN,
    FALAFEL,
    RULES,
    STALL_OF,
    SUN_KEEPER,
    Festival,
    order_of,
    paying,
    request_of,
    step,
)

MOST = 2
KEEPER_OF = {FALAFEL: SUN_KEEPER, BEER: BAR_KEEPER}
deeds = st.tuples(
    st.sampled_from(["place", "place", "pay", "pay an amount", "complete", "cancel", "recall"]),
    st.sampled_from([ANNA, BEN]),
    st.sampled_from([FALAFEL, BEER]),
    st.integers(0, 5),
)


def opened() -> Festival:
    """With plenty of money, and stalls that take two orders of each."""
    rules = msgspec.structs.replace(RULES, open_orders_max=MOST, balance_max=100_000)
    festival = Festival.opened(rules, funds=100_000)
    festival.top_up(BEN, 100_000)
    return festival


def wish_of(festival: Festival, deed: str, customer: UserId, item: ItemId, number: int) -> Command[OrderReply]:
    """A wish that is paid for at once; of a request, after the stall has made it."""
    if deed == "place":
        return order_of(item, 1, customer_id=customer, number=number)
    lines = (WantedLine(item_id=item, quantity=1),)
    wanted = OwnLine(description="Deposit", amount=100) if deed == "pay an amount" else lines
    request = festival.do(request_of(wanted, number=number, actor_id=KEEPER_OF[item], vendor_id=STALL_OF[item]))
    return paying(request.request_id, customer, number=number)


@given(st.lists(deeds, max_size=40))
@example([("place", ANNA, FALAFEL, 0), ("pay", ANNA, FALAFEL, 0), ("pay an amount", ANNA, FALAFEL, 0)])
def test_only_an_order_that_would_be_one_too_many_is_refused(some: list[tuple[str, UserId, ItemId, int]]) -> None:
    festival = opened()
    statuses: dict[tuple[UserId, VendorId], dict[OrderId, OrderStatus]] = {}
    for number, (deed, customer, item, which) in enumerate(some):
        mine = statuses.setdefault((customer, STALL_OF[item]), {})
        present = sum(status in OPEN_STATUSES for status in mine.values())
        if deed in {"place", "pay", "pay an amount"}:
            wish = wish_of(festival, deed, customer, item, number)
            if deed != "pay an amount" and present >= MOST:
                balance = festival.balance(customer)
                with pytest.raises(TooManyOpenOrders) as refused:
                    festival.do(wish)
                assert refused.value.open_orders_max == MOST
                assert festival.balance(customer) == balance
            else:
                order = festival.do(wish).order
                mine[order.order_id] = order.status
            continue
        path = {"complete": (OrderStatus.READY, OrderStatus.COMPLETED), "cancel": (OrderStatus.CANCELLED,)}
        found = {"recall": {OrderStatus.COMPLETED}}.get(deed, OPEN_STATUSES)
        fitting = [order_id for order_id, status in mine.items() if status in found]
        if not fitting:
            continue
        order = festival.book.orders[fitting[which % len(fitting)]]
        if deed == "recall" and order.is_amount:
            continue
        for status in path.get(deed, (OrderStatus.READY,)):  # a recall is never refused for this
            festival.now = Instant(festival.now + 1)
            festival.do(step(order.order_id, ADMIN, status))
            mine[order.order_id] = status
    for (customer, stall), mine in statuses.items():
        counted = sum(status in OPEN_STATUSES for status in mine.values())
        assert festival.book.open_orders[stall].of[customer] == counted

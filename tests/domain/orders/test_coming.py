"""Coming: the customer of a ready order says so, once for each call, and the stall hears it."""

import pytest

from festival_push.domain.events import CustomerComing
from festival_push.domain.orders.rows import Order
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.refusals import Forbidden, NotFound, NotReady, Suspended
from festival_push.domain.topics import order_topic, stall_topic, user_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, UserId, rfc3339
from tests.support.festival import ADMIN, ANNA, BEN, NOON, SUN, SUN_KEEPER, Festival, coming, step

PREPARING, READY, COMPLETED, CANCELLED = (
    OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.COMPLETED, OrderStatus.CANCELLED,
)  # fmt: skip


def called() -> tuple[Festival, Order]:
    """Anna's order is ready since noon; it is a minute later."""
    festival = Festival.opened(funds=5_000)
    order = festival.placed()
    festival.do(step(order.order_id, SUN_KEEPER, READY))
    festival.now = Instant(NOON + 60_000)
    return festival, festival.book.orders[order.order_id]


def test_the_stall_the_customer_and_the_orders_room_hear_of_it() -> None:
    festival, order = called()
    told = len(festival.events)
    reply = festival.do(coming(order.order_id))
    assert (reply.order.coming_at, reply.order.updated_at, reply.order.status) == (festival.now, festival.now, READY)
    assert (reply.queue_position, reply.balance) == (None, 5_000 - 650)
    assert festival.book.orders[order.order_id] == reply.order
    (outgoing,) = festival.events[told:]
    assert outgoing.topics == (user_topic(ANNA), stall_topic(SUN), order_topic(order.order_id))
    now = rfc3339(festival.now)
    assert outgoing.event == CustomerComing(
        timestamp=now, order_id=order.order_id, user_id=ANNA, vendor_id=SUN, number=order.number, coming_at=now
    )


def test_saying_it_again_changes_nothing() -> None:
    festival, order = called()
    first = festival.do(coming(order.order_id))
    festival.now = Instant(festival.now + 60_000)
    decision = festival.decided(coming(order.order_id))
    assert (decision.rows, decision.events, decision.transfers) == ((), (), ())
    assert decision.reply == first


@pytest.mark.parametrize("status", [PREPARING, COMPLETED, CANCELLED])
def test_nobody_comes_for_an_order_that_is_not_ready(status: OrderStatus) -> None:
    festival, order = called()
    festival.do(step(order.order_id, SUN_KEEPER, status))
    with pytest.raises(NotReady) as refused:
        festival.do(coming(order.order_id))
    assert refused.value.params() == {"status": status}


@pytest.mark.parametrize("back", [PREPARING, COMPLETED])
def test_the_next_call_is_answered_anew(back: OrderStatus) -> None:
    festival, order = called()
    said = festival.do(coming(order.order_id)).order.coming_at
    assert festival.do(step(order.order_id, SUN_KEEPER, back)).order.coming_at == said
    festival.now = Instant(festival.now + 60_000)
    assert festival.do(step(order.order_id, SUN_KEEPER, READY)).order.coming_at is None
    assert festival.do(coming(order.order_id)).order.coming_at == festival.now
    assert sum(isinstance(event, CustomerComing) for event in festival.told(stall_topic(SUN))) == 2


@pytest.mark.parametrize(("actor", "refusal"), [(BEN, NotFound), (SUN_KEEPER, Forbidden), (ADMIN, Forbidden)])
def test_only_its_customer_comes_for_an_order(actor: UserId, refusal: type[Exception]) -> None:
    festival, order = called()
    with pytest.raises(refusal):
        festival.do(coming(order.order_id, actor))
    with pytest.raises(NotFound):
        festival.do(coming(OrderId("nothing")))
    assert festival.book.orders[order.order_id] == order


def test_a_suspended_customer_says_nothing() -> None:
    festival, order = called()
    festival.do(SuspendUser(actor_id=ADMIN, user_id=ANNA, suspended=True))
    with pytest.raises(Suspended):
        festival.do(coming(order.order_id))

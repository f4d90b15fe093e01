"""Words between people: they reach the other side, the order's room, and nobody else."""

import msgspec
import pytest

from festival_push.domain.events import CustomerMessage, NewNotification, VendorMessage
from festival_push.domain.refusals import NotFound, TooManyMessages
from festival_push.domain.topics import order_topic, stall_topic, user_topic
from festival_push.domain.values import OrderId, OrderStatus, Topic, UserId
from festival_push.domain.words.messages import MESSAGES_MAX, SendMessage
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival, step


@pytest.mark.parametrize(
    ("actor_id", "kind", "reader", "title"),
    [
        (ANNA, CustomerMessage, stall_topic(SUN), "Anna, order 1"),
        (SUN_KEEPER, VendorMessage, user_topic(ANNA), "Sun, order 1"),
        (ADMIN, VendorMessage, user_topic(ANNA), "Sun, order 1"),
    ],
)  # fmt: skip
def test_a_message_reaches_the_other_side_and_the_orders_room(
    actor_id: UserId, kind: type[VendorMessage | CustomerMessage], reader: Topic, title: str
) -> None:
    festival = Festival.opened(funds=1_000)
    order = festival.placed()
    decision = festival.decided(SendMessage(actor_id=actor_id, order_id=order.order_id, message="No onions?"))
    message, notification = decision.events
    assert message.topics == (reader, order_topic(order.order_id))
    assert type(message.event) is kind
    assert message.event == decision.reply
    assert (decision.reply.user_id, decision.reply.vendor_id, decision.reply.order_id) == (ANNA, SUN, order.order_id)
    assert notification.topics == (reader,)
    assert isinstance(notification.event, NewNotification)
    said = notification.event
    assert (said.type, said.title, said.message, said.order_id) == ("message", title, "No onions?", order.order_id)


@pytest.mark.parametrize("actor_id", [BEN, BAR_KEEPER])
def test_nobody_else_writes_into_an_order(actor_id: UserId) -> None:
    festival = Festival.opened(funds=1_000)
    order = festival.placed()
    for order_id in (order.order_id, OrderId("none")):
        with pytest.raises(NotFound):
            festival.do(SendMessage(actor_id=actor_id, order_id=order_id, message="?"))


def test_each_side_may_say_so_much_about_an_order_and_neither_silences_the_other() -> None:
    festival = Festival.opened(funds=2_000)
    order, other = festival.placed(), festival.placed()
    for status in (OrderStatus.READY, OrderStatus.COMPLETED):
        festival.do(step(order.order_id, SUN_KEEPER, status))
    done = festival.book.orders[order.order_id]
    keeper = SendMessage(actor_id=SUN_KEEPER, order_id=order.order_id, message="You again?")
    anna = SendMessage(actor_id=ANNA, order_id=order.order_id, message="No onions?")
    for _ in range(MESSAGES_MAX):
        festival.do(keeper)
    for actor_id in (SUN_KEEPER, ADMIN):  # an organiser speaks for the stall
        with pytest.raises(TooManyMessages) as refused:
            festival.do(SendMessage(actor_id=actor_id, order_id=order.order_id, message="And again?"))
    assert refused.value.messages_max == MESSAGES_MAX
    for _ in range(MESSAGES_MAX):
        festival.do(anna)
    with pytest.raises(TooManyMessages):
        festival.do(anna)
    festival.do(SendMessage(actor_id=SUN_KEEPER, order_id=other.order_id, message="This one is ready soon."))
    now = festival.book.orders[order.order_id]
    assert (now.customer_messages, now.vendor_messages) == (MESSAGES_MAX, MESSAGES_MAX)
    assert msgspec.structs.replace(now, customer_messages=0, vendor_messages=0) == done, "and nothing else has changed"
    assert order.order_id not in festival.book.open_orders[SUN]

"""Words between people: they reach the other side, the order's room, and nobody else."""

import pytest

from festival_push.domain.events import CustomerMessage, NewNotification, VendorMessage
from festival_push.domain.refusals import NotFound
from festival_push.domain.topics import order_topic, user_topic
from festival_push.domain.values import OrderId, UserId
from festival_push.domain.words.messages import SendMessage
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival


@pytest.mark.parametrize(
    ("actor_id", "kind", "reader", "title"),
    [
        (ANNA, CustomerMessage, SUN, "Anna, order 1"), (SUN_KEEPER, VendorMessage, ANNA, "Sun, order 1"),
        (ADMIN, VendorMessage, ANNA, "Sun, order 1"),
    ],
)  # fmt: skip
def test_a_message_reaches_the_other_side_and_the_orders_room(
    actor_id: UserId, kind: type[VendorMessage | CustomerMessage], reader: UserId, title: str
) -> None:
    festival = Festival.opened(funds=1_000)
    order = festival.placed()
    decision = festival.decided(SendMessage(actor_id=actor_id, order_id=order.order_id, message="No onions?"))
    message, notification = decision.events
    assert message.topics == (user_topic(reader), order_topic(order.order_id))
    assert type(message.event) is kind
    assert message.event == decision.reply
    assert (decision.reply.user_id, decision.reply.vendor_id, decision.reply.order_id) == (ANNA, SUN, order.order_id)
    assert notification.topics == (user_topic(reader),)
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

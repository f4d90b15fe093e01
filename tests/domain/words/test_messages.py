"""Words between people: they reach the other side, the order's room, and nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.domain.events import CustomerMessage, NewNotification, VendorMessage
from festival_push.domain.refusals import Forbidden, NotFound
from festival_push.domain.topics import order_topic, own_topics, user_topic
from festival_push.domain.values import OrderId, UserId
from festival_push.domain.words.messages import Announce, Audience, SendMessage
from tests.support.festival import ADMIN, ANNA, BAR_KEEPER, BEN, SUN, SUN_KEEPER, Festival

PEOPLE = (ANNA, BEN, ADMIN, SUN_KEEPER, BAR_KEEPER)


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


@given(st.sampled_from(Audience), st.sampled_from([None, "low", "high"]), st.sampled_from([None, "Rain"]))
def test_an_announcement_is_one_event_that_its_audience_hears(
    audience: Audience, priority: str | None, title: str | None
) -> None:
    festival = Festival.opened()
    wish = Announce(actor_id=ADMIN, message="Storm.", title=title, audience=audience, priority=priority)  # type: ignore[arg-type]  # drawn from its values
    (told,) = festival.decided(wish).events
    assert told.event == NewNotification(
        timestamp=told.event.timestamp, message="Storm.", type="announcement", title=title, priority=priority
    )
    hear = {user_id for user_id in PEOPLE if set(own_topics(festival.book.users[user_id])) & set(told.topics)}
    assert (
        hear
        == {
            Audience.ALL: set(PEOPLE),
            Audience.CUSTOMERS: {ANNA, BEN},
            Audience.VENDORS: {SUN_KEEPER, BAR_KEEPER},
        }[audience]
    )


@pytest.mark.parametrize("actor_id", [ANNA, SUN_KEEPER])
def test_only_the_organiser_announces(actor_id: UserId) -> None:
    wish = Announce(actor_id=actor_id, message="Free beer!", title=None, audience=Audience.ALL, priority=None)
    with pytest.raises(Forbidden):
        Festival.opened().do(wish)

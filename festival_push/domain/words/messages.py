"""Messages between customer and stall about an order, and announcements by the organiser."""

from enum import StrEnum
from typing import Final, Literal

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import CustomerMessage, NewNotification, VendorMessage
from festival_push.domain.orders.orders import require_sight
from festival_push.domain.topics import ALL, order_topic, role_topic, user_topic
from festival_push.domain.values import Instant, OrderId, Role, Topic, UserId, VendorId

Priority = Literal["low", "normal", "high"]


class Audience(StrEnum):
    """Whom an announcement is for."""

    ALL = "all"
    CUSTOMERS = "customers"
    VENDORS = "vendors"


_TOPIC_OF: Final[dict[Audience, Topic]] = {
    Audience.ALL: ALL,
    Audience.CUSTOMERS: role_topic(Role.CUSTOMER),
    Audience.VENDORS: role_topic(Role.VENDOR),
}


class SendMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Send a message to the other side of an order: from the customer to the stall, or the other way round."""

    actor_id: UserId
    order_id: OrderId
    message: str

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), orders=(self.order_id,))

    def decide(self, book: Book, now: Instant) -> Decision[VendorMessage | CustomerMessage]:
        """Tell the other side and the order's room, and notify the other side. Raises NotFound."""
        actor = book.actor(self.actor_id, *Role)
        order = book.order(self.order_id)
        require_sight(order, actor)
        draft = Draft(book, now)
        from_customer = actor.user_id == order.user_id
        kind = CustomerMessage if from_customer else VendorMessage
        reader: UserId | VendorId = order.vendor_id if from_customer else order.user_id
        event = kind(
            timestamp=draft.timestamp,
            vendor_id=order.vendor_id,
            user_id=order.user_id,
            order_id=order.order_id,
            message=self.message,
        )
        notification = NewNotification(
            timestamp=draft.timestamp,
            title=f"{order.customer_name if from_customer else order.vendor_name}, order {order.number}",
            message=self.message,
            type="message",
            order_id=order.order_id,
        )
        draft.tell(event, user_topic(reader), order_topic(order.order_id))
        draft.tell(notification, user_topic(reader))
        return draft.decision(event)


class Announce(msgspec.Struct, frozen=True, kw_only=True):
    """Announce something to an audience: one event, however many people it has."""

    actor_id: UserId
    message: str
    title: str | None
    audience: Audience
    priority: Priority | None

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[NewNotification]:
        """Append the announcement as a notification. Raises Forbidden."""
        book.actor(self.actor_id, Role.ADMIN)
        draft = Draft(book, now)
        notification = NewNotification(
            timestamp=draft.timestamp,
            message=self.message,
            type="announcement",
            title=self.title,
            priority=self.priority,
        )
        draft.tell(notification, _TOPIC_OF[self.audience])
        return draft.decision(notification)

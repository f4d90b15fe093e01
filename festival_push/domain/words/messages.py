"""Messages between customer and stall about an order."""

from typing import ClassVar, Final

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import CustomerMessage, VendorMessage
from festival_push.domain.orders.orders import require_sight
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import Refusals, TooManyMessages
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import order_topic, stall_topic, user_topic
from festival_push.domain.values import Instant, OrderId, UserId

MESSAGES_MAX: Final = 100
"""How many messages each side may send about one order, for ever. Counted by side, so that neither uses up the
other's."""


class SendMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Send a message to the other side of an order: from the customer to the stall, or the other way round."""

    REFUSES: ClassVar[Refusals] = (TooManyMessages,)

    actor_id: UserId
    order_id: OrderId
    message: str

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), orders=(self.order_id,))

    def decide(self, book: Book, now: Instant) -> Decision[VendorMessage | CustomerMessage]:
        """Tell the other side and the order's room, and notify the other side. Raises NotFound, TooManyMessages."""
        actor = book.actor(self.actor_id)
        order = book.order(self.order_id)
        require_sight(order, actor)
        draft = Draft(book, now)
        from_customer = may(actor, Act.WRITE_TO_STALL, user_id=order.user_id)
        sent = order.customer_messages if from_customer else order.vendor_messages
        if sent >= MESSAGES_MAX:
            raise TooManyMessages(messages_max=MESSAGES_MAX)
        counter = "customer_messages" if from_customer else "vendor_messages"
        draft.put(msgspec.structs.replace(order, **{counter: sent + 1}))
        kind = CustomerMessage if from_customer else VendorMessage
        reader = stall_topic(order.vendor_id) if from_customer else user_topic(order.user_id)
        event = kind(
            timestamp=draft.timestamp,
            vendor_id=order.vendor_id,
            user_id=order.user_id,
            order_id=order.order_id,
            message=self.message,
        )
        draft.tell(event, reader, order_topic(order.order_id))
        sender = order.customer_name if from_customer else order.vendor_name
        draft.notify(
            reader, "order-message", order_id=order.order_id, said=self.message, sender=sender, number=order.number
        )
        return draft.decision(event)

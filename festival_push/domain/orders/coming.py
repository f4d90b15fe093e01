"""Coming: the customer of a ready order tells the stall that they are on the way."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import CustomerComing
from festival_push.domain.orders.orders import OrderReply, reply_of
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import NotReady, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import order_topic, stall_topic, user_topic
from festival_push.domain.values import Instant, OrderId, OrderStatus, UserId


class ComeForOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the stall that the customer is coming to pick up their ready order."""

    REFUSES: ClassVar[Refusals] = (NotReady,)

    order_id: OrderId
    customer_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.customer_id,), orders=(self.order_id,))

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Note it and tell it, once for each call; saying it again changes nothing.

        Raises NotFound for someone else's order, NotReady.
        """
        customer = book.actor(self.customer_id)
        order = book.order(self.order_id)
        require(customer, Act.COME_FOR_ORDER, user_id=order.user_id, vendor_id=order.vendor_id, what="order")
        if order.status is not OrderStatus.READY:
            raise NotReady(status=order.status)
        draft = Draft(book, now)
        if order.coming_at is None:
            order = msgspec.structs.replace(order, coming_at=now, updated_at=now)
            draft.put(order)
            event = CustomerComing(
                timestamp=draft.timestamp,
                order_id=order.order_id,
                user_id=order.user_id,
                vendor_id=order.vendor_id,
                number=order.number,
                coming_at=draft.timestamp,
            )
            draft.tell(event, user_topic(order.user_id), stall_topic(order.vendor_id), order_topic(order.order_id))
        return draft.decision(reply_of(draft, order, None))

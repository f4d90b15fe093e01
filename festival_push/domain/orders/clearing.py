"""Clearing: a stall completes all its ready orders at once, after a rush in which nobody ticked them off."""

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.orders.sales import tell_status
from festival_push.domain.people.relations import Act
from festival_push.domain.row_kinds import Needs
from festival_push.domain.values import Instant, OrderId, OrderStatus, UserId, VendorId


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """The orders that were completed, the oldest first."""

    order_ids: tuple[OrderId, ...]


class ClearReady(msgspec.Struct, frozen=True, kw_only=True):
    """Complete all ready orders of a stall. Each can be recalled, as any completed order."""

    actor_id: UserId
    vendor_id: VendorId
    called_until: Instant | None = None  # leaves those that were called later, which the caller has not seen; None: all

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), vendors=(self.vendor_id,), ready_of=(self.vendor_id,))

    def decide(self, book: Book, now: Instant) -> Decision[Cleared]:
        """Complete them; none is no error. Raises Forbidden, NotFound for someone else's stall."""
        book.own_stall(self.actor_id, self.vendor_id, Act.SERVE_ORDER)
        ready = [
            book.order(order.order_id)
            for order in book.open_orders[self.vendor_id].values()
            if order.status is OrderStatus.READY
            and (self.called_until is None or (order.called_at or 0) <= self.called_until)
        ]
        draft = Draft(book, now, user=self.actor_id)
        for order in ready:
            completed = msgspec.structs.replace(order, status=OrderStatus.COMPLETED, completed_at=now, updated_at=now)
            draft.put(completed)
            tell_status(draft, completed, None)
        return draft.decision(Cleared(order_ids=tuple(order.order_id for order in ready)))

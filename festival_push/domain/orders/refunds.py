"""Refunds by the organiser: some or all of an order's price, never more than was paid."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.orders.orders import OrderReply, queue_position_of, reply_of
from festival_push.domain.orders.rows import Order
from festival_push.domain.orders.sales import give_back
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import RefundTooLarge, Refusals
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, OrderId, TransferId, UserId


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Refund money of an order; the order keeps its status."""

    REFUSES: ClassVar[Refusals] = (RefundTooLarge,)

    actor_id: UserId
    order_id: OrderId
    amount: int | None  # minor units, of the total; None: all that is not refunded yet, and the tip
    reason: str
    transfer_id: TransferId

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), orders=(self.order_id,))

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Refund the amount, and the same share of the fee. Raises NotFound, RefundTooLarge."""
        book.organiser(self.actor_id, Act.REFUND_ORDER)
        order = book.order(self.order_id)
        refundable = order.total - order.refunded
        amount = refundable if self.amount is None else self.amount
        tip = order.tip - order.tip_refunded if self.amount is None else 0
        if amount > refundable or amount + tip <= 0:
            raise RefundTooLarge(refundable=refundable)
        draft = Draft(book, now, user=self.actor_id)
        refunded = refund(draft, order, amount, tip, transfer_id=self.transfer_id, reason=self.reason)
        before = {"refunded": order.refunded + order.tip_refunded}
        after: State = {
            "refunded": refunded.refunded + refunded.tip_refunded,
            "amount": amount + tip,
            "reason": self.reason,
        }
        draft.deed(DeedKind.REFUND, "order", order.order_id, before=before, after=after)
        return draft.decision(reply_of(draft, refunded, queue_position_of(book, refunded)))


def refund(
    draft: Draft,
    order: Order,
    amount: int,
    tip: int,
    *,
    transfer_id: TransferId,
    reason: str,
    reverses: TransferId | None = None,
) -> Order:
    """Refund money of an order as `give_back` does, tell the customer so, and return the order after that."""
    refunded = give_back(draft, order, amount, tip, transfer_id=transfer_id, reason=reason, reverses=reverses)
    draft.notify(
        user_topic(order.user_id), "order-refunded", order_id=order.order_id,
        amount=amount + tip, number=order.number, stall=order.vendor_name, reason=reason,
    )  # fmt: skip
    refunded = msgspec.structs.replace(refunded, updated_at=draft.now)
    draft.put(refunded)
    return refunded

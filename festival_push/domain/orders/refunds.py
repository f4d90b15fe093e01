"""Refunds by the organiser: some or all of an order's price, never more than was paid."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import NewNotification, OrderRefunded
from festival_push.domain.orders.orders import OrderReply, queue_position_of, reply_of
from festival_push.domain.refusals import RefundTooLarge, Refusals
from festival_push.domain.rows import Order
from festival_push.domain.topics import user_topic
from festival_push.domain.values import FEES, Instant, OrderId, Role, TransferId, TransferKind, UserId, user_account


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
        book.actor(self.actor_id, Role.ADMIN)
        order = book.order(self.order_id)
        refundable = order.total - order.refunded
        amount = refundable if self.amount is None else self.amount
        tip = order.tip - order.tip_refunded if self.amount is None else 0
        if amount > refundable or amount + tip <= 0:
            raise RefundTooLarge(refundable=refundable)
        draft = Draft(book, now)
        refunded = self._refund(draft, order, amount, tip)
        draft.put(refunded)
        return draft.decision(reply_of(draft, refunded, queue_position_of(book, refunded)))

    def _refund(self, draft: Draft, order: Order, amount: int, tip: int) -> Order:
        customer, till = user_account(order.user_id), user_account(order.vendor_id)
        refunded = order.refunded + amount
        fee_refunded = fee_share(order, refunded)
        if fee := fee_refunded - order.fee_refunded:  # first, so that the stall has it when the refund is taken
            returned = draft.transfer(
                TransferKind.FEE, fee, debit=FEES, credit=till,
                transfer_id=TransferId(f"{self.transfer_id}-fee"), order_id=order.order_id,
            )  # fmt: skip
            draft.tell_balance(order.vendor_id, returned)
            draft.tell_admins(returned, order=order)
        refund = draft.transfer(
            TransferKind.REFUND, amount + tip, debit=till, credit=customer,
            transfer_id=self.transfer_id, order_id=order.order_id, note=self.reason,
        )  # fmt: skip
        draft.tell_balance(order.user_id, refund)
        told = OrderRefunded(
            timestamp=draft.timestamp, order_id=order.order_id, amount=refund.amount, reason=self.reason
        )
        draft.tell(told, user_topic(order.user_id), user_topic(order.vendor_id))
        draft.tell_balance(order.vendor_id, refund)
        draft.tell_admins(refund, order=order)
        message = f"Money of order {order.number} at {order.vendor_name} is back in your wallet ({self.reason})."
        notification = NewNotification(
            timestamp=draft.timestamp, message=message, type="payment", order_id=order.order_id
        )
        draft.tell(notification, user_topic(order.user_id))
        return msgspec.structs.replace(
            order, refunded=refunded, tip_refunded=order.tip_refunded + tip, fee_refunded=fee_refunded,
            updated_at=draft.now,
        )  # fmt: skip


def fee_share(order: Order, refunded: int) -> int:
    """Return how much of the fee is refunded, in all, when `refunded` of the order's total is, in minor units.

    Rounded down once, however many refunds it takes; exactly the whole fee when all of the total has been refunded.
    """
    return order.platform_fee * refunded // order.total

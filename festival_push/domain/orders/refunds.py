"""Refunds: some or all of an order's price, or single lines of it; never more than was paid.

An organiser refunds any order. A stall refunds its own sales: orders that are open, and those of the day that it handed
over at once. An open order of which everything was given back is cancelled, so that nobody cooks it.
"""

from typing import ClassVar

import msgspec

from festival_push.domain.book import OPEN_STATUSES, Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.ledger import fee_share
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.orders.orders import OrderReply, queue_position_of, reply_of
from festival_push.domain.orders.pace import freed
from festival_push.domain.orders.refusals import DepositsExhausted, LineGone, SaleOver, TillShort
from festival_push.domain.orders.rows import LineBack, Order
from festival_push.domain.orders.sales import cancel, give_back, tell_status
from festival_push.domain.orders.stock import given_back, lines_left, put_back
from festival_push.domain.people.relations import Act, Person, may, require
from festival_push.domain.refusals import RefundTooLarge, Refusals
from festival_push.domain.reports.days import business_day
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import user_topic
from festival_push.domain.values import (
    Instant,
    OrderId,
    OrderStatus,
    Rules,
    TransferId,
    UserId,
    till_account,
)


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """What a refund gives back: amounts in minor units."""

    amount: int  # of the total
    tip: int = 0  # all that is left of it, or nothing
    deposit: int = 0
    lines: tuple[LineBack, ...] = ()

    @property
    def sum(self) -> int:
        """Return how much the customer gets."""
        return self.amount + self.tip + self.deposit


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Refund money of an order: an amount, what some of its lines cost, or everything."""

    REFUSES: ClassVar[Refusals] = (DepositsExhausted, LineGone, RefundTooLarge, SaleOver, TillShort)

    actor_id: UserId
    order_id: OrderId
    amount: int | None  # minor units, of the total; None: what the lines cost, or all that is left, and the tip
    reason: str
    transfer_id: TransferId
    lines: tuple[LineBack, ...] = ()  # each once, of the order's lines; none where an amount is given

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), orders=(self.order_id,), sold_items=(1,))

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Refund it, and the same share of the fee.

        Raises Forbidden, NotFound, RefundTooLarge, LineGone; and for a stall SaleOver, TillShort if it has been paid
        out the money, and DepositsExhausted if the deposits don't hold the order's any more.
        """
        actor, order = book.actor(self.actor_id), book.order(self.order_id)
        require(actor, Act.REFUND_SALE, user_id=order.user_id, vendor_id=order.vendor_id, what="order")
        assert len({line.index for line in self.lines}) == len(self.lines)
        draft = Draft(book, now, user=self.actor_id)
        back = self._back(order)
        if not may(actor, Act.REFUND_ORDER, vendor_id=order.vendor_id):
            _require_own_sale(draft, order, back, actor)
        refunded = refund(draft, order, back, transfer_id=self.transfer_id, reason=self.reason)
        before: State = {"refunded": order.back}
        after: State = {"refunded": refunded.back, "amount": refunded.back - order.back, "reason": self.reason}
        draft.deed(DeedKind.REFUND, "order", order.order_id, before=before, after=after)
        return draft.decision(reply_of(draft, refunded, queue_position_of(book, refunded)))

    def _back(self, order: Order) -> Back:
        refundable = order.total - order.refunded
        if self.lines:
            back = _of_lines(order, self.lines)
        elif self.amount is None:
            back = _rest(order)
        else:
            back = Back(amount=self.amount)
        if back.amount > refundable or back.sum <= 0:
            raise RefundTooLarge(refundable=refundable)
        return back


def is_own_sale(order: Order, person: Person, *, rules: Rules, now: Instant) -> bool:
    """Return whether this person may refund an order as its stall: it is open, or was handed over at once today."""
    if not may(person, Act.REFUND_SALE, vendor_id=order.vendor_id):
        return False
    today = business_day(order.created_at, rules) == business_day(now, rules)
    return order.status in OPEN_STATUSES or (order.handed_over and today)


def refund(
    draft: Draft,
    order: Order,
    back: Back,
    *,
    transfer_id: TransferId,
    reason: str,
    reverses: TransferId | None = None,
) -> Order:
    """Give money of an order back, tell the customer so, and return the order after that.

    With the last of its total all its lines are given back, whether they were named or not; if it is open, it is
    cancelled then, and the tip goes back too.

    Args:
        back: Of what the order's customer has not got back yet.
        reverses: The purchase or the tip that an organiser takes back by it.
    """
    is_rest = back.amount and order.refunded + back.amount == order.total
    lines = lines_left(order) if is_rest else back.lines
    refunded = give_back(
        draft, order, back.amount, back.tip, back.deposit, transfer_id=transfer_id, reason=reason, reverses=reverses,
        lines=lines,
    )  # fmt: skip
    put_back(draft, order, lines)
    refunded = msgspec.structs.replace(refunded, lines=given_back(order.lines, lines), updated_at=draft.now)
    if refunded.status in OPEN_STATUSES and refunded.refunded == refunded.total:
        return _cancelled(draft, refunded, reason=reason)
    draft.notify(
        user_topic(order.user_id), "sale-refunded" if order.handed_over else "order-refunded", order_id=order.order_id,
        amount=back.sum, number=None if order.handed_over else order.number, stall=order.vendor_name, reason=reason,
    )  # fmt: skip
    draft.put(refunded)
    return refunded


def _rest(order: Order) -> Back:
    return Back(
        amount=order.total - order.refunded,
        tip=order.tip - order.tip_refunded,
        deposit=order.deposit - order.deposit_refunded,
    )


def _of_lines(order: Order, lines: tuple[LineBack, ...]) -> Back:
    """Return what some lines cost. With the last of them goes all that is left of the total, and an open order's tip.

    An amount may have been refunded before that was of no line; so what the lines cost may be more than is left.
    """
    for line in lines:
        left = 0
        if line.index < len(order.lines):
            left = order.lines[line.index].quantity - (order.lines[line.index].refunded or 0)
        if line.quantity > left:
            raise LineGone(index=line.index, left=left)
    is_rest = {line.index: line.quantity for line in lines} == {line.index: line.quantity for line in lines_left(order)}
    named = [(order.lines[line.index], line.quantity) for line in lines]
    deposit = min(sum((line.deposit or 0) * quantity for line, quantity in named), _rest(order).deposit)
    if not is_rest:
        amount = sum(line.unit_price * quantity for line, quantity in named)
        return Back(amount=amount, deposit=deposit, lines=lines)
    if order.status in OPEN_STATUSES:
        return _rest(order)
    return Back(amount=order.total - order.refunded, deposit=deposit, lines=lines)


def _require_own_sale(draft: Draft, order: Order, back: Back, actor: Person) -> None:
    """Raise SaleOver or TillShort if a stall may not refund this by itself.

    What is open can't have been paid out. What was handed over may have been, and the till must still hold it: else
    a stall could sell, be paid out, and give the money back once more.
    """
    if not is_own_sale(order, actor, rules=draft.book.rules, now=draft.now):
        raise SaleOver
    if order.status in OPEN_STATUSES:
        return
    held = draft.book.open_orders[order.vendor_id].held
    available = max(draft.balance(till_account(order.vendor_id)) - held, 0)
    if back.amount + back.tip - (fee_share(order, order.refunded + back.amount) - order.fee_refunded) > available:
        raise TillShort(available=available)


def _cancelled(draft: Draft, order: Order, *, reason: str) -> Order:
    """Cancel an open order of which all of the total went back, and give back what else was paid for it."""
    if queue_position_of(draft.book, order) == 1:
        draft.put(freed(draft.book.vendor(order.vendor_id), draft.now))
    gone = cancel(draft, msgspec.structs.replace(order, status=OrderStatus.CANCELLED, reason=reason), reason=reason)
    draft.put(gone)
    tell_status(draft, gone, None)
    return gone

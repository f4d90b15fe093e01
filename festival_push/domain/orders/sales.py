"""Move the money of an order, and tell everyone concerned."""

import msgspec

from festival_push.domain.draft import Draft
from festival_push.domain.events import NewOrder, OrderReady, OrderRefunded, OrderStatusChanged
from festival_push.domain.ledger import fee_share
from festival_push.domain.orders.pace import estimated_minutes
from festival_push.domain.orders.rows import LineBack, Order
from festival_push.domain.orders.steps import cancellable_until
from festival_push.domain.refusals import InsufficientFunds
from festival_push.domain.topics import order_topic, stall_topic, user_topic
from festival_push.domain.values import FEES, AccountKind, TransferId, TransferKind, rfc3339, till_account, user_account


def summary(order: Order) -> str:
    """Return the order in one line: `2 × Falafel, 1 × Ayran`."""
    return ", ".join(f"{line.quantity} × {line.name}" for line in order.lines)


def pay_for(draft: Draft, order: Order, *, queue_position: int | None) -> None:
    """Debit the customer, credit the stall, take the fee, and tell all three and the organiser.

    Args:
        queue_position: 1 is next; None for what is handed over at once, which waits for nothing.
    Raises:
        InsufficientFunds: The wallet does not cover total and tip.
    """
    customer, till = user_account(order.user_id), till_account(order.vendor_id)
    if (balance := draft.balance(customer)) < order.total + order.tip:
        raise InsufficientFunds(balance=balance, total=order.total + order.tip)
    paid = draft.transfer(
        TransferKind.PURCHASE, order.total, debit=customer, credit=till,
        transfer_id=TransferId(f"{order.order_id}-paid"), order_id=order.order_id,
    )  # fmt: skip
    draft.tell_balance(customer, paid)
    draft.notify(
        user_topic(order.user_id), _paid_code(order), order_id=order.order_id,
        items=summary(order), stall=order.vendor_name, number=None if order.handed_over else order.number,
    )  # fmt: skip
    until = cancellable_until(order, draft.book.rules)
    new_order = NewOrder(
        timestamp=draft.timestamp,
        vendor_id=order.vendor_id,
        order_id=order.order_id,
        user_id=order.user_id,
        customer_name=order.customer_name,
        item=summary(order),
        price=order.total,
        number=order.number,
        items=order.lines,
        total=order.total,
        tip=order.tip or msgspec.UNSET,
        queue_position=queue_position,
        cancellable_until=msgspec.UNSET if until is None else rfc3339(until),
        at_once=order.handed_over or msgspec.UNSET,
    )
    draft.tell(new_order, stall_topic(order.vendor_id))
    tell_status(draft, order, queue_position)
    draft.tell_balance(till, paid)
    draft.tell_admins(paid, order=order)
    if order.tip:
        tip = draft.transfer(
            TransferKind.TIP, order.tip, debit=customer, credit=till,
            transfer_id=TransferId(f"{order.order_id}-tip"), order_id=order.order_id,
        )  # fmt: skip
        draft.tell_balance(customer, tip)
        draft.tell_balance(till, tip)
        draft.tell_admins(tip, order=order)
    if order.platform_fee:
        fee = draft.transfer(
            TransferKind.FEE, order.platform_fee, debit=till, credit=FEES,
            transfer_id=TransferId(f"{order.order_id}-fee"), order_id=order.order_id,
        )  # fmt: skip
        draft.tell_balance(till, fee)
        draft.tell_admins(fee, order=order)


def _paid_code(order: Order) -> str:
    """Return the code of the notice that an order was paid; without a number where none is called."""
    if order.is_amount:
        return "amount-paid"
    return "paid-at-once" if order.at_once else "order-paid"


def give_back(
    draft: Draft,
    order: Order,
    amount: int,
    tip: int,
    *,
    transfer_id: TransferId,
    reason: str,
    reverses: TransferId | None = None,
    lines: tuple[LineBack, ...] = (),
) -> Order:
    """Refund money of an order with the same share of its fee, tell everyone of it, and return the order with that.

    Args:
        amount: Minor units of the total, up to what has not been refunded yet.
        tip: Minor units of the tip: all that is left of it, or 0.
        transfer_id: Of the refund; the fee's is made from it.
        reverses: The purchase or the tip that an organiser takes back by it.
        lines: What the money is for, which only the event says here.
    """
    customer, till = user_account(order.user_id), till_account(order.vendor_id)
    refunded = order.refunded + amount
    fee_refunded = fee_share(order, refunded)
    if fee := fee_refunded - order.fee_refunded:  # first, so that the stall has it when the refund is taken
        returned = draft.transfer(
            TransferKind.FEE, fee, debit=FEES, credit=till,
            transfer_id=TransferId(f"{transfer_id}-fee"), order_id=order.order_id,
        )  # fmt: skip
        draft.tell_balance(till, returned)
        draft.tell_admins(returned, order=order)
    if amount + tip:
        refund = draft.transfer(
            TransferKind.REFUND, amount + tip, debit=till, credit=customer,
            transfer_id=transfer_id, order_id=order.order_id, note=reason, reverses=reverses,
        )  # fmt: skip
        draft.tell_balance(customer, refund)
        draft.tell(
            OrderRefunded(
                timestamp=draft.timestamp,
                account=AccountKind.WALLET,
                user_id=order.user_id,
                vendor_id=order.vendor_id,
                order_id=order.order_id,
                amount=refund.amount,
                reason=reason,
                lines=lines or msgspec.UNSET,
            ),
            user_topic(order.user_id), stall_topic(order.vendor_id),
        )  # fmt: skip
        draft.tell_balance(till, refund)
        draft.tell_admins(refund, order=order)
    return msgspec.structs.replace(
        order, refunded=refunded, tip_refunded=order.tip_refunded + tip, fee_refunded=fee_refunded
    )


def cancel(draft: Draft, order: Order, *, reason: str) -> Order:
    """Refund all that has not been refunded yet, tell the customer why, and return the order with that."""
    back = give_back(
        draft,
        order,
        order.total - order.refunded,
        order.tip - order.tip_refunded,
        transfer_id=TransferId(f"{order.order_id}-cancelled"),
        reason=reason,
    )
    draft.notify(
        user_topic(order.user_id), "order-cancelled", order_id=order.order_id,
        number=order.number, stall=order.vendor_name, reason=reason,
    )  # fmt: skip
    return back


def tell_status(draft: Draft, order: Order, queue_position: int | None) -> None:
    """Tell customer, stall, and everyone who has joined the order's room, the status of the order."""
    vendor = draft.book.vendor(order.vendor_id)
    event = OrderStatusChanged(
        timestamp=draft.timestamp,
        order_id=order.order_id,
        status=order.status,
        estimated_time=estimated_minutes(order.estimated_time, vendor, queue_position),
        item_name=summary(order),
        number=order.number,
        vendor_id=order.vendor_id,
        user_id=order.user_id,
        reason=msgspec.UNSET if order.reason is None else order.reason,
    )
    draft.tell(event, user_topic(order.user_id), stall_topic(order.vendor_id), order_topic(order.order_id))


def tell_ready(draft: Draft, order: Order) -> None:
    """Tell the customer to pick the order up."""
    reader = user_topic(order.user_id)
    notice = draft.notice(reader, "order-ready", order_id=order.order_id, number=order.number, stall=order.vendor_name)
    event = OrderReady(
        timestamp=draft.timestamp,
        order_id=order.order_id,
        item_name=summary(order),
        vendor_id=order.vendor_id,
        user_id=order.user_id,
        message=notice.message,
        number=order.number,
    )
    draft.tell(event, reader, order_topic(order.order_id))
    draft.tell(notice, reader)

"""Move the money of an order, and tell everyone concerned."""

import msgspec

from festival_push.domain.draft import Draft
from festival_push.domain.events import NewOrder, OrderReady, OrderRefunded, OrderStatusChanged
from festival_push.domain.ledger import fee_share
from festival_push.domain.orders.pace import estimated_minutes
from festival_push.domain.orders.refusals import DepositsExhausted
from festival_push.domain.orders.rows import LineBack, Order
from festival_push.domain.orders.steps import cancellable_until
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import InsufficientFunds
from festival_push.domain.topics import order_topic, stall_topic, user_topic
from festival_push.domain.values import (
    DEPOSITS,
    FEES,
    LOSSES,
    AccountId,
    AccountKind,
    TransferId,
    TransferKind,
    account_kind,
    actor_user,
    allowance_account,
    rfc3339,
    till_account,
    user_account,
)


def summary(order: Order) -> str:
    """Return the order in one line: `2 × Falafel, 1 × Ayran`."""
    return ", ".join(f"{line.quantity} × {line.name}" for line in order.lines)


def owed(draft: Draft, order: Order) -> Order:
    """Return a new order with what its customer's allowance pays of it: as much as there is, before the wallet."""
    allowance = min(order.paid, draft.balance(allowance_account(order.user_id)))
    return msgspec.structs.replace(order, allowance=allowance) if allowance else order


def pay_for(draft: Draft, order: Order, *, queue_position: int | None) -> None:
    """Debit the customer, credit the stall, take the fee, keep the deposit, and tell all of them and the organiser.

    What the allowance pays goes to the wallet first, by the order's first transfer; the wallet pays everything.

    Args:
        order: As `owed` leaves it.
        queue_position: 1 is next; None for what is handed over at once, which waits for nothing.
    Raises:
        InsufficientFunds: Wallet and allowance do not cover total, tip and deposit.
    """
    customer, till = user_account(order.user_id), till_account(order.vendor_id)
    if (balance := draft.balance(customer) + order.allowance) < order.paid:
        raise InsufficientFunds(balance=balance, total=order.paid)
    if order.allowance:
        _use_allowance(draft, order)
    paid = draft.transfer(
        TransferKind.PURCHASE, order.total, debit=customer, credit=till,
        transfer_id=TransferId(f"{order.order_id}-paid"), order_id=order.order_id,
    )  # fmt: skip
    draft.tell_balance(customer, paid)
    draft.notify(
        user_topic(order.user_id),
        "amount-paid" if order.is_amount else "paid-at-once" if order.at_once else "order-paid",
        order_id=order.order_id, items=summary(order), stall=order.vendor_name,
        number=None if order.handed_over else order.number,
    )  # fmt: skip
    _tell_sale(draft, order, queue_position)
    draft.tell_balance(till, paid)
    draft.tell_admins(paid, order=order)
    for kind, amount, debit, credit, name in (
        (TransferKind.TIP, order.tip, customer, till, "tip"),
        (TransferKind.DEPOSIT, order.deposit, customer, DEPOSITS, "deposit"),
        (TransferKind.FEE, order.platform_fee, till, FEES, "fee"),
    ):
        if amount:
            moved = draft.transfer(
                kind, amount, debit=debit, credit=credit, transfer_id=TransferId(f"{order.order_id}-{name}"),
                order_id=order.order_id,
            )  # fmt: skip
            for side in (debit, credit):
                if account_kind(side) is not None:
                    draft.tell_balance(side, moved)
            draft.tell_admins(moved, order=order)


def _tell_sale(draft: Draft, order: Order, queue_position: int | None) -> None:
    """Tell the stall what was sold, and both sides its status."""
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
        deposit=order.deposit or msgspec.UNSET,
        queue_position=queue_position,
        cancellable_until=msgspec.UNSET if until is None else rfc3339(until),
        at_once=order.handed_over or msgspec.UNSET,
    )
    draft.tell(new_order, stall_topic(order.vendor_id))
    tell_status(draft, order, queue_position)


def give_back(
    draft: Draft,
    order: Order,
    amount: int,
    tip: int,
    deposit: int = 0,
    *,
    transfer_id: TransferId,
    reason: str,
    reverses: TransferId | None = None,
    lines: tuple[LineBack, ...] = (),
) -> Order:
    """Refund money of an order with the same share of its fee, tell everyone of it, and return the order with that.

    Everything goes back to the wallet; then what is more than the wallet had paid, from there to the allowance.

    Args:
        amount: Minor units of the total, up to what has not been refunded yet.
        tip: Minor units of the tip: all that is left of it, or 0.
        deposit: Minor units of the deposit, up to what has not been given back yet.
        transfer_id: Of the refund; those of the fee, the deposit and the allowance are made from it.
        reverses: The purchase or the tip that an organiser takes back by it.
        lines: What the money is for, which only the event says here.
    """
    customer, till = user_account(order.user_id), till_account(order.vendor_id)
    refunded = order.refunded + amount
    fee_refunded = fee_share(order, refunded)
    if fee := fee_refunded - order.fee_refunded:  # first, so that the stall has it when the refund is taken
        _return_fee(draft, order, fee, transfer_id=transfer_id)
    back = msgspec.structs.replace(
        order,
        refunded=refunded,
        tip_refunded=order.tip_refunded + tip,
        fee_refunded=fee_refunded,
        deposit_refunded=order.deposit_refunded + deposit,
    )
    back = msgspec.structs.replace(back, allowance_refunded=max(back.back - (back.paid - back.allowance), 0))
    to_allowance = back.allowance_refunded - order.allowance_refunded
    event = OrderRefunded(
        timestamp=draft.timestamp,
        account=AccountKind.WALLET,
        user_id=order.user_id,
        vendor_id=order.vendor_id,
        order_id=order.order_id,
        amount=amount + tip,
        reason=reason,
        deposit=deposit or msgspec.UNSET,
        allowance=to_allowance or msgspec.UNSET,
        lines=lines or msgspec.UNSET,
    )
    if amount + tip:
        refund = draft.transfer(
            TransferKind.REFUND, amount + tip, debit=till, credit=customer,
            transfer_id=transfer_id, order_id=order.order_id, note=reason, reverses=reverses,
        )  # fmt: skip
        draft.tell_balance(customer, refund)
        draft.tell(event, user_topic(order.user_id), stall_topic(order.vendor_id))
        draft.tell_balance(till, refund)
        draft.tell_admins(refund, order=order)
    if deposit:
        _return_deposit(draft, order, deposit, transfer_id=transfer_id, reason=reason)
        if not amount + tip:
            draft.tell(event, user_topic(order.user_id), stall_topic(order.vendor_id))
    if to_allowance:
        _move_allowance(
            draft, order, to_allowance, debit=customer, credit=allowance_account(order.user_id),
            transfer_id=TransferId(f"{transfer_id}-allowance"),
        )  # fmt: skip
    return back


def cancel(draft: Draft, order: Order, *, reason: str) -> Order:
    """Refund all that has not been refunded yet, tell the customer why, and return the order with that."""
    if order.back < order.paid:
        order = give_back(
            draft,
            order,
            order.total - order.refunded,
            order.tip - order.tip_refunded,
            order.deposit - order.deposit_refunded,
            transfer_id=TransferId(f"{order.order_id}-cancelled"),
            reason=reason,
        )
    draft.notify(
        user_topic(order.user_id), "order-cancelled", order_id=order.order_id,
        number=order.number, stall=order.vendor_name, reason=reason,
    )  # fmt: skip
    return order


def _use_allowance(draft: Draft, order: Order) -> None:
    _move_allowance(
        draft, order, order.allowance, debit=allowance_account(order.user_id), credit=user_account(order.user_id),
        transfer_id=TransferId(f"{order.order_id}-allowance"),
    )  # fmt: skip


def _move_allowance(
    draft: Draft, order: Order, amount: int, *, debit: AccountId, credit: AccountId, transfer_id: TransferId
) -> None:
    """Move money of an order between its customer's allowance and wallet."""
    moved = draft.transfer(
        TransferKind.ALLOWANCE, amount, debit=debit, credit=credit, transfer_id=transfer_id, order_id=order.order_id
    )
    draft.tell_balance(debit, moved)
    draft.tell_balance(credit, moved)
    draft.tell_admins(moved, order=order)


def _return_fee(draft: Draft, order: Order, fee: int, *, transfer_id: TransferId) -> None:
    till = till_account(order.vendor_id)
    returned = draft.transfer(
        TransferKind.FEE, fee, debit=FEES, credit=till,
        transfer_id=TransferId(f"{transfer_id}-fee"), order_id=order.order_id,
    )  # fmt: skip
    draft.tell_balance(till, returned)
    draft.tell_admins(returned, order=order)


def _return_deposit(draft: Draft, order: Order, deposit: int, *, transfer_id: TransferId, reason: str) -> None:
    """Give an order's deposit back to its customer's wallet.

    What guests have brought back since may have emptied the deposits. The festival then loses the rest: whoever does
    not get what they paid for gets their deposit back, too. Only an organiser has the festival pay that; else a stall
    could give the deposit back for a cup that it never handed over, and once more with the order.

    Raises DepositsExhausted for everybody else.
    """
    there = min(draft.balance(DEPOSITS), deposit)
    if there < deposit and not _by_organiser(draft):
        raise DepositsExhausted(left=there)
    for source, part, suffix in ((DEPOSITS, there, "deposit"), (LOSSES, deposit - there, "deposit-loss")):
        if part:
            returned = draft.transfer(
                TransferKind.DEPOSIT, part, debit=source, credit=user_account(order.user_id),
                transfer_id=TransferId(f"{transfer_id}-{suffix}"), order_id=order.order_id, note=reason,
            )  # fmt: skip
            draft.tell_balance(user_account(order.user_id), returned)
            draft.tell_admins(returned, order=order)


def _by_organiser(draft: Draft) -> bool:
    actor_id = None if draft.actor is None else actor_user(draft.actor)
    return actor_id is not None and may(draft.book.person(actor_id), Act.REFUND_ORDER)


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

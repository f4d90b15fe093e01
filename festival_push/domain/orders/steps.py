"""The steps that an order may take, by whom, and until when."""

from typing import Final

from festival_push.domain.rows import Order
from festival_push.domain.values import Instant, OrderStatus, Role, Rules

RECALL_MS: Final = 10 * 60 * 1000
"""How long after it was completed an order may be recalled. By then its food has been eaten or thrown away."""

_STALL_STEPS: Final[dict[OrderStatus, frozenset[OrderStatus]]] = {
    OrderStatus.PENDING: frozenset(
        {OrderStatus.CONFIRMED, OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.CANCELLED}
    ),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PREPARING, OrderStatus.READY, OrderStatus.CANCELLED}),
    OrderStatus.PREPARING: frozenset({OrderStatus.READY, OrderStatus.CANCELLED}),
    # Back to preparing: it was not ready after all.
    OrderStatus.READY: frozenset({OrderStatus.PREPARING, OrderStatus.COMPLETED, OrderStatus.CANCELLED}),
    OrderStatus.COMPLETED: frozenset({OrderStatus.READY}),  # a recall: the tap hit the wrong order
}  # a status without a row is final
_CANCEL: Final = frozenset({OrderStatus.CANCELLED})
STEPS: Final[dict[Role, dict[OrderStatus, frozenset[OrderStatus]]]] = {
    Role.CUSTOMER: {
        OrderStatus.PENDING: _CANCEL,
        OrderStatus.CONFIRMED: _CANCEL,
        OrderStatus.PREPARING: _CANCEL,
    },
    Role.VENDOR: _STALL_STEPS,
    Role.ADMIN: _STALL_STEPS,
}
"""The steps of each role. `may_step` also knows which of them are possible for a limited time only."""


def may_step(order: Order, asked: OrderStatus, role: Role, *, rules: Rules, now: Instant) -> bool:
    """Return whether a person with this role, who sees the order, may change its status to another one now.

    A recall is possible for RECALL_MS, but not of an amount, which nobody picks up. A customer may cancel an order that
    its stall has accepted until `cancellable_until`.
    """
    if asked not in STEPS[role].get(order.status, frozenset()):
        return False
    until: Instant | None
    if order.status is OrderStatus.COMPLETED:
        until = recallable_until(order)
    elif role is Role.CUSTOMER and order.status is not OrderStatus.PENDING:
        until = cancellable_until(order, rules)
    else:
        return True
    return until is not None and now < until


def cancellable_until(order: Order, rules: Rules) -> Instant | None:
    """Return until when its customer may cancel an order also while it is confirmed or preparing.

    The time is counted from when the order was paid, and does not depend on its status. None: there is no such time.
    """
    return Instant(order.created_at + rules.cancel_ms) if rules.cancel_ms and not order.is_amount else None


def recallable_until(order: Order) -> Instant | None:
    """Return until when an order may be recalled; None if it is not completed, or is an amount."""
    if order.completed_at is None or order.is_amount:
        return None
    return Instant(order.completed_at + RECALL_MS)

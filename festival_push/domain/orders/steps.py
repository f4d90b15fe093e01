"""The steps that an order may take, by whom, and until when."""

from collections.abc import Mapping
from typing import Final

from festival_push.domain.orders.rows import Order
from festival_push.domain.people.relations import Act, Person, may
from festival_push.domain.values import Instant, OrderStatus, Rules

RECALL_MS: Final = 10 * 60 * 1000
"""How long after it was completed an order may be recalled. By then its food has been eaten or thrown away."""

Steps = Mapping[OrderStatus, frozenset[OrderStatus]]

STALL_STEPS: Final[Steps] = {
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
CUSTOMER_STEPS: Final[Steps] = {
    OrderStatus.PENDING: _CANCEL,
    OrderStatus.CONFIRMED: _CANCEL,
    OrderStatus.PREPARING: _CANCEL,
}
"""The steps of either side. The two functions below also know which of them are possible for a limited time only."""


def may_step(
    order: Order, asked: OrderStatus, person: Person, *, rules: Rules, now: Instant, attended: bool = True
) -> bool:
    """Return whether a person may change the status of this order to another one now.

    What they are to this order counts: whoever keeps another stall is a customer like any other here.
    """
    return serves(order, asked, person, now=now) or cancels_own(
        order, asked, person, rules=rules, now=now, attended=attended
    )


def serves(order: Order, asked: OrderStatus, person: Person, *, now: Instant) -> bool:
    """Return whether a person may take this step as the order's stall.

    A recall is possible for RECALL_MS, but not of what was handed over when it was paid, which nobody picks up.
    """
    if not may(person, Act.SERVE_ORDER, vendor_id=order.vendor_id):
        return False
    if asked not in STALL_STEPS.get(order.status, frozenset()):
        return False
    return order.status is not OrderStatus.COMPLETED or _is_before(now, recallable_until(order))


def cancels_own(
    order: Order, asked: OrderStatus, person: Person, *, rules: Rules, now: Instant, attended: bool = True
) -> bool:
    """Return whether a person may take this step as the order's customer.

    An order that its stall has accepted may be cancelled until `cancellable_until`; and for as long as it waits at a
    stall where there is nobody any more who could serve it.
    """
    if not may(person, Act.CANCEL_OWN_ORDER, user_id=order.user_id):
        return False
    if asked not in CUSTOMER_STEPS.get(order.status, frozenset()):
        return False
    waits = order.status is OrderStatus.PENDING or not attended
    return waits or _is_before(now, cancellable_until(order, rules))


def cancellable_until(order: Order, rules: Rules) -> Instant | None:
    """Return until when its customer may cancel an order also while it is confirmed or preparing.

    The time is counted from when the order was paid, and does not depend on its status. None: there is no such time.
    """
    return Instant(order.created_at + rules.cancel_ms) if rules.cancel_ms and not order.handed_over else None


def recallable_until(order: Order) -> Instant | None:
    """Return until when an order may be recalled; None if it never may.

    It is not completed, or was handed over when it was paid; or all of it was refunded, so that nobody may cook it.
    """
    if order.completed_at is None or order.handed_over or order.refunded == order.total:
        return None
    return Instant(order.completed_at + RECALL_MS)


def _is_before(now: Instant, until: Instant | None) -> bool:
    return until is not None and now < until

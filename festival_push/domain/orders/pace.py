"""How fast a stall works, measured; and how long an order takes by that."""

from typing import Final

import msgspec

from festival_push.domain.rows import Order, Vendor
from festival_push.domain.values import Instant

ESTIMATE_MINUTES_MAX: Final = 240
MEASURED_MIN: Final = 5
"""Orders that must have been measured before anything is said."""
MEASURED_MAX: Final = 10
"""Where counting ends: from then on the newest order makes up a tenth of the pace."""
TOOK_MS_MAX: Final = 60 * 60 * 1000
"""An order that took longer was forgotten, or the stall had a break: it is not measured."""

_MINUTE_MS: Final = 60 * 1000


def after_finishing(vendor: Vendor, order: Order, now: Instant) -> Vendor:
    """The stall when an order has become ready.

    The order took the time since it was placed or, if later, since the stall was free for it. So the pace is the time
    between two orders of a busy stall, however many are cooked at once, and a quiet hour is no part of it. It is a mean
    and not a median: of four that are ready together after eight minutes, each took two.

    Args:
        order: As it was before. One that was ready already and came back is not measured a second time.
    """
    took_ms = max(0, now - max(order.created_at, vendor.free_at))
    if order.ready_at is not None or took_ms > TOOK_MS_MAX:
        return freed(vendor, now)
    measured = min(vendor.measured + 1, MEASURED_MAX)
    pace_ms = vendor.pace_ms + (took_ms - vendor.pace_ms) // measured
    return msgspec.structs.replace(vendor, measured=measured, pace_ms=pace_ms, free_at=now)


def freed(vendor: Vendor, now: Instant) -> Vendor:
    """The stall when it turns to its next order without having finished one: what that took is not measured."""
    return msgspec.structs.replace(vendor, free_at=now)


def estimated_minutes(own: int | None, vendor: Vendor, place: int | None) -> int | None:
    """When an order will be ready.

    Args:
        own: What the stall said itself; it wins.
        place: In the queue, 1 is next; None when the order waits no more.
    Returns:
        Whole minutes, 0..ESTIMATE_MINUTES_MAX, rounded up; None when nobody knows.
    """
    if own is not None or place is None or vendor.measured < MEASURED_MIN:
        return own
    return min(-(-vendor.pace_ms * place // _MINUTE_MS), ESTIMATE_MINUTES_MAX)

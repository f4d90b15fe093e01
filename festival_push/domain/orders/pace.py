"""Measure how fast a stall works, and estimate from that when an order will be ready."""

from typing import Final

import msgspec

from festival_push.domain.orders.rows import Order
from festival_push.domain.rows import Vendor
from festival_push.domain.values import Instant

ESTIMATE_MINUTES_MAX: Final = 240
MEASURED_MIN: Final = 5
"""How many orders must have been measured before an estimate is given."""
MEASURED_MAX: Final = 10
"""The count of measured orders stops here: from then on the newest order makes up a tenth of the pace."""
TOOK_MS_MAX: Final = 60 * 60 * 1000
"""An order that took longer than this is not measured: it was forgotten, or the stall had a break."""

_MINUTE_MS: Final = 60 * 1000


def after_finishing(vendor: Vendor, order: Order, now: Instant) -> Vendor:
    """Return the stall after an order has become ready, with the order measured.

    The order took the time since it was placed or, if later, since the stall was free for it. So the pace is the time
    between two orders of a busy stall, however many are cooked at once, and a quiet hour does not count. It is a mean
    and not a median: of four orders that are ready together after eight minutes, each took two.

    Args:
        order: As it was before this step. An order that was ready before is not measured again.
    """
    took_ms = max(0, now - max(order.created_at, vendor.free_at))
    if order.ready_at is not None or took_ms > TOOK_MS_MAX:
        return freed(vendor, now)
    measured = min(vendor.measured + 1, MEASURED_MAX)
    pace_ms = vendor.pace_ms + (took_ms - vendor.pace_ms) // measured
    return msgspec.structs.replace(vendor, measured=measured, pace_ms=pace_ms, free_at=now)


def freed(vendor: Vendor, now: Instant) -> Vendor:
    """Mark the stall free from now on, without taking a measurement."""
    return msgspec.structs.replace(vendor, free_at=now)


def estimated_minutes(own: int | None, vendor: Vendor, queue_position: int | None) -> int | None:
    """Return in how many minutes an order will be ready.

    Args:
        own: The stall's own estimate in minutes; it is returned as it is.
        queue_position: 1 is next; None if the order no longer waits.
    Returns:
        Whole minutes, 0..ESTIMATE_MINUTES_MAX, rounded up; None if too few orders were measured or the order no
        longer waits.
    """
    if own is not None or queue_position is None or vendor.measured < MEASURED_MIN:
        return own
    return min(-(-vendor.pace_ms * queue_position // _MINUTE_MS), ESTIMATE_MINUTES_MAX)

"""The platform fee, and the name of a transfer in its wallet's history."""

from typing import Final

from festival_push.domain.rows import Order
from festival_push.domain.values import TransferKind

BASIS_POINTS: Final = 10_000


def platform_fee(total: int, fee_bp: int) -> int:
    """Return the organiser's share of a sale in minor units, rounded down: the fraction of a cent stays with the stall.

    Args:
        fee_bp: Basis points, 0..BASIS_POINTS.
    """
    return total * fee_bp // BASIS_POINTS


def fee_share(order: Order, refunded: int) -> int:
    """Return how much of the fee is refunded, in all, when `refunded` of the order's total is, in minor units.

    Rounded down once, however many refunds it takes; exactly the whole fee when all of the total has been refunded.
    """
    return order.platform_fee * refunded // order.total


def wallet_kind(kind: TransferKind, *, credited: bool) -> str:
    """Return the kind of a transfer as one wallet shows it: a purchase for the customer is a sale for the stall."""
    return "sale" if kind is TransferKind.PURCHASE and credited else kind.value

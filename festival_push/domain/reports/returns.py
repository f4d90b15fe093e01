"""Refunds by rate: of what an order's refunds were, though the ledger keeps only how much went back."""

from collections.abc import Iterable

import msgspec

from festival_push.domain.orders.rows import OrderLine
from festival_push.domain.orders.taxes import Rate, returned_by_rate, shared
from festival_push.domain.values import OrderId, VendorId


class RefundedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One refund of an order, with what the order's other refunds were."""

    order_id: OrderId
    vendor_id: VendorId
    lines: tuple[OrderLine, ...]
    refunded: int  # of its total, in all, by now
    tip_refunded: int
    amount: int  # of this refund
    before: int  # of the order's refunds before this one
    after: int  # of those after it
    tip_before: bool  # the tip was taken back alone, by an earlier one
    is_tip: bool  # this one took the tip back, and nothing else
    tip_after: bool


def goods_of(refund: RefundedOrder) -> tuple[int, int]:
    """Return how much of an order's goods had gone back before a refund, and after it.

    A tip goes back as a whole: alone, or with all that is left of the order, so with its last refund.
    """
    if refund.is_tip:
        return refund.before, refund.before
    alone = refund.tip_before or refund.tip_after
    tip = 0 if alone else max(min(refund.tip_refunded - refund.after, refund.amount), 0)
    before = refund.before - (refund.tip_refunded if refund.tip_before else 0)
    return before, before + refund.amount - tip


def returned(refunds: Iterable[RefundedOrder]) -> dict[Rate, int]:
    """Return what these refunds gave back of goods at each rate."""
    back: dict[Rate, int] = {}
    for refund in refunds:
        before, after = goods_of(refund)
        for sign, goods in ((-1, before), (1, after)):
            for rate, amount in _by_rate(refund, goods).items():
                back[rate] = back.get(rate, 0) + sign * amount
    return back


def _by_rate(refund: RefundedOrder, goods: int) -> dict[Rate, int]:
    """Return what had gone back at each rate when so much of the goods had.

    Of lines that were given back, the order says which, but not when. So of a time before the last refund, what has
    gone back by now is shared. What had gone back at a rate never falls from one refund to the next.
    """
    by_now = returned_by_rate(refund.lines, refund.refunded)
    return by_now if goods == refund.refunded else shared(goods, by_now)

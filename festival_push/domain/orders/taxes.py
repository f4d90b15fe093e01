"""The tax in prices. This is the one place that rounds: a receipt, a settlement and a report all ask here.

A price has its tax in it. The tax of a document is found for each rate from the sum of that rate, and rounded once
there, half up; so what a rate took, its net and its tax always add up. What is given back without saying of what is
shared among the rates by what they took.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import msgspec
from msgspec import UnsetType

from festival_push.domain.orders.rows import Order, OrderLine

Rate = int | None
"""Basis points of the price without the tax: 0..10_000. None: nobody said, which is not 0."""


class RateSum(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken at one rate; amounts are in minor units, and may be negative where more went back than came."""

    tax_bp: Rate
    gross: int  # with the tax
    tax: int  # 0 if nobody said the rate

    @property
    def net(self) -> int:
        """Return what is left without the tax."""
        return self.gross - self.tax


class OrderTax(RateSum, frozen=True, kw_only=True):
    """What an order took at one rate, and what of that went back."""

    returned: int  # of the gross
    tax_returned: int  # of the tax: what is left has exactly the tax of what is left


def tax_in(gross: int, rate: Rate) -> int:
    """Return the tax in an amount: rounded half up, away from 0, so that the tax of −x is minus the tax of x."""
    if not rate:
        return 0
    tax = (2 * abs(gross) * rate + 10_000 + rate) // (2 * (10_000 + rate))
    return tax if gross >= 0 else -tax


def rate_sums(gross: Mapping[Rate, int]) -> tuple[RateSum, ...]:
    """Return the sums of the rates that took something, the highest rate first, the unsaid one last."""
    ordered = sorted(gross, key=lambda rate: -1 if rate is None else rate, reverse=True)
    return tuple(
        RateSum(tax_bp=rate, gross=gross[rate], tax=tax_in(gross[rate], rate)) for rate in ordered if gross[rate]
    )


def order_taxes(order: Order) -> tuple[OrderTax, ...]:
    """Return what an order's goods took at each rate, and what of that went back; tip and deposit have no rate."""
    back = returned_by_rate(order.lines, order.refunded)
    return tuple(
        OrderTax(
            tax_bp=each.tax_bp,
            gross=each.gross,
            tax=each.tax,
            returned=back[each.tax_bp],
            tax_returned=each.tax - tax_in(each.gross - back[each.tax_bp], each.tax_bp),
        )
        for each in rate_sums(sold_by_rate(order.lines))
    )


def sold_by_rate(lines: Iterable[OrderLine]) -> dict[Rate, int]:
    """Return what the goods of these lines cost at each rate, without tip and deposit."""
    sold: dict[Rate, int] = {}
    for line in lines:
        sold[rate_of(line)] = sold.get(rate_of(line), 0) + line.total
    return sold


def returned_by_rate(lines: Iterable[OrderLine], refunded: int) -> dict[Rate, int]:
    """Return what of an order's goods went back at each rate.

    Args:
        refunded: What went back of their total, 0..total, no less than the lines that were refunded as lines.

    Of a refunded line the rate is known; the rest is shared among what the rates have left. What went back at a rate
    never falls when more goes back, never exceeds what the rate took, and all of it is `refunded`.
    """
    lines = tuple(lines)
    sold = sold_by_rate(lines)
    as_lines = dict.fromkeys(sold, 0)
    for line in lines:
        as_lines[rate_of(line)] += (0 if isinstance(line.refunded, UnsetType) else line.refunded) * line.unit_price
    left = {rate: gross - as_lines[rate] for rate, gross in sold.items()}
    rest = shared(refunded - sum(as_lines.values()), left)
    return {rate: as_lines[rate] + rest[rate] for rate in sold}


def shared(amount: int, among: Mapping[Rate, int]) -> dict[Rate, int]:
    """Share an amount among the rates by what they took, in whole minor units.

    Args:
        amount: 0 to the sum of `among`.
        among: What each rate took, 0 or more.
    Returns:
        Parts whose sum is `amount`. None falls when the amount rises, and each is what the rate took when the amount
        is the sum. Largest remainders can't promise that; the way of Webster (Sainte-Laguë) can.
    """
    whole = sum(among.values())
    assert 0 <= amount <= whole, (amount, whole)
    if not whole:
        return dict.fromkeys(among, 0)
    rates = sorted(among, key=lambda rate: -1 if rate is None else rate, reverse=True)
    parts = {rate: (2 * amount * among[rate] + whole) // (2 * whole) for rate in rates}  # rounded: off by a few units
    while (missing := amount - sum(parts.values())) > 0:
        parts[max(rates, key=lambda rate: Fraction(among[rate], 2 * parts[rate] + 1))] += 1
    while missing < 0:
        held = [rate for rate in reversed(rates) if parts[rate]]
        parts[min(held, key=lambda rate: Fraction(among[rate], 2 * parts[rate] - 1))] -= 1
        missing += 1
    return {rate: parts[rate] for rate in among}


def rate_of(line: OrderLine) -> Rate:
    """Return the rate at which a line was sold."""
    return None if isinstance(line.tax_bp, UnsetType) else line.tax_bp

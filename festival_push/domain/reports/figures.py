"""The figures of a report: what tills and the desk did in a stretch of time, or between two transfers.

Amounts are in minor units. They come from transfers, which never change, so the figures of a stretch that is over stay
the same for good. The exception is which rate of tax a refund is of: if an order of several rates is refunded more than
once, a later refund may move an earlier one's amount between rates. The sum over the rates stays.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from festival_push.domain.money.settlements import Movement
from festival_push.domain.orders.taxes import Rate, rate_sums
from festival_push.domain.values import ItemId, TransferKind, VendorId

Source = Literal["desk", "provider"]


class Sums(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What tills did: sales + tips − refunds − fees = net, and what else moved them."""

    orders: int = 0
    sales: int = 0  # with the tax in the prices
    tips: int = 0
    refunds: int = 0  # of sales and of tips
    fees: int = 0  # less those that went back
    net: int = 0  # what is left to the stall
    paid_out: int = 0  # asked for, less what came back
    other: int = 0


class TaxLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was sold at one rate, less what went back of it: net + tax = gross."""

    tax_bp: Rate  # None: nobody said
    gross: int
    net: int
    tax: int


class ItemLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How much was sold of one item at one rate; amounts that a stall named are one line without an item."""

    vendor_id: VendorId
    item_id: ItemId | None
    name: str  # the newest; empty for named amounts
    tax_bp: Rate
    quantity: int
    amount: int
    back: int = 0  # how many of these were given back since, as lines or with a cancelled order
    back_amount: int = 0
    deposits: int = 0  # charged beside the amount


class MethodLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What came in by one method, to the desk or from a provider."""

    source: Source
    method: str  # `cash`, `card`, a provider's name
    top_ups: int  # how many
    amount: int
    back: int = 0  # of that or earlier, to whoever paid
    paid_out: int = 0  # at the desk


class CashierLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one person booked at the desk by one method."""

    actor: str
    source: Source
    method: str
    top_ups: int
    amount: int
    back: int = 0
    paid_out: int = 0


class Figures(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """All figures of a stall, or of the festival, which alone has methods and cashiers. Z reports keep them."""

    sums: Sums
    taxes: tuple[TaxLine, ...] = ()
    items: tuple[ItemLine, ...] = ()
    deposits: int = 0  # charged with orders
    deposits_back: int = 0  # to customers; of a stall only with its orders
    methods: tuple[MethodLine, ...] = ()
    cashiers: tuple[CashierLine, ...] = ()
    transfers: int = 0  # how many there were


def sums_of(movements: Iterable[Movement]) -> Sums:
    """Return the sums of tills from all that moved them."""
    net = dict.fromkeys(TransferKind, 0)
    orders = 0
    for movement in movements:
        net[movement.kind] += movement.amount if movement.credited else -movement.amount
        orders += movement.count if movement.kind is TransferKind.PURCHASE else 0
    sales, tips = net.pop(TransferKind.PURCHASE), net.pop(TransferKind.TIP)
    refunds, fees, paid_out = -net.pop(TransferKind.REFUND), -net.pop(TransferKind.FEE), -net.pop(TransferKind.PAYOUT)
    return Sums(
        orders=orders, sales=sales, tips=tips, refunds=refunds, fees=fees, net=sales + tips - refunds - fees,
        paid_out=paid_out, other=sum(net.values()),
    )  # fmt: skip


def added(sums: Iterable[Sums]) -> Sums:
    """Return several sums as one."""
    rows = [msgspec.structs.astuple(each) for each in sums]
    return Sums(**{name: sum(row[at] for row in rows) for at, name in enumerate(Sums.__struct_fields__)})


def tax_lines(sold: Mapping[Rate, int], returned: Mapping[Rate, int]) -> tuple[TaxLine, ...]:
    """Return what is left of each rate; rounded once for each."""
    left = {rate: sold.get(rate, 0) - returned.get(rate, 0) for rate in sold.keys() | returned.keys()}
    return tuple(TaxLine(tax_bp=each.tax_bp, gross=each.gross, net=each.net, tax=each.tax) for each in rate_sums(left))


def sold_by_rate(items: Iterable[ItemLine]) -> dict[Rate, int]:
    """Return what these items took at each rate."""
    sold: dict[Rate, int] = {}
    for item in items:
        sold[item.tax_bp] = sold.get(item.tax_bp, 0) + item.amount
    return sold

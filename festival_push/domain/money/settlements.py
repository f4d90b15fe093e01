"""Settlement: what a stall sold, what went back, what it owes, and what is due to it."""

from collections.abc import Iterable
from typing import Final

import msgspec

from festival_push.domain.rows import Vendor
from festival_push.domain.values import TransferKind

_BOUGHT: Final = frozenset({(TransferKind.PURCHASE, False), (TransferKind.REFUND, True)})
"""What the keeper did as a customer, before the wallet became the till: kinds, and whether they were credited."""


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """All transfers of one kind and direction of a till, together."""

    kind: TransferKind
    credited: bool  # into the till
    count: int
    amount: int


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """A till, explained: `balance` is the sum of all the rest."""

    vendor: Vendor
    orders: int
    sales: int
    refunds: int
    fees: int  # less those that went back
    paid_out: int  # asked for or paid, and not rejected
    other: int  # top-ups, adjustments, and what its keeper bought before the wallet became the till
    balance: int

    @property
    def payout_due(self) -> int:
        """What the organiser has yet to pay."""
        return max(self.balance, 0)

    @property
    def owed(self) -> int:
        """What the stall owes, when more was refunded than it had left."""
        return max(-self.balance, 0)


def settle(vendor: Vendor, movements: Iterable[Movement]) -> Settlement:
    """Sort everything that moved through a stall's till."""
    net = dict.fromkeys(TransferKind, 0)
    orders = bought = 0
    for movement in movements:
        amount = movement.amount if movement.credited else -movement.amount
        if (movement.kind, movement.credited) in _BOUGHT:
            bought += amount
            continue
        net[movement.kind] += amount
        if movement.kind is TransferKind.PURCHASE:
            orders += movement.count
    return Settlement(
        vendor=vendor,
        orders=orders,
        sales=net[TransferKind.PURCHASE],
        refunds=-net[TransferKind.REFUND],
        fees=-net[TransferKind.FEE],
        paid_out=-net[TransferKind.PAYOUT],
        other=net[TransferKind.TOP_UP] + net[TransferKind.ADJUSTMENT] + bought,
        balance=sum(net.values()) + bought,
    )

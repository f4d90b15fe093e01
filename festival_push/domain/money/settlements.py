"""Settlement: what a stall sold and refunded, and what it owes or is still to be paid."""

from collections.abc import Iterable
from typing import Final

import msgspec

from festival_push.domain.rows import Vendor
from festival_push.domain.values import TransferKind

_NAMED: Final = frozenset(
    {TransferKind.PURCHASE, TransferKind.TIP, TransferKind.REFUND, TransferKind.FEE, TransferKind.PAYOUT}
)
"""The kinds of transfer that have a line of their own; a till has hardly any others."""


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """The count and sum of a till's transfers of one kind and direction."""

    kind: TransferKind
    credited: bool  # True: into the till; False: out of it
    count: int
    amount: int


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """The balance of a till, split by what made it: sales + tips − refunds − fees − paid_out + other."""

    vendor: Vendor
    orders: int
    sales: int
    tips: int
    refunds: int  # of sales and of tips
    fees: int  # less those that went back
    paid_out: int  # asked for or paid, and not rejected
    other: int  # all other kinds, such as adjustments
    balance: int

    @property
    def payout_due(self) -> int:
        """Return what the organiser still has to pay to the stall, in minor units."""
        return max(self.balance, 0)

    @property
    def owed(self) -> int:
        """Return what the stall owes, in minor units: more was refunded than it had left."""
        return max(-self.balance, 0)


def settle(vendor: Vendor, movements: Iterable[Movement]) -> Settlement:
    """Return the settlement of a stall from all movements of its till."""
    net = dict.fromkeys(TransferKind, 0)
    orders = 0
    for movement in movements:
        amount = movement.amount if movement.credited else -movement.amount
        net[movement.kind] += amount
        if movement.kind is TransferKind.PURCHASE:
            orders += movement.count
    return Settlement(
        vendor=vendor,
        orders=orders,
        sales=net[TransferKind.PURCHASE],
        tips=net[TransferKind.TIP],
        refunds=-net[TransferKind.REFUND],
        fees=-net[TransferKind.FEE],
        paid_out=-net[TransferKind.PAYOUT],
        other=sum(amount for kind, amount in net.items() if kind not in _NAMED),
        balance=sum(net.values()),
    )

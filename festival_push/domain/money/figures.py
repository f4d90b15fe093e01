"""The figures of the reconciliation: totals of balances, transfers, receipts, orders and payouts."""

from collections.abc import Sequence
from typing import Final

import msgspec

from festival_push.domain.rows import Vendor
from festival_push.domain.values import PayoutStatus, TransferKind, VendorId

PEOPLE: Final = "people"
"""The party that stands for all wallets of people. Every other account (a till, a system account) is its own party."""
DRAWERS: Final = "drawers"
"""The party that stands for all drawers of cash."""
ALLOWANCES: Final = "allowances"
"""The party that stands for all allowances of people."""


class Flow(msgspec.Struct, frozen=True):
    """The count and sum of all transfers of one kind from one party to another."""

    source: str
    target: str
    kind: TransferKind
    count: int
    amount: int


class Received(msgspec.Struct, frozen=True):
    """The count and sums of all receipts of one provider."""

    provider: str
    count: int
    amount: int
    held: int  # of it waits for its owner
    returned: int  # of it was given back to its payers by hand
    astray: int  # how many of these receipts name a transfer that did not bring their money
    assigned: int  # of it went from held money to wallets, by hand
    claimed: int  # of it the provider has taken back


class Sold(msgspec.Struct, frozen=True):
    """The totals of all orders of one stall."""

    vendor_id: VendorId
    count: int
    total: int
    refunded: int  # with its tips
    fee: int  # less what went back
    tips: int
    deposit: int = 0  # less what went back with its orders
    allowance: int = 0  # that paid for its orders, less what went back


class PaidOut(msgspec.Struct, frozen=True):
    """The count and sum of all payouts of one party in the same status."""

    party: str
    status: PayoutStatus
    count: int
    amount: int
    at_desk: bool = False  # in cash


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The totals of balances, transfers, receipts, orders and payouts, all at one moment."""

    position: int
    transfer_seq: int
    vendors: Sequence[Vendor]
    balances: dict[str, tuple[int, int]]  # party -> accounts, sum of their balances
    flows: Sequence[Flow]
    received: Sequence[Received]
    unexplained: dict[str, int]  # provider's account -> transfers that moved it and are of no receipt of theirs
    sold: Sequence[Sold]
    paid_out: Sequence[PaidOut]
    given_back: int = 0  # deposits that stalls offered and guests have claimed

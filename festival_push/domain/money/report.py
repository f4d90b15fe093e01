"""The parts of the reconciliation: what each line of the report says."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.values import PayoutStatus, VendorId


class Source(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where money came in: a payment provider, or a method of the cash desk."""

    name: str
    provider: bool
    count: int
    came_in: int  # less what went back
    credited: int  # to wallets at once, less what was taken back of it
    assigned: int  # held first, then given to its owner by hand
    held: int  # still without an owner


class Cash(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The cash of all drawers together, and what became of it: topUps − payouts + differences = drawers + safe."""

    top_ups: int  # into drawers, less what was given back of them
    payouts: int  # out of drawers to guests, less what came back of them
    drawers: int  # in those that are open
    safe: int  # from drawers, less what it gave them
    differences: int  # over at closings, less what was short


class Wallets(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All wallets of people together: `balance` is what they have left."""

    count: int
    top_ups: int
    purchases: int
    tips: int
    refunds: int
    payouts: int  # asked for or paid, and not rejected
    payout_fees: int | UnsetType = UNSET  # of those; left out: none
    donations: int | UnsetType = UNSET
    other: int  # less what was taken back of top-ups
    balance: int
    deposits: int | UnsetType = UNSET  # less what went back, where there are some
    allowances: int | UnsetType = UNSET  # that paid for orders, less what went back


class Till(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One stall's till: `balance` is what is left of its sales."""

    vendor_id: VendorId
    name: str
    orders: int
    sales: int
    tips: int
    refunds: int
    fees: int
    payouts_requested: int
    payouts_completed: int
    other: int
    balance: int
    difference: int  # 0, or by how much its accounts, transfers, orders and payouts disagree, summed


class Comparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two totals that must be the same."""

    what: str
    vendor_id: VendorId | None
    unit: Literal["money", "rows"]
    one: str  # what the first total is, in words
    one_total: int
    other: str
    other_total: int
    difference: int


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The report: in + losses − out − fees − donations = wallets + tills + held, and all that it is made of.

    Where deposits are taken or allowances granted, `crew` comes in too, and `deposits` and `allowances` are left.
    """

    position: int
    transfers: int
    came_in: int
    paid_out: int  # asked for or paid, and not rejected
    fees: int
    donations: int | UnsetType = UNSET  # left out: none
    held: int
    losses: int  # taken back of what was spent already
    sources: tuple[Source, ...]
    cash: Cash
    wallets: Wallets
    tills: tuple[Till, ...]
    payouts: dict[PayoutStatus, int]
    comparisons: tuple[Comparison, ...]
    balanced: bool
    deposits: int | UnsetType = UNSET  # taken and not given back
    allowances: int | UnsetType = UNSET  # granted and not used
    crew: int | UnsetType = UNSET  # what the festival has granted, less what was taken back

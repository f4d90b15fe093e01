"""Refusals of erasing a person."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused


@dataclass(eq=False, kw_only=True)
class WalletNotEmpty(Refused):
    code = "wallet-not-empty"
    title = "There is money left: ask for a payout, donate it or spend it, and wait until payouts are settled."
    kept = False
    balance: int  # minor units
    payouts: int  # how many wait to be settled


@dataclass(eq=False, kw_only=True)
class OrdersOpen(Refused):
    code = "orders-open"
    title = "There are orders that are not finished yet."
    kept = False
    orders: int


@dataclass(eq=False, kw_only=True)
class StillStaff(Refused):
    code = "still-staff"
    title = "Whoever keeps a stall, or is a cashier or an organiser, is not erased: give that up first."
    kept = False

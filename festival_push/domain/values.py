"""Ids, instants and the small closed sets that everything else is written in."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NewType
from zoneinfo import ZoneInfo

import msgspec

UserId = NewType("UserId", str)
VendorId = NewType("VendorId", str)
"""A stall. It is the id of the user who opened it, so `user:<vendorId>` is also the stall's topic and account."""
OrderId = NewType("OrderId", str)
ItemId = NewType("ItemId", str)
TransferId = NewType("TransferId", str)
ReceiptId = NewType("ReceiptId", str)
PayoutId = NewType("PayoutId", str)
PaymentRequestId = NewType("PaymentRequestId", str)
DisplayId = NewType("DisplayId", str)
AccountId = NewType("AccountId", str)
Topic = NewType("Topic", str)

Position = NewType("Position", int)
"""Place of an event in the log: 1, 2, 3 … without a gap, in commit order; 0 is before the first event."""
Instant = NewType("Instant", int)
"""A moment in whole milliseconds since 1970-01-01T00:00Z."""

_UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(instant: Instant) -> str:
    """Write an instant as the contract does: UTC with milliseconds, `2026-07-04T18:30:00.250Z`."""
    return _rfc3339(instant)


def local_day(instant: Instant, timezone: ZoneInfo) -> str:
    """The calendar day on the festival ground, `2026-07-04`; pickup numbers start anew with it."""
    return _local_day(instant, timezone)


# All that one batch tells happens at the same moment. Private, because the cache takes the types of the arguments away.


@lru_cache(maxsize=64)
def _rfc3339(instant: Instant) -> str:
    moment = _UNIX_EPOCH + timedelta(milliseconds=instant)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"  # cut "+00:00"


@lru_cache(maxsize=64)
def _local_day(instant: Instant, timezone: ZoneInfo) -> str:
    return (_UNIX_EPOCH + timedelta(milliseconds=instant)).astimezone(timezone).date().isoformat()


class Role(StrEnum):
    """What a person is allowed to be; it comes from the database, never from a request."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    ADMIN = "admin"


class OrderStatus(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PREPARING = "preparing"
    READY = "ready"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """How much of an order's price has gone back."""

    PAID = "paid"
    PARTIALLY_REFUNDED = "partially-refunded"
    REFUNDED = "refunded"


class PayoutStatus(StrEnum):
    """Where a payout stands."""

    REQUESTED = "requested"
    COMPLETED = "completed"
    REJECTED = "rejected"


class TransferKind(StrEnum):
    """Why money moved."""

    TOP_UP = "top-up"
    PURCHASE = "purchase"
    REFUND = "refund"
    PAYOUT = "payout"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the organiser decided, as the rules need it; amounts in minor units."""

    currency: str  # ISO 4217
    timezone: ZoneInfo
    platform_fee_bp: int = 0  # basis points of a sale, 0..10_000
    amount_max: int = 100_000  # the largest single movement that a person may ask for
    balance_max: int = 500_000  # a customer's wallet holds no more than this
    order_lines_max: int = 50
    pin_tries_max: int = 10  # per account and window
    pin_window_ms: int = 15 * 60 * 1000


HELD: Final = AccountId("held")
FEES: Final = AccountId("fees")
PAYOUTS: Final = AccountId("payouts")


def user_account(owner: UserId | VendorId) -> AccountId:
    """The wallet of a person, or the till of a stall."""
    return AccountId(f"user:{owner}")


def funds_account(provider: str) -> AccountId:
    """Where money enters from: a payment provider, or `cash`. Its balance is minus what came in."""
    return AccountId(f"funds:{provider}")


def is_system_account(account_id: AccountId) -> bool:
    """True for the accounts that no person owns; they may go negative."""
    return not account_id.startswith("user:")

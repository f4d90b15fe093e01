"""Ids, instants and the small closed sets of values that all modules share."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, NewType
from zoneinfo import ZoneInfo

import msgspec

from festival_push.domain.money.amounts import Currency

UserId = NewType("UserId", str)
VendorId = NewType("VendorId", str)
"""Id of a stall, which says nothing about a person: `till:<vendorId>` is its account, `stall:<vendorId>` its topic."""
OrderId = NewType("OrderId", str)
ItemId = NewType("ItemId", str)
TransferId = NewType("TransferId", str)
GiveBackId = NewType("GiveBackId", str)
ReceiptId = NewType("ReceiptId", str)
PayoutId = NewType("PayoutId", str)
PayoutRunId = NewType("PayoutRunId", str)
PaymentRequestId = NewType("PaymentRequestId", str)
DisplayId = NewType("DisplayId", str)
PairingId = NewType("PairingId", str)
AnnouncementId = NewType("AnnouncementId", str)
FactorId = NewType("FactorId", str)
ConfirmationId = NewType("ConfirmationId", str)
ClaimId = NewType("ClaimId", str)
UnreadId = NewType("UnreadId", str)
DrawerId = NewType("DrawerId", str)
AccountId = NewType("AccountId", str)
Actor = NewType("Actor", str)
"""Who did something: `user:<userId>`, `provider:<name>`, or one of the names below."""
Topic = NewType("Topic", str)

Position = NewType("Position", int)
"""Number of an event in the log: 1, 2, 3 … without a gap, in commit order; 0 is before the first event."""
Instant = NewType("Instant", int)
"""A moment in whole milliseconds since 1970-01-01T00:00Z."""

_UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(instant: Instant) -> str:
    """Return an instant as the wire has it: RFC 3339, UTC, with milliseconds: `2026-07-04T18:30:00.250Z`."""
    return _rfc3339(instant)


# Cached, because all events of one batch have the same instant. Private, because lru_cache hides the argument types.


@lru_cache(maxsize=64)
def _rfc3339(instant: Instant) -> str:
    moment = _UNIX_EPOCH + timedelta(milliseconds=instant)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"  # cut "+00:00"


class Role(StrEnum):
    """The most that a person is, as the wire says it (`userType`), and the groups that are told something together.

    It decides nothing: what a person may do follows from their relations to the thing (`domain/people/relations.py`).
    """

    CUSTOMER = "customer"
    VENDOR = "vendor"
    ADMIN = "admin"


class Part(StrEnum):
    """What a person is to a stall that they keep."""

    OWNER = "owner"  # also asks for the till's money, appoints keepers and dismisses them
    KEEPER = "keeper"


class AccountKind(StrEnum):
    """Whose account it is: a person's wallet or a stall's till."""

    WALLET = "wallet"
    TILL = "till"


class BalanceKind(StrEnum):
    """What a balance is of: a person's wallet, a stall's till, or a person's allowance."""

    WALLET = "wallet"
    TILL = "till"
    ALLOWANCE = "allowance"


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


class PairingStatus(StrEnum):
    """Where a pairing stands."""

    WAITING = "waiting"  # for a screen that types the code, then for the stall's answer
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class FactorKind(StrEnum):
    """What a second factor is."""

    TOTP = "totp"  # an app that shows six digits, others every thirty seconds
    PASSKEY = "passkey"  # a key that a phone, a computer or a stick keeps (WebAuthn)


class TransferKind(StrEnum):
    """Why money moved."""

    TOP_UP = "top-up"
    PURCHASE = "purchase"
    TIP = "tip"
    REFUND = "refund"
    PAYOUT = "payout"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    DEPOSIT = "deposit"  # paid with an order, and given back
    ALLOWANCE = "allowance"  # granted, taken back, and used by an order
    CASH = "cash"  # between a drawer and the safe; a float too
    DONATION = "donation"


class Audience(StrEnum):
    """Whom an announcement is for."""

    ALL = "all"
    CUSTOMERS = "customers"
    VENDORS = "vendors"


Priority = Literal["low", "normal", "high"]
NotificationType = Literal["info", "success", "warning", "error", "order", "payment", "announcement", "message"]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The organiser's settings that the rules depend on; amounts are in minor units."""

    currency: Currency
    timezone: ZoneInfo
    day_begins_min: int = 6 * 60  # minutes after midnight there at which a day begins, in quarters of an hour
    platform_fee_bp: int  # basis points of a sale, 0..10_000
    amount_max: int  # the largest amount that a person may move at once
    balance_max: int  # the most that a wallet may hold
    order_lines_max: int
    menu_items_max: int  # on one stall's menu
    open_orders_max: int  # of one customer at one stall
    cancel_ms: int  # how long a customer may cancel an order that is confirmed or preparing; 0: not at all
    wrong_pins_per_hour: int = 60  # from one address
    organisers_prove: bool = False  # an organiser may do nothing as one without a second factor
    second_person_above: int = 0  # staff need a second person to move more than this at once; 0: never
    cashier_daily_max: int = 0  # the most that one person may top up at the desk in a day; 0: any amount
    cashier_payout_daily_max: int = 0  # the same of what they may pay out there
    tax_rates_bp: tuple[int, ...] = ()  # which rates of tax an item may have; none: any
    payout_min: int = 0  # the least that a guest may ask to be paid out; 0: any amount
    payout_fee: int = 0  # beside each payout of a wallet; back if it is not made
    payouts_until: Instant | None = None  # when guests may ask for payouts no more; None: they always may
    donations: bool = False  # guests may give what is in their wallets to the festival
    stall_reserve_ms: int = 0  # what stalls sold this long ago or later stays in the till; 0: only open orders do


SYSTEM_ACTOR: Final = Actor("system")
COMMAND_LINE: Final = Actor("command-line")
_USER: Final = "user:"


def user_actor(user_id: UserId) -> Actor:
    """Return a person as an actor."""
    return Actor(f"{_USER}{user_id}")


def actor_user(actor: Actor) -> UserId | None:
    """Return the person that an actor is; None if it is none."""
    return UserId(actor.removeprefix(_USER)) if actor.startswith(_USER) else None


def staff_actor(user_id: UserId | None) -> Actor:
    """Return a member of staff as an actor; None: the organiser at the command line."""
    return COMMAND_LINE if user_id is None else user_actor(user_id)


def provider_actor(provider: str) -> Actor:
    """Return a payment provider as an actor."""
    return Actor(f"provider:{provider}")


HELD: Final = AccountId("held")
FEES: Final = AccountId("fees")
PAYOUTS: Final = AccountId("payouts")
DONATIONS: Final = AccountId("donations")
"""What guests have given to the festival."""
LOSSES: Final = AccountId("losses")
"""What the festival has lost by reversals of money that was spent already; its balance is minus the sum of them."""
SAFE: Final = AccountId("safe")
"""The festival's cash outside the drawers: minus what drawers have given, and plus the floats that they have got."""
DIFFERENCES: Final = AccountId("differences")
"""Cash that was over at the closing of drawers, less what was short."""

DEPOSITS: Final = AccountId("deposits")
"""Deposits that were taken and not given back yet; it never goes below 0."""
CREW: Final = AccountId("crew")
"""Pays for the allowances that the festival grants; its balance is minus their sum, less what was taken back."""

_PROVIDER: Final = "provider:"
_DESK: Final = "desk:"
_PROVIDER_LOSSES: Final = "losses:"
_DRAWER: Final = "drawer:"

_WALLET: Final = "user:"
_TILL: Final = "till:"
_ALLOWANCE: Final = "allowance:"


def user_account(user_id: UserId) -> AccountId:
    """Return the account of a person's wallet."""
    return AccountId(f"{_WALLET}{user_id}")


def till_account(vendor_id: VendorId) -> AccountId:
    """Return the account of a stall's till."""
    return AccountId(f"{_TILL}{vendor_id}")


def allowance_account(user_id: UserId) -> AccountId:
    """Return the account of a person's allowance: money that buys at stalls and is never paid out (drink tickets)."""
    return AccountId(f"{_ALLOWANCE}{user_id}")


def allowance_owner(account_id: AccountId) -> UserId | None:
    """Return whose allowance an account is; None if it is none."""
    return UserId(account_id.removeprefix(_ALLOWANCE)) if account_id.startswith(_ALLOWANCE) else None


def balance_kind(account_id: AccountId) -> BalanceKind | None:
    """Return what an account's balance is of, as its owner is told; None for a system account."""
    if account_id.startswith((_WALLET, _TILL)):  # by no enum's constructor: each sale asks several times
        return BalanceKind.WALLET if account_id.startswith(_WALLET) else BalanceKind.TILL
    return BalanceKind.ALLOWANCE if account_id.startswith(_ALLOWANCE) else None


def account_kind(account_id: AccountId) -> AccountKind | None:
    """Return whether an account is a wallet or a till; None for an allowance or a system account."""
    if account_id.startswith(_TILL):
        return AccountKind.TILL
    return AccountKind.WALLET if account_id.startswith(_WALLET) else None


def wallet_owner(account_id: AccountId) -> UserId | None:
    """Return whose wallet an account is; None if it is none."""
    return UserId(account_id.removeprefix(_WALLET)) if account_id.startswith(_WALLET) else None


def till_owner(account_id: AccountId) -> VendorId | None:
    """Return which stall's till an account is; None if it is none."""
    return VendorId(account_id.removeprefix(_TILL)) if account_id.startswith(_TILL) else None


def provider_account(provider: str) -> AccountId:
    """Return the account of the money that a payment provider has proved: minus what came in, less what went back."""
    return AccountId(f"{_PROVIDER}{provider}")


def desk_account(method: str) -> AccountId:
    """Return the account of the desk's money of one method (`cash`): minus what came in. It is never a provider's."""
    return AccountId(f"{_DESK}{method}")


def drawer_account(drawer_id: DrawerId) -> AccountId:
    """Return the account of one opening of a cash drawer: minus the cash that should be in it."""
    return AccountId(f"{_DRAWER}{drawer_id}")


def losses_account(provider: str) -> AccountId:
    """Return the account of what the festival has lost to one provider: money taken back that was spent already."""
    return AccountId(f"{_PROVIDER_LOSSES}{provider}")


def provider_of(account_id: AccountId) -> str | None:
    """Return whose money an account is of, among the payment providers; None if it is none's."""
    return account_id.removeprefix(_PROVIDER) if account_id.startswith(_PROVIDER) else None


def desk_method_of(account_id: AccountId) -> str | None:
    """Return by which method the money of an account came to the cash desk; None if it is no desk account."""
    return account_id.removeprefix(_DESK) if account_id.startswith(_DESK) else None


def drawer_of(account_id: AccountId) -> DrawerId | None:
    """Return whose cash an account is of, among the openings of drawers; None if it is none's."""
    return DrawerId(account_id.removeprefix(_DRAWER)) if account_id.startswith(_DRAWER) else None


def is_cash(account_id: AccountId) -> bool:
    """Return whether an account is of cash that is counted: a drawer's, or the safe's."""
    return account_id == SAFE or account_id.startswith(_DRAWER)


def is_losses(account_id: AccountId) -> bool:
    """Return whether an account is of losses, of the festival's own or of those to a provider."""
    return account_id == LOSSES or account_id.startswith(_PROVIDER_LOSSES)


def is_source(account_id: AccountId) -> bool:
    """Return whether money comes in from an account: a provider's or the desk's."""
    return account_id.startswith((_PROVIDER, _DESK))


def is_system_account(account_id: AccountId) -> bool:
    """Return True for accounts that no person or stall owns."""
    return balance_kind(account_id) is None


def may_overdraw(account_id: AccountId) -> bool:
    """Return whether an account may go below zero by any transfer: the system's, without the deposits; tills may by
    some (`Draft.transfer`)."""
    return is_system_account(account_id) and account_id != DEPOSITS


def is_known_account(account_id: AccountId) -> bool:
    """Return whether an account is of a kind that the program knows."""
    known = account_id in (HELD, FEES, PAYOUTS, DIFFERENCES, DEPOSITS, CREW, DONATIONS)
    known = known or is_losses(account_id) or is_source(account_id) or is_cash(account_id)
    return known or balance_kind(account_id) is not None

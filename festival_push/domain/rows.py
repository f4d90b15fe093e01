"""The rows of the book: what a batch may read and replace, one frozen value a row.

`store/tables.py` maps each field to a column of the same name: scalars as they are, flags as 0/1, tuples as JSON text.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from festival_push.domain.values import (
    AccountId,
    DisplayId,
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PaymentRequestId,
    PaymentStatus,
    PayoutId,
    PayoutStatus,
    ReceiptId,
    Role,
    Topic,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person: customer, stall keeper or organiser."""

    user_id: UserId
    role: Role
    name: str
    pin_hash: str | None  # None: signs in through an identity provider, or by a token only
    vendor_id: VendorId | None  # the stall that this person works for
    top_up_code: str  # quoted with a payment, so that the money finds its owner
    suspended: bool = False
    pin_tries: int = 0  # since pin_window_at, without a success
    pin_window_at: Instant = Instant(0)
    read_up_to: int = 0  # position of the newest notification that was read
    created_at: Instant
    session_version: int = 0  # rises with every new PIN: sessions of an earlier one are over
    kept_session: str | None = None  # jti of the one that is not: it asked for the new PIN

    def admits(self, *, version: int, session: str) -> bool:
        """Whether a session that was begun at this version still counts."""
        return version == self.session_version or session == self.kept_session


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """A stall, where its pickup numbers stand, and how fast it works."""

    vendor_id: VendorId
    name: str
    open: bool = True
    auto_accept: bool = True  # orders start at `preparing`
    last_number: int = 0
    number_day: str = ""
    pace_ms: int = 0  # that an order takes, on the mean
    measured: int = 0  # orders behind that mean, up to MEASURED_MAX
    free_at: Instant = Instant(0)  # since then it can have worked on its next order


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the ledger."""

    account_id: AccountId
    balance: int = 0
    overdraft: bool = False  # system accounts, and stalls (by refunds and fees)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable movement: `debit` gives, `credit` receives, the same amount. Corrections are new transfers."""

    transfer_id: TransferId
    seq: int  # 1, 2, 3 … in commit order
    kind: TransferKind
    debit: AccountId
    credit: AccountId
    amount: int  # ≥ 1
    debit_balance: int  # of the debited account right after
    credit_balance: int
    order_id: OrderId | None
    note: str | None
    at: Instant


class MenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a stall sells."""

    item_id: ItemId
    vendor_id: VendorId
    name: str
    description: str
    price: int
    available: bool = True
    deleted: bool = False  # orders still name it
    created_at: Instant


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line as it was sold; the menu may change afterwards."""

    item_id: ItemId | None  # None: not of the menu, the stall has named its price
    name: str
    quantity: int
    unit_price: int
    total: int
    notes: str | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A paid order."""

    order_id: OrderId
    vendor_id: VendorId
    vendor_name: str
    user_id: UserId
    customer_name: str
    number: int  # called out at the stall, 1..999
    status: OrderStatus
    lines: tuple[OrderLine, ...]
    total: int
    refunded: int = 0
    platform_fee: int = 0
    fee_refunded: int = 0
    estimated_time: int | None = None  # minutes, as the stall said
    reason: str | None = None  # why it was cancelled
    placed: int  # rises with every order, so that "earlier" needs no clock
    created_at: Instant
    updated_at: Instant
    ready_at: Instant | None = None  # for the first time

    @property
    def payment_status(self) -> PaymentStatus:
        """Paid, partly or wholly given back."""
        if not self.refunded:
            return PaymentStatus.PAID
        return PaymentStatus.REFUNDED if self.refunded == self.total else PaymentStatus.PARTIALLY_REFUNDED


class OpenOrder(msgspec.Struct, frozen=True):
    """What boards, queues and pickup numbers need to know of an order that is not finished."""

    order_id: OrderId
    vendor_id: VendorId
    user_id: UserId
    number: int
    status: OrderStatus
    placed: int
    estimated_time: int | None = None  # minutes, as the stall said


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Money that a payment provider reported, kept for ever: the same payment is never credited twice."""

    receipt_id: ReceiptId
    provider: str
    external_id: str
    amount: int
    transfer_id: TransferId
    user_id: UserId | None  # None while the money is held
    held_reason: str | None  # unknown-owner, balance-limit; None once it has an owner
    flagged: bool = False  # the same id came again with another amount
    donor_name: str | None
    donor_email: str | None
    at: Instant


class VendorCode(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to open a stall; only its hash is kept."""

    code_hash: str
    used_by: UserId | None = None
    created_at: Instant


class Display(msgspec.Struct, frozen=True, kw_only=True):
    """A kiosk screen that may follow one stall's board."""

    display_id: DisplayId
    vendor_id: VendorId
    name: str
    revoked: bool = False
    created_at: Instant


class SpentToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that counts no more: a used ticket, an ended session."""

    jti: str
    expires_at: Instant


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """Leftover money that its owner wants back. It left the wallet when it was asked for."""

    payout_id: PayoutId
    seq: int  # of the transfer that took it out of the wallet
    user_id: UserId  # who asked
    name: str
    owner_id: UserId  # whose wallet it came from: theirs, or the stall's
    amount: int
    status: PayoutStatus
    note: str | None  # where to pay it, say
    reason: str | None  # why it was rejected
    created_at: Instant
    updated_at: Instant


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a stall asks whoever scans it to pay, once. Paying makes it an order."""

    request_id: PaymentRequestId
    vendor_id: VendorId
    lines: tuple[OrderLine, ...]  # as the stall saw them
    total: int
    order_id: OrderId | None = None  # None: nobody has paid yet
    created_at: Instant
    expires_at: Instant  # from here on nobody can


class Rooms(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms that a person has joined and not left, the oldest first."""

    user_id: UserId
    topics: tuple[Topic, ...] = ()


class RowKind(NamedTuple):
    """Where rows of one kind are kept.

    Attributes:
        name: Of their field in `Needs`, and of their dict in the `Book`.
        table: In SQL.
        key: The field that names a row; the first column of the table.
    """

    name: str
    table: str
    key: str


KINDS: Final[Mapping[type[msgspec.Struct], RowKind]] = MappingProxyType(
    {
        Vendor: RowKind("vendors", "vendors", "vendor_id"),
        User: RowKind("users", "users", "user_id"),
        Account: RowKind("accounts", "accounts", "account_id"),
        MenuItem: RowKind("items", "menu_items", "item_id"),
        Order: RowKind("orders", "orders", "order_id"),
        PaymentRequest: RowKind("payment_requests", "payment_requests", "request_id"),
        Receipt: RowKind("receipts", "receipts", "receipt_id"),
        VendorCode: RowKind("vendor_codes", "vendor_codes", "code_hash"),
        Display: RowKind("displays", "displays", "display_id"),
        SpentToken: RowKind("tokens", "spent_tokens", "jti"),
        Payout: RowKind("payouts", "payouts", "payout_id"),
        Rooms: RowKind("rooms", "rooms", "user_id"),
    }
)
"""Every kind of row that a decision may put, in the order in which a batch writes them: each row finds those that it
refers to. Transfers are written before the receipts, which name them."""

Row = (
    User | Vendor | Account | MenuItem | Order | Receipt | VendorCode | Display | SpentToken | Payout | PaymentRequest
    | Rooms
)  # fmt: skip
"""A row that a decision may put. Transfers and events are appended, never replaced."""

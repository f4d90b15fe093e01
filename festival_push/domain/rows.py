"""The rows of the book, which a batch may read and replace: one frozen value a row.

`store/tables.py` maps each field to a column of the same name: scalars as they are, flags as 0/1, tuples as JSON text.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from festival_push.domain.deposits.rows import GiveBackOffer
from festival_push.domain.desk.rows import Drawer
from festival_push.domain.money.rows import Claim, UnreadReceipt
from festival_push.domain.office.rows import Confirmation, DeskSum, KeptSettings
from festival_push.domain.orders.rows import OPEN_STATUSES, Order, PaymentRequest
from festival_push.domain.payouts.rows import PayoutRun
from festival_push.domain.reports.rows import ZReport
from festival_push.domain.row_kinds import RowKind
from festival_push.domain.signing_in.rows import Factor, Guesses, Identity, RecoveryCodes, Server, Session, SpentToken
from festival_push.domain.stall_rows import Display, Pairing, VendorCode, VendorName
from festival_push.domain.values import (
    AccountId,
    Actor,
    AnnouncementId,
    Audience,
    DrawerId,
    Instant,
    ItemId,
    OrderId,
    Part,
    PayoutId,
    PayoutRunId,
    PayoutStatus,
    Position,
    Priority,
    ReceiptId,
    Topic,
    TransferId,
    TransferKind,
    UserId,
    VendorId,
)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person. Everybody has a wallet and may order; the stalls that they keep are rows of `Keeper`."""

    user_id: UserId
    name: str
    name_words: str = ""  # the words of the name as the desk looks for them: `name_words.words_of`
    pin_hash: str | None  # None: the person signs in through an identity provider, or by a token only
    admin: bool = False  # an organiser
    cashier: bool = False  # tops up wallets at the cash desk, and pays out there
    top_up_code: str  # quoted with a payment, so that the money finds its owner
    suspended: bool = False
    read_up_to: int = 0  # position of the newest notification that was read
    created_at: Instant
    session_version: int = 0  # rises with every new PIN, which ends the sessions of earlier versions
    rights_at: Instant = Instant(0)  # when an organiser gave them rights or a new PIN
    kept_session: str | None = None  # jti of the one earlier session that stays: it asked for the new PIN
    sign_in: str | None = None  # what they sign in with, as only they are shown it; None: not by a PIN
    sign_in_key: str | None = None  # what it is looked up by; no two people have the same
    pin_digits: int = 0  # how long the PIN is; 0: there is none, or nobody has signed in with it since that is noted
    factors: int = 0  # how many second factors they have; with one, a PIN alone signs nobody in
    frozen: bool = False  # the desk has frozen the wallet: money comes in, none goes out
    moved_to: UserId | None = None  # who has got the wallet's money, because the phone is lost
    erased_at: Instant | None = None  # when name and sign-in were erased

    def admits(self, *, version: int, session: str) -> bool:
        """Return whether a session is still valid, given its jti and the `session_version` at which it began."""
        return version == self.session_version or session == self.kept_session


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """A stall, with its last pickup number and its pace."""

    vendor_id: VendorId
    name: str
    open: bool = True
    auto_accept: bool = True  # orders start at `preparing`
    last_number: int = 0  # the newest pickup number, given out on number_day
    number_day: str = ""
    pace_ms: int = 0  # mean time that an order takes
    measured: int = 0  # how many orders are in that mean, up to MEASURED_MAX
    free_at: Instant = Instant(0)  # since then the stall has been free to work on its next order
    attended: bool = True  # an owner or keeper who is not suspended exists
    at_once: bool = False  # what is paid is handed over at once: orders are completed as they are paid
    legal_name: str | None = None  # of the business, for receipts; so are the two below
    tax_id: str | None = None
    address: str | None = None

    @property
    def sells(self) -> bool:
        """Return whether it takes orders: it is open, and there is somebody who may serve them."""
        return self.open and self.attended


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """One person's part in one stall: a person may keep several stalls, and a stall be kept by several people.

    The row is dropped when the person is dismissed.
    """

    keeper_id: str  # `keeper_id(vendor_id, user_id)`
    vendor_id: VendorId
    user_id: UserId
    part: Part
    created_at: Instant


def keeper_id(vendor_id: VendorId, user_id: UserId) -> str:
    """Return the key of a person's part in a stall. Ids hold no space, so it names exactly one pair."""
    return f"{vendor_id} {user_id}"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the ledger, with its balance in minor units."""

    account_id: AccountId
    balance: int = 0
    overdraft: bool = False  # may be below zero: system accounts, and stalls' tills (by refunds and fees)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable movement of money from account `debit` to account `credit`. Corrections are new transfers."""

    transfer_id: TransferId
    seq: int  # 1, 2, 3 … in commit order
    kind: TransferKind
    debit: AccountId
    credit: AccountId
    amount: int  # minor units, at least 1
    debit_balance: int  # of the debited account, right after this transfer
    credit_balance: int
    order_id: OrderId | None
    note: str | None
    at: Instant
    actor: Actor  # who moved it
    receipt_id: ReceiptId | None = None  # of the provider's payment whose money it is, while that is known
    reverses: TransferId | None = None  # the transfer that it takes back, wholly or in part


class MenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a stall's menu; the price is in minor units."""

    item_id: ItemId
    vendor_id: VendorId
    name: str
    description: str
    price: int
    available: bool = True
    deleted: bool = False  # the row stays, because orders still name the item
    created_at: Instant
    tax_bp: int | None = None  # the tax in the price, in basis points of the price without it; None: nobody said
    age_min: int = 0  # years that a guest must be; 0: any
    stock: int | None = None  # how many are left; None: not counted
    deposit: int = 0  # minor units, beside the price of each

    @property
    def sells(self) -> bool:
        """Return whether it can be ordered: its stall offers it, and some of it is left."""
        return self.available and not self.deleted and self.stock != 0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that a provider reported, kept for ever so that the same payment is never credited twice."""

    receipt_id: ReceiptId
    provider: str
    external_id: str
    amount: int
    transfer_id: TransferId
    user_id: UserId | None  # who has got the last of it; None while some is held, and if nobody has
    held: int = 0  # how much waits for its owner, minor units
    returned: int = 0  # how much an organiser has given back to the payer
    held_reason: str | None  # unknown-owner, balance-limit, taken-back; None while nothing is held
    wanted_user_id: UserId | None = None  # for whom it was meant, as the provider sent it; there may be no such person
    wanted_code: str | None = None  # the top-up code as it was sent
    flagged: bool = False  # the same external id was reported again with another amount
    donor_name: str | None
    donor_email: str | None
    at: Instant


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """A payout of the money in a wallet or a till. The money left the account when somebody asked for it."""

    payout_id: PayoutId
    seq: int  # of the transfer that took it out of the account
    user_id: UserId  # the person who asked
    name: str
    account_id: AccountId  # the debited account: the person's wallet, or the till of a stall
    amount: int  # what is paid; the fee comes beside it
    fee: int = 0  # what the account has paid for the payout; it is back if the payout was not made
    reversed: int = 0  # of the amount back in the account, though it was asked for or paid
    status: PayoutStatus
    withdrawn: bool = False  # rejected, by the person who asked
    iban: str | None = None  # where to pay it, without blanks; None: the note says, or the desk pays
    account_holder: str | None = None  # whose account that is
    run_id: PayoutRunId | None = None  # of the run with which it is paid
    note: str | None  # from the person who asked, for example where to pay it
    reason: str | None  # why it was rejected
    created_at: Instant
    updated_at: Instant
    drawer_id: DrawerId | None = None  # from which it was paid in cash at the desk; None: it was not

    @property
    def due(self) -> int:
        """Return what is to be paid, or was paid, in minor units: what has not come back."""
        return self.amount - self.reversed

    @property
    def awaits_run(self) -> bool:
        """Return whether the next run takes it."""
        return self.status is PayoutStatus.REQUESTED and self.iban is not None and self.run_id is None

    @property
    def in_open_run(self) -> bool:
        """Return whether it waits in a run: it can't be settled by itself."""
        return self.run_id is not None and self.status is PayoutStatus.REQUESTED


class Rooms(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms that a person has joined and not left, the oldest first, by their topics."""

    user_id: UserId
    topics: tuple[Topic, ...] = ()


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What an organiser tells an audience, in its present words. It stays when its events have left the log."""

    announcement_id: AnnouncementId
    message: str
    title: str | None
    audience: Audience
    priority: Priority
    position: Position  # of its `new-notification`, which has the first words
    created_at: Instant
    created_by: UserId
    edited_at: Instant | None = None  # when its words changed last
    withdrawn_at: Instant | None = None


KINDS: Final[Mapping[type[msgspec.Struct], RowKind]] = MappingProxyType(
    {
        Vendor: RowKind("vendors", "vendors", "vendor_id"),
        VendorName: RowKind("vendor_names", "vendor_names", "vendor_id"),
        User: RowKind("users", "users", "user_id"),
        Keeper: RowKind("keepers", "keepers", "keeper_id"),
        Factor: RowKind("factors", "factors", "factor_id"),
        RecoveryCodes: RowKind("recovery_codes", "recovery_codes", "user_id"),
        Drawer: RowKind("drawers", "drawers", "drawer_id"),
        Account: RowKind("accounts", "accounts", "account_id"),
        MenuItem: RowKind("items", "menu_items", "item_id"),
        Order: RowKind("orders", "orders", "order_id"),
        PaymentRequest: RowKind("payment_requests", "payment_requests", "request_id"),
        GiveBackOffer: RowKind("give_backs", "give_backs", "give_back_id"),
        Receipt: RowKind("receipts", "receipts", "receipt_id"),
        Claim: RowKind("claims", "claims", "claim_id"),
        UnreadReceipt: RowKind("unread_receipts", "unread_receipts", "unread_id"),
        VendorCode: RowKind("vendor_codes", "vendor_codes", "code_hash"),
        Display: RowKind("displays", "displays", "display_id"),
        Pairing: RowKind("pairings", "pairings", "pairing_id"),
        Guesses: RowKind("guesses", "guesses", "guesses_key"),
        SpentToken: RowKind("tokens", "spent_tokens", "jti"),
        Session: RowKind("sessions", "sessions", "session_id"),
        Identity: RowKind("identities", "identities", "identity_id"),
        Server: RowKind("servers", "servers", "server_id"),
        PayoutRun: RowKind("payout_runs", "payout_runs", "run_id"),
        Payout: RowKind("payouts", "payouts", "payout_id"),
        Rooms: RowKind("rooms", "rooms", "user_id"),
        Announcement: RowKind("announcements", "announcements", "announcement_id"),
        Confirmation: RowKind("confirmations", "confirmations", "confirmation_id"),
        DeskSum: RowKind("desk_sums", "desk_sums", "user_id"),
        KeptSettings: RowKind("settings", "kept_settings", "name"),
        ZReport: RowKind("z_reports", "z_reports", "z_report_id"),
    }
)
"""Every kind of row that a decision may put, in the order in which a batch writes them, so that the rows that a row
refers to are there before it. Transfers are written right before the receipts, which refer to them."""


class Counted(NamedTuple):
    """Rows of one kind that are counted instead of loaded, because there may be many."""

    name: str  # the field in `Needs`, and the counter in the `Book`
    group: str  # the field by which they are counted
    counts: Callable[[Any], bool]  # whether a row counts


COUNTED: Final[Mapping[type[msgspec.Struct], Counted]] = {
    MenuItem: Counted("menu_sizes", "vendor_id", lambda item: not item.deleted),
    Display: Counted("display_counts", "vendor_id", lambda display: not display.revoked),
    Order: Counted("order_counts", "user_id", lambda order: order.status in OPEN_STATUSES),
    Payout: Counted("payout_counts", "user_id", lambda payout: payout.status is PayoutStatus.REQUESTED),
}


Row = (
    User | Vendor | Keeper | Account | MenuItem | Order | Receipt | VendorCode | Display | SpentToken | Payout
    | PaymentRequest | Rooms | Pairing | Announcement | Session | Identity | Server | Factor | RecoveryCodes | Guesses
    | VendorName | Confirmation | DeskSum | KeptSettings | GiveBackOffer
    | Claim | UnreadReceipt | Drawer | PayoutRun | ZReport
)  # fmt: skip
"""A row that a decision may put. Transfers and events are appended, never replaced."""

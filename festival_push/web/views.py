"""The objects of the wire contract: domain values as JSON, in camelCase, amounts in minor units, times RFC 3339."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.boards import Board
from festival_push.domain.events import LogRow, NewNotification
from festival_push.domain.funds import TopUpReply
from festival_push.domain.ledger import wallet_kind
from festival_push.domain.rows import MenuItem, Order, OrderLine, Receipt, Transfer, Vendor
from festival_push.domain.values import (
    AccountId,
    DisplayId,
    ItemId,
    OrderId,
    OrderStatus,
    PaymentStatus,
    ReceiptId,
    Role,
    TransferId,
    UserId,
    VendorId,
    rfc3339,
)

T = TypeVar("T")


class View(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An object of the contract. None is `null`: not known; UNSET is left out: does not apply."""


class Page(View, Generic[T], frozen=True, kw_only=True):
    """Some of a list, newest first where it has an order; `next` goes into `?before=` for the rest."""

    items: tuple[T, ...]
    next: str | None


class OrderView(View, frozen=True, kw_only=True):
    """An order."""

    order_id: OrderId
    number: int
    status: OrderStatus
    payment_status: PaymentStatus
    vendor_id: VendorId
    vendor_name: str
    user_id: UserId
    customer_name: str
    items: tuple[OrderLine, ...]
    total: int
    refunded: int
    platform_fee: int
    estimated_time: int | None  # minutes
    queue_position: int | None  # None: it waits no more
    created_at: str
    updated_at: str


class OrderAnswer(View, frozen=True, kw_only=True):
    """What became of an order; `balance` is for the customer only."""

    order: OrderView
    balance: int | UnsetType = UNSET
    position: int


class VendorView(View, frozen=True, kw_only=True):
    """A stall."""

    vendor_id: VendorId
    name: str
    open: bool
    auto_accept: bool  # orders start at `preparing`


class ItemView(View, frozen=True, kw_only=True):
    """A menu item."""

    item_id: ItemId
    vendor_id: VendorId
    name: str
    description: str
    price: int
    available: bool


class TransactionView(View, frozen=True, kw_only=True):
    """A transfer as one wallet sees it."""

    transaction_id: TransferId
    kind: str  # top-up, purchase, sale, refund, payout, fee, adjustment
    amount: int  # signed
    balance: int  # right after
    order_id: OrderId | UnsetType = UNSET
    note: str | UnsetType = UNSET
    timestamp: str


class NoticeView(View, frozen=True, kw_only=True):
    """A notification, as its event told it."""

    notification_id: str  # the position of its event
    message: str
    type: str
    order_id: OrderId | UnsetType = UNSET
    title: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    timestamp: str
    position: int
    read: bool


class MeView(View, frozen=True, kw_only=True):
    """The caller, and everything that their page starts with."""

    user_id: UserId
    user_type: Role
    name: str
    balance: int
    currency: str
    top_up_code: str
    vendor_id: VendorId | UnsetType = UNSET  # the stall that they keep
    orders: tuple[OrderView, ...]
    unread: int
    position: int


class SnapshotView(View, frozen=True, kw_only=True):
    """The caller's state at the position that is the `connected` frame's id."""

    balance: int
    currency: str
    orders: tuple[OrderView, ...]
    unread: int
    rooms: tuple[str, ...]


class BoardView(View, frozen=True, kw_only=True):
    """A pickup board, whole."""

    vendor_id: VendorId
    vendor_name: str
    preparing: tuple[int, ...]
    ready: tuple[int, ...]
    position: int


class BoardSnapshot(View, frozen=True, kw_only=True):
    """A pickup board at the position that is the `connected` frame's id."""

    vendor_id: VendorId
    vendor_name: str
    preparing: tuple[int, ...]
    ready: tuple[int, ...]


class HeldView(View, frozen=True, kw_only=True):
    """Money that waits for its owner."""

    funds_id: ReceiptId
    provider: str
    external_id: str
    amount: int
    currency: str
    donor_name: str | None
    donor_email: str | None
    reason: str | None  # unknown-owner, balance-limit
    timestamp: str


class TopUpView(View, frozen=True, kw_only=True):
    """A wallet after money came in."""

    user_id: UserId
    transaction_id: TransferId
    amount: int
    balance: int
    position: int


class FundsView(View, frozen=True, kw_only=True):
    """What became of a payment that a provider reported."""

    status: str  # credited, duplicate, held, ignored
    transaction_id: TransferId | None


class VendorCodesView(View, frozen=True, kw_only=True):
    """Invitations to open a stall; they are shown this once, only their hashes are kept."""

    codes: tuple[str, ...]


class DisplayView(View, frozen=True, kw_only=True):
    """A new kiosk display; its token is shown this once."""

    display_id: DisplayId
    token: str
    url: str


def page_of(items: Sequence[T], *, next_before: int | str | None) -> Page[T]:
    """One page; `next_before` is where the next one starts, None on the last."""
    return Page(items=tuple(items), next=None if next_before is None else str(next_before))


def order_view(order: Order, queue_position: int | None, estimated_time: int | None) -> OrderView:
    """Render an order."""
    return OrderView(
        order_id=order.order_id,
        number=order.number,
        status=order.status,
        payment_status=order.payment_status,
        vendor_id=order.vendor_id,
        vendor_name=order.vendor_name,
        user_id=order.user_id,
        customer_name=order.customer_name,
        items=order.lines,
        total=order.total,
        refunded=order.refunded,
        platform_fee=order.platform_fee,
        estimated_time=estimated_time,
        queue_position=queue_position,
        created_at=rfc3339(order.created_at),
        updated_at=rfc3339(order.updated_at),
    )


def vendor_view(vendor: Vendor) -> VendorView:
    """Render a stall."""
    return VendorView(vendor_id=vendor.vendor_id, name=vendor.name, open=vendor.open, auto_accept=vendor.auto_accept)


def item_view(item: MenuItem) -> ItemView:
    """Render a menu item; one that was taken off the menu is not available."""
    return ItemView(
        item_id=item.item_id,
        vendor_id=item.vendor_id,
        name=item.name,
        description=item.description,
        price=item.price,
        available=item.available and not item.deleted,
    )


def transaction_view(transfer: Transfer, account_id: AccountId) -> TransactionView:
    """Render one side of a transfer, signed as the owner of `account_id` sees it."""
    credited = transfer.credit == account_id
    assert credited or transfer.debit == account_id, account_id
    return TransactionView(
        transaction_id=transfer.transfer_id,
        kind=wallet_kind(transfer.kind, credited=credited),
        amount=transfer.amount if credited else -transfer.amount,
        balance=transfer.credit_balance if credited else transfer.debit_balance,
        order_id=UNSET if transfer.order_id is None else transfer.order_id,
        note=UNSET if transfer.note is None else transfer.note,
        timestamp=rfc3339(transfer.at),
    )


def notice_view(row: LogRow, *, read_up_to: int) -> NoticeView:
    """Render a `new-notification` of the log for someone who has read up to a position."""
    notice = msgspec.json.decode(row.data, type=NewNotification)
    return NoticeView(
        notification_id=str(row.position),
        message=notice.message,
        type=notice.type,
        order_id=UNSET if notice.order_id is None else notice.order_id,
        title=UNSET if notice.title is None else notice.title,
        priority=UNSET if notice.priority is None else notice.priority,
        timestamp=notice.timestamp,
        position=row.position,
        read=row.position <= read_up_to,
    )


def board_view(board: Board, position: int) -> BoardView:
    """Render a board read at a position."""
    return BoardView(
        vendor_id=board.vendor_id,
        vendor_name=board.vendor_name,
        preparing=board.preparing,
        ready=board.ready,
        position=position,
    )


def board_snapshot(board: Board) -> BoardSnapshot:
    """Render a board for the first frame of its stream."""
    return BoardSnapshot(
        vendor_id=board.vendor_id, vendor_name=board.vendor_name, preparing=board.preparing, ready=board.ready
    )


def held_view(receipt: Receipt, currency: str) -> HeldView:
    """Render held money."""
    return HeldView(
        funds_id=receipt.receipt_id,
        provider=receipt.provider,
        external_id=receipt.external_id,
        amount=receipt.amount,
        currency=currency,
        donor_name=receipt.donor_name,
        donor_email=receipt.donor_email,
        reason=receipt.held_reason,
        timestamp=rfc3339(receipt.at),
    )


def top_up_view(reply: TopUpReply, position: int) -> TopUpView:
    """Render a wallet after money came in."""
    return TopUpView(
        user_id=reply.user_id,
        transaction_id=reply.transfer_id,
        amount=reply.amount,
        balance=reply.balance,
        position=position,
    )

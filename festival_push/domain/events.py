"""The closed set of events. The class docstrings are the published reference; the wire has the fields in camelCase."""

from typing import ClassVar

import msgspec

from festival_push.domain.event import Event
from festival_push.domain.office.events import ConfirmationUpdated, NewDeed, PayoutRunUpdated
from festival_push.domain.orders.rows import LineBack, OrderLine
from festival_push.domain.stalls.events import BoardUpdated, DisplayWaiting, MenuUpdated, StockUpdated, VendorUpdated
from festival_push.domain.values import (
    AccountKind,
    AnnouncementId,
    Audience,
    BalanceKind,
    GiveBackId,
    NotificationType,
    OrderId,
    OrderStatus,
    PaymentRequestId,
    Priority,
    Topic,
    TransferId,
    UserId,
    VendorId,
)


class BalanceUpdated(Event, frozen=True, kw_only=True):
    """A wallet's, till's or allowance's balance right after one transfer.

    It is absolute, so that one event alone puts a page right. An allowance is its owner's besides the wallet: it buys
    at stalls, and is never paid out.
    """

    TYPE: ClassVar[str] = "balance-updated"
    TO: ClassVar[tuple[str, ...]] = ("user:<owner>", "stall:<stall>")
    account: BalanceKind
    user_id: str  # of a till: the stall's id
    vendor_id: VendorId | None = None  # of a till only
    new_balance: int
    old_balance: int
    amount: int  # signed
    reason: str  # the transaction's kind as the wallet sees it, or `refresh`
    transaction_id: TransferId | None = None
    order_id: OrderId | None = None


class PaymentCompleted(Event, frozen=True, kw_only=True):
    """Money arrived in a wallet."""

    TYPE: ClassVar[str] = "payment-completed"
    TO: ClassVar[tuple[str, ...]] = ("user:<owner>",)
    account: AccountKind
    user_id: UserId
    amount: int
    new_balance: int
    payment_method: str
    transaction_id: TransferId


class NewNotification(Event, frozen=True, kw_only=True):
    """Something to read, for a person, a role or everyone."""

    TYPE: ClassVar[str] = "new-notification"
    TO: ClassVar[tuple[str, ...]] = ("user:<reader>", "stall:<stall>", "role:<role>", "all", "boards")
    message: str  # in English, for programs that don't know the code
    type: NotificationType
    code: str | None = None  # of every one but announcements: see `words/notices.py`
    params: dict[str, str | int] = msgspec.field(default_factory=dict)  # of the code; amounts in minor units
    order_id: OrderId | None = None
    title: str | None = None
    priority: str | None = None
    announcement_id: AnnouncementId | None = None
    vendor_id: VendorId | None = None  # of one that is for who keeps this stall


class AnnouncementChanged(Event, frozen=True, kw_only=True):
    """An announcement has other words now. It is no new notification, and whoever has read it has read it."""

    TYPE: ClassVar[str] = "announcement-changed"
    TO: ClassVar[tuple[str, ...]] = ("role:<role>", "all", "boards")
    announcement_id: AnnouncementId
    message: str
    title: str | None = None
    priority: Priority
    audience: Audience


class AnnouncementWithdrawn(Event, frozen=True, kw_only=True):
    """An announcement is withdrawn: it leaves all lists of notifications, and nobody has it unread any more."""

    TYPE: ClassVar[str] = "announcement-withdrawn"
    TO: ClassVar[tuple[str, ...]] = ("role:<role>", "all", "boards")
    announcement_id: AnnouncementId


class NotificationsRead(Event, frozen=True, kw_only=True):
    """A person has read their notifications up to a position, on one of their devices; so many are left."""

    TYPE: ClassVar[str] = "notifications-read"
    TO: ClassVar[tuple[str, ...]] = ("user:<reader>",)
    up_to: int
    unread: int


class VendorMessage(Event, frozen=True, kw_only=True):
    """The stall, or an organiser, writes to the customer about an order."""

    TYPE: ClassVar[str] = "vendor-message"
    TO: ClassVar[tuple[str, ...]] = ("user:<customer>", "order:<order>")
    vendor_id: VendorId
    user_id: UserId  # the customer
    order_id: OrderId
    message: str


class CustomerMessage(Event, frozen=True, kw_only=True):
    """The customer writes to the stall about an order."""

    TYPE: ClassVar[str] = "customer-message"
    TO: ClassVar[tuple[str, ...]] = ("stall:<stall>", "order:<order>")
    vendor_id: VendorId
    user_id: UserId
    order_id: OrderId
    message: str


class NewOrder(Event, frozen=True, kw_only=True):
    """A paid order has reached a stall. `item` and `price` are the one-line summary and the total."""

    TYPE: ClassVar[str] = "new-order"
    TO: ClassVar[tuple[str, ...]] = ("stall:<stall>",)
    vendor_id: VendorId
    order_id: OrderId
    user_id: UserId
    customer_name: str
    item: str
    price: int
    number: int
    items: tuple[OrderLine, ...]
    total: int
    queue_position: int | None  # 1 is next; None: nothing is to be prepared
    tip: int | msgspec.UnsetType = msgspec.UNSET  # where there is one
    deposit: int | msgspec.UnsetType = msgspec.UNSET  # beside total and tip, where there is one; not the stall's
    cancellable_until: str | msgspec.UnsetType = msgspec.UNSET  # where there is such a time: the stall begins after it
    at_once: bool | msgspec.UnsetType = msgspec.UNSET  # true: it is handed over already, and its number is not called


class OrderStatusChanged(Event, frozen=True, kw_only=True, omit_defaults=False):
    """An order has taken a step."""

    TYPE: ClassVar[str] = "order-status-changed"
    TO: ClassVar[tuple[str, ...]] = ("user:<customer>", "stall:<stall>", "order:<order>")
    order_id: OrderId
    status: OrderStatus
    estimated_time: int | None  # minutes
    item_name: str
    number: int
    vendor_id: VendorId
    user_id: UserId  # the customer
    reason: str | msgspec.UnsetType = msgspec.UNSET


class OrderReady(Event, frozen=True, kw_only=True):
    """An order can be picked up."""

    TYPE: ClassVar[str] = "order-ready"
    TO: ClassVar[tuple[str, ...]] = ("user:<customer>", "order:<order>")
    order_id: OrderId
    item_name: str
    vendor_id: VendorId
    user_id: UserId  # the customer
    message: str
    number: int


class CustomerComing(Event, frozen=True, kw_only=True):
    """The customer of a ready order is on the way to pick it up; once after each call."""

    TYPE: ClassVar[str] = "customer-coming"
    TO: ClassVar[tuple[str, ...]] = ("user:<customer>", "stall:<stall>", "order:<order>")
    order_id: OrderId
    user_id: UserId  # the customer
    vendor_id: VendorId
    number: int
    coming_at: str


class OrderRefunded(Event, frozen=True, kw_only=True):
    """Money of an order has gone back to the customer: from the stall's till to this person's wallet.

    With `deposit`, so much more from the deposits; `allowance` of it all is in the customer's allowance instead.
    """

    TYPE: ClassVar[str] = "order-refunded"
    TO: ClassVar[tuple[str, ...]] = ("user:<customer>", "stall:<stall>")
    account: AccountKind  # the one that the money is in now
    user_id: UserId
    vendor_id: VendorId
    order_id: OrderId
    amount: int
    reason: str
    lines: tuple[LineBack, ...] | msgspec.UnsetType = msgspec.UNSET  # what it was for, where goods were given back
    deposit: int | msgspec.UnsetType = msgspec.UNSET  # given back beside the amount, where there is one
    allowance: int | msgspec.UnsetType = msgspec.UNSET  # of amount and deposit, where there is some


class GiveBackClaimed(Event, frozen=True, kw_only=True):
    """A guest has taken the deposit that a stall gives back: from the deposits to their wallet."""

    TYPE: ClassVar[str] = "give-back-claimed"
    TO: ClassVar[tuple[str, ...]] = ("stall:<stall>",)
    vendor_id: VendorId
    give_back_id: GiveBackId
    amount: int


class QueueUpdated(Event, frozen=True, kw_only=True):
    """An order's queue position has changed: each change among the first ten, now and then further back."""

    TYPE: ClassVar[str] = "queue-updated"
    TO: ClassVar[tuple[str, ...]] = ("user:<customer>",)
    order_id: OrderId
    user_id: UserId  # the customer
    queue_position: int  # 1 is next
    estimated_time: int | None  # minutes


class PaymentRequestPaid(Event, frozen=True, kw_only=True):
    """Somebody has paid what a stall asked for; the order comes as a `new-order` of its own."""

    TYPE: ClassVar[str] = "payment-request-paid"
    TO: ClassVar[tuple[str, ...]] = ("stall:<stall>",)
    account: AccountKind  # the one that the money is in now
    vendor_id: VendorId
    request_id: PaymentRequestId
    order_id: OrderId
    amount: int


class NewTransaction(Event, frozen=True, kw_only=True):
    """A transfer, as the organiser's feed shows it; `debit` and `credit` are account ids."""

    TYPE: ClassVar[str] = "new-transaction"
    TO: ClassVar[tuple[str, ...]] = ("role:admin",)
    transaction_id: TransferId
    kind: str
    amount: int
    debit: str
    credit: str
    platform_fee: int
    user_id: str | None = None
    vendor_id: VendorId | None = None
    order_id: OrderId | None = None
    account: AccountKind | None = None  # where the transfer concerns one wallet or till and not two
    reverses: TransferId | None = None  # the transfer that it takes back


class RoomJoined(Event, frozen=True, kw_only=True):
    """A person's streams follow a room from here on, on every device."""

    TYPE: ClassVar[str] = "room-joined"
    TO: ClassVar[tuple[str, ...]] = ("user:<person>",)
    room: str  # `user-<id>` or `order-<id>`


class RoomLeft(Event, frozen=True, kw_only=True):
    """A person's streams follow a room no longer."""

    TYPE: ClassVar[str] = "room-left"
    TO: ClassVar[tuple[str, ...]] = ("user:<person>",)
    room: str


class TrackingOrders(Event, frozen=True, kw_only=True):
    """A person's streams follow the rooms of these orders from here on."""

    TYPE: ClassVar[str] = "tracking-orders"
    TO: ClassVar[tuple[str, ...]] = ("user:<person>",)
    order_ids: tuple[OrderId, ...]
    message: str


class RoomsChanged(Event, frozen=True, kw_only=True):
    """Internal: from here on this person's streams follow these rooms and no others."""

    TYPE: ClassVar[str] = "system-rooms-changed"
    user_id: UserId
    topics: tuple[Topic, ...]


class UserChanged(Event, frozen=True, kw_only=True):
    """Internal: forget what you know of this person, and look at their open streams again."""

    TYPE: ClassVar[str] = "system-user-changed"
    user_id: UserId


class PersonErased(Event, frozen=True, kw_only=True):
    """Internal: events of before have other words now, so forget those that you hold."""

    TYPE: ClassVar[str] = "system-person-erased"
    user_id: UserId


class DisplayRevoked(Event, frozen=True, kw_only=True):
    """Internal: end this display's streams."""

    TYPE: ClassVar[str] = "system-display-revoked"
    display_id: str


class SessionEnded(Event, frozen=True, kw_only=True):
    """Internal: the session with this token id counts no more."""

    TYPE: ClassVar[str] = "system-session-ended"
    jti: str


LOGGED: tuple[type[Event], ...] = (
    BalanceUpdated, PaymentCompleted, NewNotification, AnnouncementChanged, AnnouncementWithdrawn, NotificationsRead,
    VendorMessage, CustomerMessage, NewOrder, OrderStatusChanged, OrderReady, CustomerComing, OrderRefunded,
    PaymentRequestPaid, GiveBackClaimed, QueueUpdated, MenuUpdated, StockUpdated, VendorUpdated, BoardUpdated,
    DisplayWaiting, NewTransaction, NewDeed, ConfirmationUpdated, PayoutRunUpdated, RoomJoined, RoomLeft,
    TrackingOrders, RoomsChanged, UserChanged, PersonErased, DisplayRevoked, SessionEnded,
)  # fmt: skip

OrderChange = OrderStatusChanged | OrderRefunded | CustomerComing | VendorMessage | CustomerMessage
"""Each change of an order is told by one of these, which names it; `Book.apply` sees to that. So a process learns from
the log which orders others have changed."""

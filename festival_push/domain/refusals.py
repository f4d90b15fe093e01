"""Every refusal of a command by a rule. `web/parsing/presentation.py` has the HTTP answer of each."""

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from festival_push.domain.values import ItemId, OrderStatus, PairingStatus, PayoutStatus

Thing = Literal[
    "announcement", "confirmation", "display", "drawer", "factor", "funds", "give-back", "identity", "item", "keeper",
    "order", "pairing", "payment-request", "payout", "payout-run", "provider", "room", "session", "transfer", "user",
    "vendor", "z-report",
]  # fmt: skip
"""What a 404 says is not there."""


@dataclass(eq=False, kw_only=True)  # not frozen: Python writes __traceback__ onto exceptions
class Refused(Exception):
    """Raised when the rules do not allow a command; the book is unchanged."""

    code: ClassVar[str]
    title: ClassVar[str]
    kept: ClassVar[bool] = True
    """True if the refusal is stored under the idempotency key and returned to every retry."""

    def params(self) -> dict[str, object]:
        """Return the facts behind the refusal, by field name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(eq=False, kw_only=True)
class Forbidden(Refused):
    code = "forbidden"
    title = "You may not do this."
    kept = False


@dataclass(eq=False, kw_only=True)
class Suspended(Refused):
    code = "suspended"
    title = "This account is suspended."
    kept = False


@dataclass(eq=False, kw_only=True)
class NotFound(Refused):
    code = "not-found"
    title = "There is no such thing, or it is not yours."
    what: Thing


@dataclass(eq=False, kw_only=True)
class AlreadyExists(Refused):
    code = "already-exists"
    title = "This id is taken."
    what: str


@dataclass(eq=False, kw_only=True)
class InsufficientFunds(Refused):
    code = "insufficient-funds"
    title = "The balance does not cover the total; nothing was changed."
    balance: int
    total: int  # what it takes, tip and deposit included


@dataclass(eq=False, kw_only=True)
class PriceChanged(Refused):
    code = "price-changed"
    title = "The total is not what you expected; look at the menu again."
    total: int
    expected_total: int
    deposit: int | None = None  # where it is the deposit that differs, and below, what was expected
    expected_deposit: int | None = None

    def params(self) -> dict[str, object]:
        """Return the facts behind the refusal; the deposits only where they differ."""
        return {name: value for name, value in super().params().items() if value is not None}


@dataclass(eq=False, kw_only=True)
class ItemUnavailable(Refused):
    code = "item-unavailable"
    title = "Something in this order can't be had right now."
    item_ids: tuple[ItemId, ...]


@dataclass(eq=False, kw_only=True)
class VendorClosed(Refused):
    code = "vendor-closed"
    title = "This stall is closed."


@dataclass(eq=False, kw_only=True)
class VendorUnattended(Refused):
    code = "vendor-unattended"
    title = "Nobody is at this stall now who may serve an order; nothing was paid."


@dataclass(eq=False, kw_only=True)
class VendorBusy(Refused):
    code = "vendor-busy"
    title = "Every pickup number of this stall is in use."


@dataclass(eq=False, kw_only=True)
class TooManyOpenOrders(Refused):
    code = "too-many-open-orders"
    title = "You have as many open orders at this stall as it takes from one person."
    open_orders_max: int


@dataclass(eq=False, kw_only=True)
class AmountTooLarge(Refused):
    code = "amount-too-large"
    title = "The amount is above the limit."
    amount: int
    amount_max: int


@dataclass(eq=False, kw_only=True)
class BalanceLimit(Refused):
    code = "balance-limit"
    title = "The wallet would hold more than is allowed."
    balance: int
    balance_max: int


@dataclass(eq=False, kw_only=True)
class InvalidTransition(Refused):
    code = "invalid-transition"
    title = "The order can't go there from where it is."
    status: OrderStatus
    asked: OrderStatus


@dataclass(eq=False, kw_only=True)
class NumberTaken(Refused):
    code = "number-taken"
    title = "A newer order has this pickup number by now."
    number: int


@dataclass(eq=False, kw_only=True)
class NotReady(Refused):
    code = "not-ready"
    title = "This order is not ready to be picked up."
    status: OrderStatus


@dataclass(eq=False, kw_only=True)
class ReasonRequired(Refused):
    code = "reason-required"
    title = "Say why the order is cancelled."
    kept = False


@dataclass(eq=False, kw_only=True)
class AlreadyAssigned(Refused):
    code = "already-assigned"
    title = "This money has an owner already."


@dataclass(eq=False, kw_only=True)
class NotAPayment(Refused):
    code = "not-a-payment"
    title = "This report is of a refund or a dispute: it can't be booked as money that came in."


@dataclass(eq=False, kw_only=True)
class UnreadAnswered(Refused):
    code = "unread-answered"
    title = "This report was booked or dismissed already."
    unread_status: str


@dataclass(eq=False, kw_only=True)
class MoreThanHeld(Refused):
    code = "more-than-held"
    title = "Less than this is held of the payment."
    held: int


@dataclass(eq=False, kw_only=True)
class AlreadyReversed(Refused):
    code = "already-reversed"
    title = "Less than this is left to take back."
    reversible: int


@dataclass(eq=False, kw_only=True)
class NotReversible(Refused):
    code = "not-reversible"
    title = "A transfer of this kind can't be taken back so."


@dataclass(eq=False, kw_only=True)
class NameTaken(Refused):
    code = "name-taken"
    title = "Another stall has this name, or one that people would take for it."
    kept = False
    name: str


@dataclass(eq=False, kw_only=True)
class InvalidVendorCode(Refused):
    code = "invalid-vendor-code"
    title = "This vendor code is unknown or used."
    kept = False


@dataclass(eq=False, kw_only=True)
class InvalidPairingCode(Refused):
    code = "invalid-pairing-code"
    title = "This code is wrong, used or expired; make a new one on the stall's page."
    kept = False


@dataclass(eq=False, kw_only=True)
class PairingSettled(Refused):
    code = "pairing-settled"
    title = "This screen was confirmed or refused already."
    kept = False
    pairing_status: PairingStatus


@dataclass(eq=False, kw_only=True)
class TokenSpent(Refused):
    code = "token-spent"
    title = "This ticket was used already."
    kept = False


@dataclass(eq=False, kw_only=True)
class RefundTooLarge(Refused):
    code = "refund-too-large"
    title = "More would go back than is left of the total."
    refundable: int  # what is left of the order's total


@dataclass(eq=False, kw_only=True)
class PayoutSettled(Refused):
    code = "payout-settled"
    title = "This payout was completed or rejected already."
    payout_status: PayoutStatus


@dataclass(eq=False, kw_only=True)
class AlreadyPaid(Refused):
    code = "already-paid"
    title = "Someone has paid this already; you were not charged."


@dataclass(eq=False, kw_only=True)
class PaymentRequestExpired(Refused):
    code = "payment-request-expired"
    title = "The time to pay this is over; ask the stall for a new one."


@dataclass(eq=False, kw_only=True)
class AlreadyWithdrawn(Refused):
    code = "already-withdrawn"
    title = "This announcement was withdrawn; make a new one."


@dataclass(eq=False, kw_only=True)
class LastAdmin(Refused):
    code = "last-admin"
    title = "Nobody else could run the festival."
    kept = False


@dataclass(eq=False, kw_only=True)
class OwnsStall(Refused):
    code = "owns-stall"
    title = "This person is the only owner of a stall; make somebody else an owner first."
    kept = False


@dataclass(eq=False, kw_only=True)
class TooManyStalls(Refused):
    code = "too-many-stalls"
    title = "This person keeps as many stalls as a person may."
    kept = False
    stalls_max: int


@dataclass(eq=False, kw_only=True)
class TooManyKeepers(Refused):
    code = "too-many-keepers"
    title = "This stall has as many keepers as it may have; dismiss one first."
    kept = False
    keepers_max: int


@dataclass(eq=False, kw_only=True)
class MoneyUnearned(Refused):
    code = "money-unearned"
    title = "Some of this money is of orders that are not completed yet, or may still be refunded."
    available: int  # minor units that the till holds of completed orders, at least 0
    balance: int


@dataclass(eq=False, kw_only=True)
class TooManyRooms(Refused):
    code = "too-many-rooms"
    title = "You follow too many rooms; leave one first."
    kept = False
    rooms_max: int


@dataclass(eq=False, kw_only=True)
class MenuFull(Refused):
    code = "menu-full"
    title = "There is no more room on this menu; take something off it first."
    menu_items_max: int


@dataclass(eq=False, kw_only=True)
class TooManyDisplays(Refused):
    code = "too-many-displays"
    title = "This stall has as many displays as it may have; revoke one first."
    displays_max: int


@dataclass(eq=False, kw_only=True)
class TooManyMessages(Refused):
    code = "too-many-messages"
    title = "Your side has said all that it may about this order."
    messages_max: int


@dataclass(eq=False, kw_only=True)
class TooManyPayouts(Refused):
    code = "too-many-payouts"
    title = "You have asked for several payouts already; wait until one of them is settled."
    payouts_max: int  # that wait to be settled


@dataclass(eq=False, kw_only=True)
class IdempotencyKeyReused(Refused):
    code = "idempotency-key-reused"
    title = "This idempotency key was used with another request."
    kept = False


Refusals = tuple[type[Refused], ...]
"""What a command refuses besides what every command may: a caller without the right, a thing that is not there."""

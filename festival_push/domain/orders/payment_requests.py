"""Payment requests: a stall names what is to be paid, and whoever scans it first pays it, once."""

from typing import Final, Literal

import msgspec

from festival_push.domain.book import Book, Decision, Needs
from festival_push.domain.draft import Draft
from festival_push.domain.events import PaymentRequestPaid
from festival_push.domain.orders.orders import OrderReply, WantedLine, open_stall, place, priced
from festival_push.domain.refusals import (
    AlreadyPaid,
    AmountTooLarge,
    Forbidden,
    NotFound,
    PaymentRequestExpired,
    PriceChanged,
)
from festival_push.domain.rows import OrderLine, PaymentRequest, User
from festival_push.domain.topics import user_topic
from festival_push.domain.values import Instant, OrderId, PaymentRequestId, Role, UserId

EXPIRES_S_MIN: Final = 30
EXPIRES_S_MAX: Final = 24 * 3600
EXPIRES_S: Final = 300
"""For how long a stall's request can be paid when it does not say: a queue's patience."""

RequestStatus = Literal["open", "paid", "expired"]


class OwnLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not on the menu, at the price that the stall names."""

    description: str
    amount: int  # 1..amount_max


class RequestPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A stall asks for the price of some of its items, or for an amount of its own."""

    request_id: PaymentRequestId
    actor_id: UserId
    wanted: tuple[WantedLine, ...] | OwnLine  # 1..order_lines_max lines
    expires_s: int  # EXPIRES_S_MIN..EXPIRES_S_MAX, from now on

    def needs(self) -> Needs:
        """Who asks, with their stall; the items."""
        wanted = () if isinstance(self.wanted, OwnLine) else self.wanted
        return Needs(users=(self.actor_id,), items=tuple(line.item_id for line in wanted))

    def decide(self, book: Book, now: Instant) -> Decision[PaymentRequest]:
        """Write it down; nothing is paid. Raises VendorClosed, ItemUnavailable, AmountTooLarge."""
        actor = book.actor(self.actor_id, Role.VENDOR)
        if actor.vendor_id is None:
            raise Forbidden
        vendor = open_stall(book, actor.vendor_id)
        if isinstance(self.wanted, OwnLine):
            lines: tuple[OrderLine, ...] = (_own_line(self.wanted),)
        else:
            lines = priced(book, vendor.vendor_id, self.wanted)
        total = sum(line.total for line in lines)
        if total > book.rules.amount_max:
            raise AmountTooLarge(amount=total, amount_max=book.rules.amount_max)
        request = PaymentRequest(
            request_id=self.request_id,
            vendor_id=vendor.vendor_id,
            lines=lines,
            total=total,
            created_at=now,
            expires_at=Instant(now + self.expires_s * 1000),
        )
        draft = Draft(book, now)
        draft.put(request)
        return draft.decision(request)


class PayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A customer pays what a stall has asked for; it becomes an order like any other."""

    request_id: PaymentRequestId
    order_id: OrderId
    customer_id: UserId

    def needs(self) -> Needs:
        """Who pays, and the request with its stall and items."""
        return Needs(users=(self.customer_id,), payment_requests=(self.request_id,))

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Claim it and place the order, both or neither.

        Raises AlreadyPaid, PaymentRequestExpired; PriceChanged when the menu does not give the request's total any
        more (the payer has seen that total, and pays it or nothing); and what placing an order raises.
        """
        customer = book.actor(self.customer_id, Role.CUSTOMER)
        if (request := book.payment_requests.get(self.request_id)) is None:
            raise NotFound(what="payment-request")
        if request.order_id is not None:
            raise AlreadyPaid
        if now >= request.expires_at:
            raise PaymentRequestExpired
        vendor = open_stall(book, request.vendor_id)
        lines = _lines_now(book, request)
        if (total := sum(line.total for line in lines)) != request.total:
            raise PriceChanged(total=total, expected_total=request.total)
        draft = Draft(book, now)
        reply = place(draft, self.order_id, customer, vendor, lines)
        draft.put(msgspec.structs.replace(request, order_id=self.order_id))
        event = PaymentRequestPaid(
            timestamp=draft.timestamp, request_id=request.request_id, order_id=self.order_id, amount=request.total
        )
        draft.tell(event, user_topic(request.vendor_id))
        return draft.decision(reply)


def status_of(request: PaymentRequest, now: Instant) -> RequestStatus:
    """Whether it can be paid, was paid, or never will be."""
    if request.order_id is not None:
        return "paid"
    return "open" if now < request.expires_at else "expired"


def require_scan(request: PaymentRequest, user: User) -> None:
    """Raises NotFound for whom it does not concern: any customer may have scanned it, but no other stall."""
    if user.role is not Role.CUSTOMER and user.vendor_id != request.vendor_id:
        raise NotFound(what="payment-request")


def _own_line(own: OwnLine) -> OrderLine:
    return OrderLine(item_id=None, name=own.description, quantity=1, unit_price=own.amount, total=own.amount)


def _lines_now(book: Book, request: PaymentRequest) -> tuple[OrderLine, ...]:
    """The lines at the menu's present prices; an amount of the stall's own has no other."""
    wanted = tuple(
        WantedLine(item_id=line.item_id, quantity=line.quantity, notes=line.notes)
        for line in request.lines
        if line.item_id is not None
    )
    return priced(book, request.vendor_id, wanted) if wanted else request.lines

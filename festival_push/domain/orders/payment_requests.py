"""Payment requests: a stall asks for an amount, and the first customer who scans the request can pay it, once."""

from typing import ClassVar, Final, Literal

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.events import PaymentRequestPaid
from festival_push.domain.office.refusals import WalletFrozen
from festival_push.domain.orders.orders import OrderReply
from festival_push.domain.orders.placing import (
    WantedLine,
    deposit_of,
    open_stall,
    paying,
    place,
    priced,
    require_deposit,
)
from festival_push.domain.orders.rows import OrderLine, PaymentRequest
from festival_push.domain.people.relations import Act, require
from festival_push.domain.refusals import (
    AlreadyPaid,
    AmountTooLarge,
    InsufficientFunds,
    ItemUnavailable,
    NotFound,
    PaymentRequestExpired,
    PriceChanged,
    Refusals,
    TooManyOpenOrders,
    VendorBusy,
    VendorClosed,
    VendorUnattended,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.topics import stall_topic
from festival_push.domain.values import AccountKind, Instant, OrderId, PaymentRequestId, UserId, VendorId

EXPIRES_S_MIN: Final = 30
EXPIRES_S_MAX: Final = 24 * 3600
EXPIRES_S: Final = 300
"""How long a request can be paid if the stall does not say: about as long as a queue has patience."""

RequestStatus = Literal["open", "paid", "expired"]


class OwnLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not on the menu, at the price that the stall names."""

    description: str
    amount: int  # 1..amount_max


class RequestPayment(msgspec.Struct, frozen=True, kw_only=True):
    """Ask, as a stall, for the price of some menu items, or for an amount that the stall names."""

    REFUSES: ClassVar[Refusals] = (AmountTooLarge, ItemUnavailable, NotFound, VendorClosed)

    request_id: PaymentRequestId
    actor_id: UserId
    wanted: tuple[WantedLine, ...] | OwnLine  # 1..order_lines_max lines
    expires_s: int  # EXPIRES_S_MIN..EXPIRES_S_MAX, from now on
    vendor_id: VendorId | None = None  # None: the first stall that the caller keeps

    def needs(self) -> Needs:
        wanted = () if isinstance(self.wanted, OwnLine) else self.wanted
        stalls = () if self.vendor_id is None else (self.vendor_id,)
        return Needs(users=(self.actor_id,), vendors=stalls, items=tuple(line.item_id for line in wanted))

    def decide(self, book: Book, now: Instant) -> Decision[PaymentRequest]:
        """Create the request; nothing is paid yet.

        Raises Forbidden, NotFound for someone else's stall, VendorClosed, ItemUnavailable, AmountTooLarge.
        """
        actor = book.actor(self.actor_id)
        vendor_id = self.vendor_id or next(iter(actor.stalls), None)
        require(actor, Act.REQUEST_PAYMENT, vendor_id=vendor_id, what="vendor")
        assert vendor_id is not None  # only its keeper gets here
        vendor = open_stall(book, vendor_id)
        if isinstance(self.wanted, OwnLine):
            lines: tuple[OrderLine, ...] = (_own_line(self.wanted),)
        else:
            lines = priced(book, vendor.vendor_id, self.wanted)
        total = sum(line.total for line in lines)
        if (amount := total + deposit_of(lines)) > book.rules.amount_max:
            raise AmountTooLarge(amount=amount, amount_max=book.rules.amount_max)
        request = PaymentRequest(
            request_id=self.request_id,
            vendor_id=vendor.vendor_id,
            lines=lines,
            total=total,
            created_at=now,
            expires_at=Instant(now + self.expires_s * 1000),
            created_by=self.actor_id,
        )
        draft = Draft(book, now)
        draft.new(request)
        return draft.decision(request)


class PayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Pay a stall's request, as a customer; it becomes an order like any other, and an amount a completed one."""

    REFUSES: ClassVar[Refusals] = (
        AlreadyPaid,
        AmountTooLarge,
        InsufficientFunds,
        ItemUnavailable,
        PaymentRequestExpired,
        PriceChanged,
        TooManyOpenOrders,
        VendorBusy,
        VendorClosed,
        VendorUnattended,
        WalletFrozen,
    )

    request_id: PaymentRequestId
    order_id: OrderId
    customer_id: UserId

    def needs(self) -> Needs:
        return Needs(users=(self.customer_id,), payment_requests=(self.request_id,))

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Claim the request and place the order, both or neither.

        Raises NotFound, AlreadyPaid, PaymentRequestExpired; PriceChanged if the menu's prices or deposits no longer add
        up to the request's (the payer has seen those, and pays them or nothing); and what placing an order raises.
        """
        customer = paying(book, self.customer_id)
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
        require_deposit(lines, deposit_of(request.lines))
        draft = Draft(book, now, user=self.customer_id)
        reply = place(draft, self.order_id, customer, vendor, lines)
        draft.put(msgspec.structs.replace(request, order_id=self.order_id))
        event = PaymentRequestPaid(
            timestamp=draft.timestamp,
            account=AccountKind.TILL,
            vendor_id=request.vendor_id,
            request_id=request.request_id,
            order_id=self.order_id,
            amount=request.total,
        )
        draft.tell(event, stall_topic(request.vendor_id))
        return draft.decision(reply)


def status_of(request: PaymentRequest, now: Instant) -> RequestStatus:
    """Return whether a request can be paid (`open`), was paid, or has expired."""
    if request.order_id is not None:
        return "paid"
    return "open" if now < request.expires_at else "expired"


def _own_line(own: OwnLine) -> OrderLine:
    return OrderLine(item_id=None, name=own.description, quantity=1, unit_price=own.amount, total=own.amount)


def _lines_now(book: Book, request: PaymentRequest) -> tuple[OrderLine, ...]:
    """Return the lines at the menu's present prices; a free amount has no menu price and stays as it is."""
    wanted = tuple(
        WantedLine(item_id=line.item_id, quantity=line.quantity, notes=line.notes)
        for line in request.lines
        if line.item_id is not None
    )
    return priced(book, request.vendor_id, wanted) if wanted else request.lines

"""Orders: placing an order pays for it; then its status changes step by step, until it is completed or cancelled."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.ledger import platform_fee
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.open_orders import QUEUED
from festival_push.domain.orders.boards import next_number, queue_position
from festival_push.domain.orders.pace import after_finishing, estimated_minutes, freed
from festival_push.domain.orders.rows import Order, OrderLine
from festival_push.domain.orders.sales import cancel, pay_for, tell_ready, tell_status
from festival_push.domain.orders.steps import cancels_own, may_step
from festival_push.domain.people.relations import Act, Person, may, require
from festival_push.domain.refusals import (
    AmountTooLarge,
    InsufficientFunds,
    InvalidTransition,
    ItemUnavailable,
    MoneyUnearned,
    NotFound,
    NumberTaken,
    PriceChanged,
    ReasonRequired,
    Refusals,
    TooManyOpenOrders,
    VendorBusy,
    VendorClosed,
    VendorUnattended,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import User, Vendor
from festival_push.domain.values import (
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    UserId,
    VendorId,
    local_day,
    till_account,
    user_account,
)


class WantedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line that a customer or a stall asks for; the price comes from the menu."""

    item_id: ItemId
    quantity: int
    notes: str | None = None


class OrderSeen(msgspec.Struct, frozen=True):
    """An order, its queue position, and the estimate of when it will be ready."""

    order: Order
    queue_position: int | None  # 1 is next; None if the order no longer waits
    estimated_time: int | None  # minutes; None if there is no estimate


class OrderReply(OrderSeen, frozen=True, kw_only=True):
    """An order after the command, and the balance of the customer's wallet, in minor units."""

    balance: int


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Place and pay a customer's order at one stall."""

    REFUSES: ClassVar[Refusals] = (
        NotFound,
        AmountTooLarge,
        InsufficientFunds,
        ItemUnavailable,
        PriceChanged,
        TooManyOpenOrders,
        VendorBusy,
        VendorClosed,
        VendorUnattended,
    )

    order_id: OrderId
    customer_id: UserId
    vendor_id: VendorId
    lines: tuple[WantedLine, ...]  # 1..order_lines_max
    expected_total: int | None = None  # as the customer saw it, without the tip
    tip: int = 0  # minor units, 0..amount_max

    def needs(self) -> Needs:
        return Needs(
            users=(self.customer_id,), vendors=(self.vendor_id,), items=tuple(line.item_id for line in self.lines)
        )

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Pay for the order and place it.

        Raises NotFound, Suspended, Forbidden, VendorClosed, ItemUnavailable, PriceChanged, and what `place` raises.
        """
        customer = paying(book, self.customer_id)
        vendor = open_stall(book, self.vendor_id)
        lines = priced(book, self.vendor_id, self.lines)
        total = sum(line.total for line in lines)
        if self.expected_total is not None and self.expected_total != total:
            raise PriceChanged(total=total, expected_total=self.expected_total)
        draft = Draft(book, now, user=self.customer_id)
        return draft.decision(place(draft, self.order_id, customer, vendor, lines, tip=self.tip))


class ChangeOrderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Change the status of an order by one step of the state machine; `cancelled` refunds all of it.

    `from_status` is what the caller saw. A step that was meant for another status, such as a late `ready` for an order
    that has been completed meanwhile, is refused.
    """

    CANCEL_REFUSES: ClassVar[Refusals] = (InvalidTransition, ReasonRequired)  # the step to `cancelled`
    REFUSES: ClassVar[Refusals] = (*CANCEL_REFUSES, MoneyUnearned, NumberTaken)

    order_id: OrderId
    actor_id: UserId
    status: OrderStatus
    estimated_time: int | None = None  # minutes, 0..240
    reason: str | None = None
    from_status: OrderStatus | None = None

    def needs(self) -> Needs:
        return Needs(users=(self.actor_id,), orders=(self.order_id,))

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Take the step. Asking for the present status changes nothing, except the stall's estimate of a waiting order.

        What the caller is to this order decides, not what they are elsewhere.

        Raises NotFound, InvalidTransition, ReasonRequired; for a recall NumberTaken, if the pickup number has been
        given to another open order, and MoneyUnearned, if the stall has been paid out the order's money.
        """
        actor = book.actor(self.actor_id)
        order = book.order(self.order_id)
        require_sight(order, actor)
        draft = Draft(book, now, user=self.actor_id)
        if order.status is not self.status:
            is_seen = self.from_status in {None, order.status}
            attended = book.vendor(order.vendor_id).attended
            if not is_seen or not may_step(order, self.status, actor, rules=book.rules, now=now, attended=attended):
                raise InvalidTransition(status=order.status, asked=self.status)
            if self.status is OrderStatus.CANCELLED and not self.reason and self._owes_reason(book, order, actor, now):
                raise ReasonRequired
            if order.status is OrderStatus.COMPLETED:
                _require_recallable(book, order)
            if self.status is OrderStatus.CANCELLED and not cancels_own(
                order, self.status, actor, rules=book.rules, now=now, attended=attended
            ):
                draft.deed(
                    DeedKind.CANCEL, "order", order.order_id, before=_told(order), after=_told(order, self.status)
                )
            order = self._step(draft, order)
        elif self._estimates(order, actor):
            order = msgspec.structs.replace(order, estimated_time=self.estimated_time, updated_at=now)
            draft.put(order)
            tell_status(draft, order, queue_position_of(book, order))
        return draft.decision(reply_of(draft, order, queue_position_of(book, order)))

    def _owes_reason(self, book: Book, order: Order, actor: Person, now: Instant) -> bool:
        """Return whether this cancels an order as its stall, which has to tell the customer why."""
        attended = book.vendor(order.vendor_id).attended
        is_own = cancels_own(order, self.status, actor, rules=book.rules, now=now, attended=attended)
        return not is_own and not may(actor, Act.CANCEL_SILENTLY, vendor_id=order.vendor_id)

    def _estimates(self, order: Order, actor: Person) -> bool:
        """Return whether this is the stall's new estimate of when a waiting order will be ready."""
        said = self.estimated_time is not None and self.estimated_time != order.estimated_time
        return said and order.status in QUEUED and may(actor, Act.SERVE_ORDER, vendor_id=order.vendor_id)

    def _step(self, draft: Draft, order: Order) -> Order:
        if (vendor := self._free_vendor(draft, order)) is not None:
            draft.put(vendor)
        now, is_call = draft.now, self.status is OrderStatus.READY
        stepped = msgspec.structs.replace(
            order,
            status=self.status,
            estimated_time=order.estimated_time if self.estimated_time is None else self.estimated_time,
            reason=self.reason or order.reason,
            updated_at=now,
            ready_at=now if is_call and order.ready_at is None else order.ready_at,
            called_at=now if is_call else order.called_at,
            coming_at=None if is_call else order.coming_at,
            completed_at=now if self.status is OrderStatus.COMPLETED else None,
        )
        if self.status is OrderStatus.CANCELLED:
            stepped = cancel(draft, stepped, reason=self.reason or "cancelled")
        draft.put(stepped)
        tell_status(draft, stepped, queue_position_of(draft.book, stepped))
        if is_call:
            tell_ready(draft, stepped)
        return stepped

    def _free_vendor(self, draft: Draft, order: Order) -> Vendor | None:
        """Return the stall, updated, if this step frees it for its next order; else None.

        Cancelling an order that is not first does not free the stall, and neither does a recall of a completed one.
        """
        vendor = draft.book.vendor(order.vendor_id)
        if self.status is OrderStatus.READY and order.status in QUEUED:
            return after_finishing(vendor, order, draft.now)
        if self.status is OrderStatus.CANCELLED and queue_position_of(draft.book, order) == 1:
            return freed(vendor, draft.now)
        return None


def _told(order: Order, status: OrderStatus | None = None) -> State:
    """Return what a deed says of an order whose money goes back: from which status, or to which."""
    return {"status": (status or order.status).value, "amount": order.total + order.tip}


def paying(book: Book, customer_id: UserId) -> User:
    """Return the caller, who pays from their own wallet. Raises NotFound, Suspended."""
    customer = book.actor(customer_id)
    require(customer, Act.PLACE_ORDER, user_id=customer_id)
    return customer.user


def open_stall(book: Book, vendor_id: VendorId) -> Vendor:
    """Return the stall, which must be taking orders. Raises NotFound, VendorClosed, VendorUnattended."""
    vendor = book.vendor(vendor_id)
    if not vendor.open:
        raise VendorClosed
    if not vendor.attended:
        raise VendorUnattended
    return vendor


def priced(book: Book, vendor_id: VendorId, wanted: tuple[WantedLine, ...]) -> tuple[OrderLine, ...]:
    """Return the wanted lines at the present prices of the stall's menu. Raises ItemUnavailable."""
    items = [book.items.get(line.item_id) for line in wanted]
    sold = tuple(
        OrderLine(
            item_id=item.item_id,
            name=item.name,
            quantity=line.quantity,
            unit_price=item.price,
            total=item.price * line.quantity,
            notes=line.notes,
        )
        for item, line in zip(items, wanted, strict=True)
        if item is not None and item.vendor_id == vendor_id and item.available and not item.deleted
    )
    if len(sold) < len(wanted):
        ids = {line.item_id for line in wanted} - {line.item_id for line in sold}
        raise ItemUnavailable(item_ids=tuple(sorted(ids)))
    return sold


def place(
    draft: Draft, order_id: OrderId, customer: User, vendor: Vendor, lines: tuple[OrderLine, ...], *, tip: int = 0
) -> OrderReply:
    """Pay and place; an amount is completed at once, so it is never one of too many.

    Raises AmountTooLarge, TooManyOpenOrders, VendorBusy, InsufficientFunds.
    """
    assert tip >= 0
    book, now = draft.book, draft.now
    total = sum(line.total for line in lines)
    if total + tip > book.rules.amount_max:
        raise AmountTooLarge(amount=total + tip, amount_max=book.rules.amount_max)
    open_orders = book.open_orders[vendor.vendor_id]
    day = local_day(now, book.rules.timezone)
    order = Order(
        order_id=order_id,
        vendor_id=vendor.vendor_id,
        vendor_name=vendor.name,
        user_id=customer.user_id,
        customer_name=customer.name,
        number=next_number(vendor, open_orders.numbers, day),
        status=OrderStatus.PREPARING if vendor.auto_accept else OrderStatus.PENDING,
        lines=lines,
        total=total,
        tip=tip,
        platform_fee=platform_fee(total, book.rules.platform_fee_bp),
        placed=book.transfer_seq + 1,
        created_at=now,
        updated_at=now,
    )
    if not order.is_amount and open_orders.of[customer.user_id] >= book.rules.open_orders_max:
        raise TooManyOpenOrders(open_orders_max=book.rules.open_orders_max)
    position = None if order.is_amount else open_orders.waiting + 1  # every waiting order was placed before this one
    if order.is_amount:
        order = msgspec.structs.replace(order, status=OrderStatus.COMPLETED, completed_at=now)
    draft.new(order)
    draft.put(msgspec.structs.replace(vendor, last_number=order.number, number_day=day))
    pay_for(draft, order, queue_position=position)
    return reply_of(draft, order, position)


def sees(order: Order, person: Person) -> bool:
    """Return whether a person may see an order: its customer, its stall's keepers, and organisers."""
    return may(person, Act.SEE_ORDER, user_id=order.user_id, vendor_id=order.vendor_id)


def require_sight(order: Order, person: Person) -> None:
    """Raise NotFound for an order that the person may not see, so that ids can't be probed."""
    require(person, Act.SEE_ORDER, user_id=order.user_id, vendor_id=order.vendor_id, what="order")


def queue_position_of(book: Book, order: Order) -> int | None:
    """Return an order's queue position at its stall: 1 is next; None if it no longer waits."""
    return queue_position(order.placed, order.status, book.open_orders[order.vendor_id].values())


def reply_of(draft: Draft, order: Order, position: int | None) -> OrderReply:
    """Return the reply about an order as the draft leaves it.

    Args:
        position: Its queue position; None if it no longer waits.
    """
    return OrderReply(
        order=order,
        queue_position=position,
        estimated_time=estimated_minutes(order.estimated_time, draft.book.vendor(order.vendor_id), position),
        balance=draft.balance(user_account(order.user_id)),
    )


def _require_recallable(book: Book, order: Order) -> None:
    """Raise NumberTaken or MoneyUnearned if a completed order can't become an open one again.

    An open order's money may have to go back to its customer, so the till must still have it.
    """
    open_orders = book.open_orders[order.vendor_id]
    if order.number in open_orders.numbers:
        raise NumberTaken(number=order.number)
    balance = book.account(till_account(order.vendor_id)).balance
    available = max(balance - open_orders.held, 0)
    if order.held > available:
        raise MoneyUnearned(available=available, balance=balance)

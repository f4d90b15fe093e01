"""Orders: once placed, an order's status changes step by step, until it is completed or cancelled."""

from typing import ClassVar

import msgspec

from festival_push.domain.book import Book, Decision
from festival_push.domain.draft import Draft
from festival_push.domain.office.deeds import DeedKind, State
from festival_push.domain.open_orders import QUEUED
from festival_push.domain.orders.boards import queue_position
from festival_push.domain.orders.pace import after_finishing, estimated_minutes, freed
from festival_push.domain.orders.refusals import DepositsExhausted
from festival_push.domain.orders.rows import Order
from festival_push.domain.orders.sales import cancel, tell_ready, tell_status
from festival_push.domain.orders.steps import cancels_own, may_step
from festival_push.domain.orders.stock import given_back, lines_left, put_back
from festival_push.domain.people.relations import Act, Person, may, require
from festival_push.domain.refusals import (
    InvalidTransition,
    MoneyUnearned,
    NumberTaken,
    ReasonRequired,
    Refusals,
)
from festival_push.domain.row_kinds import Needs
from festival_push.domain.rows import Vendor
from festival_push.domain.values import (
    Instant,
    OrderId,
    OrderStatus,
    UserId,
    till_account,
    user_account,
)


class OrderSeen(msgspec.Struct, frozen=True):
    """An order, its queue position, and the estimate of when it will be ready."""

    order: Order
    queue_position: int | None  # 1 is next; None if the order no longer waits
    estimated_time: int | None  # minutes; None if there is no estimate


class OrderReply(OrderSeen, frozen=True, kw_only=True):
    """An order after the command, and the balance of the customer's wallet, in minor units."""

    balance: int


class ChangeOrderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Change the status of an order by one step of the state machine; `cancelled` refunds all of it.

    `from_status` is what the caller saw. A step that was meant for another status, such as a late `ready` for an order
    that has been completed meanwhile, is refused.
    """

    CANCEL_REFUSES: ClassVar[Refusals] = (
        DepositsExhausted,
        InvalidTransition,
        ReasonRequired,
    )  # the step to `cancelled`
    REFUSES: ClassVar[Refusals] = (*CANCEL_REFUSES, MoneyUnearned, NumberTaken)

    order_id: OrderId
    actor_id: UserId
    status: OrderStatus
    estimated_time: int | None = None  # minutes, 0..240
    reason: str | None = None
    from_status: OrderStatus | None = None

    def needs(self) -> Needs:
        sold = (1,) if self.status is OrderStatus.CANCELLED else ()
        return Needs(users=(self.actor_id,), orders=(self.order_id,), sold_items=sold)

    def decide(self, book: Book, now: Instant) -> Decision[OrderReply]:
        """Take the step. Asking for the present status changes nothing, except the stall's estimate of a waiting order.

        What the caller is to this order decides, not what they are elsewhere.

        Raises NotFound, InvalidTransition, ReasonRequired; for a recall NumberTaken, if the pickup number has been
        given to another open order, and MoneyUnearned, if the stall has been paid out the order's money; to cancel it
        DepositsExhausted, if the deposits don't hold the order's any more, and it is no organiser who cancels.
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
            lines = lines_left(stepped)
            put_back(draft, stepped, lines)
            stepped = msgspec.structs.replace(stepped, lines=given_back(stepped.lines, lines))
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

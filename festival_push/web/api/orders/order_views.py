"""Orders as JSON, and the lines that requests for orders share."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from festival_push.domain.orders.orders import OrderReply, OrderSeen
from festival_push.domain.orders.placing import WantedLine
from festival_push.domain.orders.rows import OrderLine
from festival_push.domain.orders.steps import cancellable_until
from festival_push.domain.people.relations import Act, Person, Relation, may, relations
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import (
    Instant,
    ItemId,
    OrderId,
    OrderStatus,
    PaymentStatus,
    Rules,
    UserId,
    VendorId,
    rfc3339,
)
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import Body, Id, Note, clean_note
from festival_push.web.parsing.problems import field_error
from festival_push.web.routing.endpoint import Call

QUANTITY_MAX: Final = 99  # of one line


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
    queue_position: int | None  # None: it no longer waits
    created_at: str
    updated_at: str
    tip: int  # beside the total
    tip_refunded: int  # beside `refunded`: all of it, or nothing
    ready_at: str | None  # for the first time
    called_at: str | None  # ready for the last time
    coming_at: str | None  # its customer said so, after the last call
    completed_at: str | None
    cancellable_until: str | None  # by its customer, also while it is confirmed or preparing; None: no such time
    currency: str
    currency_digits: int
    deposit: int | UnsetType = UNSET  # beside total and tip, where there is one
    deposit_refunded: int | UnsetType = UNSET  # of it, where some went back with the order
    allowance: int | UnsetType = UNSET  # of all that was paid, where the customer's allowance paid some
    allowance_refunded: int | UnsetType = UNSET  # of that, where some went back there
    at_once: bool | UnsetType = UNSET  # true: handed over when it was paid, and its number is not called


class OrderAnswer(View, frozen=True, kw_only=True):
    """What became of an order; `balance` is the customer's wallet, and for the customer only."""

    order: OrderView
    balance: int | UnsetType = UNSET
    position: int


class WantedLineBody(Body, frozen=True, kw_only=True):
    """One line of an order; its price is the menu's."""

    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    notes: Note = ""


def order_view(seen: OrderSeen, rules: Rules) -> OrderView:
    """Render an order."""
    order = seen.order
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
        estimated_time=seen.estimated_time,
        queue_position=seen.queue_position,
        created_at=rfc3339(order.created_at),
        updated_at=rfc3339(order.updated_at),
        tip=order.tip,
        tip_refunded=order.tip_refunded,
        ready_at=_time(order.ready_at),
        called_at=_time(order.called_at),
        coming_at=_time(order.coming_at),
        completed_at=_time(order.completed_at),
        cancellable_until=_time(cancellable_until(order, rules)),
        currency=rules.currency.code,
        currency_digits=rules.currency.digits,
        deposit=order.deposit or UNSET,
        deposit_refunded=order.deposit_refunded or UNSET,
        allowance=order.allowance or UNSET,
        allowance_refunded=order.allowance_refunded or UNSET,
        at_once=order.handed_over or UNSET,
    )


def seen_by(person: Person, seen: OrderSeen | None) -> OrderSeen:
    """Return an order that a person may see. Raises NotFound for any other, so that ids can't be probed."""
    if seen is None or not may(person, Act.SEE_ORDER, user_id=seen.order.user_id, vendor_id=seen.order.vendor_id):
        raise NotFound(what="order")
    return seen


def wanted_lines(call: Call, items: Sequence[WantedLineBody]) -> tuple[WantedLine, ...]:
    """Return the lines that a request wants. Raises BadRequest, which names the field."""
    lines_max = call.services.rules.order_lines_max
    if len(items) > lines_max:
        raise field_error("items", f"must be at most {lines_max} lines")
    return tuple(
        WantedLine(
            item_id=ItemId(line.item_id),
            quantity=line.quantity,
            notes=clean_note(line.notes, f"items[{index}].notes"),
        )
        for index, line in enumerate(items)
    )


def answer_view(call: Call) -> Callable[[Committed[OrderReply]], OrderAnswer]:
    """Return the view of what became of an order: with the balance of the customer's wallet, if it is the caller's."""
    rules, person = call.services.rules, call.person

    def view(committed: Committed[OrderReply]) -> OrderAnswer:
        reply = committed.reply
        sees_wallet = Relation.SELF in relations(person, user_id=reply.order.user_id)
        return OrderAnswer(
            order=order_view(reply, rules),
            balance=reply.balance if sees_wallet else UNSET,
            position=committed.position,
        )

    return view


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else rfc3339(instant)

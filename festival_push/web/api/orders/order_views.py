"""Orders as JSON, and the lines that requests for orders share."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from festival_push.domain.orders.orders import OrderReply, OrderSeen, WantedLine
from festival_push.domain.rows import OrderLine
from festival_push.domain.values import (
    ItemId,
    OrderId,
    OrderStatus,
    PaymentStatus,
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


class OrderAnswer(View, frozen=True, kw_only=True):
    """What became of an order; `balance` is for the customer only."""

    order: OrderView
    balance: int | UnsetType = UNSET
    position: int


class WantedLineBody(Body, frozen=True, kw_only=True):
    """One line of an order; its price is the menu's."""

    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    notes: Note = ""


def order_view(seen: OrderSeen) -> OrderView:
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
    )


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


def stall_view(committed: Committed[OrderReply]) -> OrderAnswer:
    """Render what became of an order without the customer's balance, for everybody but the customer."""
    return OrderAnswer(order=order_view(committed.reply), position=committed.position)


def customer_view(committed: Committed[OrderReply]) -> OrderAnswer:
    """Render what became of an order, for the customer who has paid it."""
    return msgspec.structs.replace(stall_view(committed), balance=committed.reply.balance)

"""Orders: placed and paid by customers, taken step by step by the stall, read by both."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.orders import ChangeOrderStatus, OrderReply, PlaceOrder, WantedLine, sees
from festival_push.domain.paces import ESTIMATE_MINUTES_MAX
from festival_push.domain.refusals import (
    AmountTooLarge,
    InsufficientFunds,
    InvalidTransition,
    ItemUnavailable,
    NotFound,
    PriceChanged,
    ReasonRequired,
    VendorBusy,
    VendorClosed,
)
from festival_push.domain.rows import User
from festival_push.domain.values import ItemId, OrderId, OrderStatus, Role, UserId, VendorId
from festival_push.store.committer import Committed
from festival_push.store.reads_orders import OrderSeen
from festival_push.web.calls import Call, Key, NoQuery, PageQuery, json_response
from festival_push.web.endpoints import CUSTOMER, USER, VENDOR_OR_ADMIN, Endpoint
from festival_push.web.fields import Amount, Body, Id, Note, clean_note, require_id
from festival_push.web.ids import new_order_id
from festival_push.web.problems import field_error
from festival_push.web.views import OrderAnswer, OrderView, Page, order_view, page_of

QUANTITY_MAX: Final = 99  # of one line


class WantedLineBody(Body, frozen=True, kw_only=True):
    """One line of an order; its price is the menu's."""

    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    notes: Note = ""


class PlaceOrderBody(Body, frozen=True, kw_only=True):
    """What a customer wants from one stall, and what they think it costs."""

    vendor_id: Id
    items: Annotated[tuple[WantedLineBody, ...], Meta(min_length=1)]
    expected_total: Amount | UnsetType = UNSET


class StatusBody(Body, frozen=True, kw_only=True):
    """One step of an order."""

    status: OrderStatus
    estimated_time: Annotated[int, Meta(ge=0, le=ESTIMATE_MINUTES_MAX, description="Minutes.")] | UnsetType = UNSET
    reason: Note = ""


class CancelBody(Body, frozen=True, kw_only=True):
    """Why an order is cancelled; stalls must say."""

    reason: Note = ""


class OrdersQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Which orders."""

    status: OrderStatus | None = None


async def place_order(call: Call) -> Response:
    """POST /v1/orders: pays and places; 201, once per idempotency key."""
    body = await call.body(PlaceOrderBody)
    command = PlaceOrder(
        order_id=OrderId(new_order_id(call.services.now())),
        customer_id=call.user().user.user_id,
        vendor_id=VendorId(body.vendor_id),
        lines=wanted_lines(call, body.items),
        expected_total=None if body.expected_total is UNSET else body.expected_total,
    )
    return await call.run_once(command, body, customer_view, status=201)


def wanted_lines(call: Call, items: Sequence[WantedLineBody]) -> tuple[WantedLine, ...]:
    """The lines of a wish. Raises BadRequest, which names the field."""
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


async def list_orders(call: Call) -> Response:
    """GET /v1/orders: the caller's, the caller's stall's, or all of them for the organiser; newest first."""
    query = call.query(OrdersQuery)
    user_id, vendor_id = _whose(call.user().user)
    found = await call.services.reads.orders(
        user_id=user_id, vendor_id=vendor_id, status=query.status, before=query.before, limit=query.limit + 1
    )
    shown = found[: query.limit]
    next_before = shown[-1].order.placed if len(found) > len(shown) else None
    return json_response(page_of([_seen_view(seen) for seen in shown], next_before=next_before))


async def show_order(call: Call) -> Response:
    """GET /v1/orders/{orderId}: 404 for someone else's, so that ids can't be probed."""
    call.query(NoQuery)
    seen = await call.services.reads.order(_order_id(call))
    if seen is None or not sees(seen.order, call.user().user):
        raise NotFound(what="order")
    return json_response(_seen_view(seen))


async def change_status(call: Call) -> Response:
    """POST /v1/orders/{orderId}/status: one step. An idempotency key is welcome: the step may refund."""
    body = await call.body(StatusBody)
    command = ChangeOrderStatus(
        order_id=_order_id(call),
        actor_id=call.user().user.user_id,
        status=body.status,
        estimated_time=None if body.estimated_time is UNSET else body.estimated_time,
        reason=clean_note(body.reason, "reason"),
    )
    return await call.run_once(command, body, _stall_view)


async def cancel_order(call: Call) -> Response:
    """POST /v1/orders/{orderId}/cancel: gives all the money back, exactly once."""
    body = await call.body(CancelBody)
    user = call.user().user
    command = ChangeOrderStatus(
        order_id=_order_id(call),
        actor_id=user.user_id,
        status=OrderStatus.CANCELLED,
        reason=clean_note(body.reason, "reason"),
    )
    return await call.run_once(command, body, customer_view if user.role is Role.CUSTOMER else _stall_view)


def _order_id(call: Call) -> OrderId:
    return OrderId(require_id(call.path("orderId"), what="order"))


def _whose(user: User) -> tuple[UserId | None, VendorId | None]:
    """The customer and the stall whose orders a person may list; None twice is all of them."""
    match user.role:
        case Role.ADMIN:
            return None, None
        case Role.VENDOR if user.vendor_id is not None:
            return None, user.vendor_id
        case _:
            return user.user_id, None


def _seen_view(seen: OrderSeen) -> OrderView:
    return order_view(seen.order, seen.queue_position, seen.estimated_time)


def _stall_view(committed: Committed[OrderReply]) -> OrderAnswer:
    """For those whom the customer's balance does not concern."""
    reply = committed.reply
    order = order_view(reply.order, reply.queue_position, reply.estimated_time)
    return OrderAnswer(order=order, position=committed.position)


def customer_view(committed: Committed[OrderReply]) -> OrderAnswer:
    """What became of an order, for whoever has paid it."""
    return msgspec.structs.replace(_stall_view(committed), balance=committed.reply.balance)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/v1/orders",
        place_order,
        CUSTOMER,
        body=PlaceOrderBody,
        key=Key.REQUIRED,
        answers={201: OrderAnswer},
        refuses=(NotFound, AmountTooLarge, InsufficientFunds, ItemUnavailable, PriceChanged, VendorBusy, VendorClosed),
    ),
    Endpoint("GET", "/v1/orders", list_orders, USER, query=OrdersQuery, answers={200: Page[OrderView]}),
    Endpoint("GET", "/v1/orders/{orderId}", show_order, USER, query=NoQuery, answers={200: OrderView}),
    Endpoint(
        "POST",
        "/v1/orders/{orderId}/status",
        change_status,
        VENDOR_OR_ADMIN,
        body=StatusBody,
        key=Key.WELCOME,
        answers={200: OrderAnswer},
        refuses=(InvalidTransition, ReasonRequired),
    ),
    Endpoint(
        "POST",
        "/v1/orders/{orderId}/cancel",
        cancel_order,
        USER,
        body=CancelBody,
        key=Key.REQUIRED,
        answers={200: OrderAnswer},
        refuses=(InvalidTransition, ReasonRequired),
    ),
)

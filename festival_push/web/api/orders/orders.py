"""Orders: placed and paid by customers, taken step by step by the stall, read by both."""

from functools import partial
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType, field
from starlette.responses import Response

from festival_push.domain.orders.coming import ComeForOrder
from festival_push.domain.orders.orders import ChangeOrderStatus
from festival_push.domain.orders.pace import ESTIMATE_MINUTES_MAX
from festival_push.domain.orders.placing import PlaceOrder
from festival_push.domain.people.relations import Act, Person, may
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import OrderId, OrderStatus, UserId, VendorId
from festival_push.web.api.orders.order_views import (
    OrderAnswer,
    OrderView,
    WantedLineBody,
    answer_view,
    order_view,
    seen_by,
    wanted_lines,
)
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.sides import SideQuery, chosen_stall
from festival_push.web.api.views import Page, page
from festival_push.web.parsing.fields import AMOUNT_MAX, Amount, Body, Id, Note, clean_note, given
from festival_push.web.parsing.ids import new_order_id
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import USER, Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()


class PlaceOrderBody(Body, frozen=True, kw_only=True):
    """What a customer wants from one stall, and what they think it costs."""

    vendor_id: Id
    items: Annotated[tuple[WantedLineBody, ...], Meta(min_length=1)]
    expected_total: Amount | UnsetType = UNSET
    # Left out rather than 0, so that bodies from before there were tips keep their fingerprint.
    tip: Annotated[int, Meta(ge=0, le=AMOUNT_MAX, description="Minor units, beside the total.")] | UnsetType = UNSET
    expected_deposit: Annotated[int, Meta(ge=0, le=AMOUNT_MAX, description="Minor units.")] | UnsetType = UNSET


class StatusBody(Body, frozen=True, kw_only=True):
    """One step of an order."""

    status: OrderStatus
    estimated_time: Annotated[int, Meta(ge=0, le=ESTIMATE_MINUTES_MAX, description="Minutes.")] | UnsetType = UNSET
    reason: Note = ""
    from_status: OrderStatus | UnsetType = field(default=UNSET, name="from")  # only from this one


class CancelBody(Body, frozen=True, kw_only=True):
    """Why an order is cancelled; stalls must say."""

    reason: Note = ""


class ComingBody(Body, frozen=True, kw_only=True):
    """Nothing to say: who comes, and for what, is known."""


class OrdersQuery(SideQuery, frozen=True, forbid_unknown_fields=True):
    """Which orders, and of which side."""

    status: OrderStatus | None = None


@ENDPOINTS.post(
    "/v1/orders",
    who_may(Act.PLACE_ORDER),
    body=PlaceOrderBody,
    key=Key.REQUIRED,
    answers={201: OrderAnswer},
    refuses=PlaceOrder.REFUSES,
)
async def place_order(call: Call) -> Response:
    """POST /v1/orders: pays and places; 201, once per idempotency key."""
    body = await call.body(PlaceOrderBody)
    command = PlaceOrder(
        order_id=OrderId(new_order_id(call.services.now())),
        customer_id=call.actor_id,
        vendor_id=VendorId(body.vendor_id),
        lines=wanted_lines(call, body.items),
        expected_total=given(body.expected_total),
        tip=given(body.tip) or 0,
        expected_deposit=given(body.expected_deposit),
    )
    return await call.run_once(command, body, answer_view(call), status=201)


@ENDPOINTS.get("/v1/orders", USER, query=OrdersQuery, answers={200: Page[OrderView]}, refuses=(NotFound,))
async def list_orders(call: Call) -> Response:
    """GET /v1/orders: of one side of the caller; for an organiser who names none, all of them. Newest first."""
    query = call.query(OrdersQuery)
    user_id, vendor_id = _whose(call.person, query)
    found = await call.services.reads.orders(
        user_id=user_id, vendor_id=vendor_id, status=query.status, before=query.before, limit=query.limit + 1
    )
    view = partial(order_view, rules=call.services.rules)
    return json_response(page(found, query.limit, view, before=lambda seen: seen.order.placed))


@ENDPOINTS.get("/v1/orders/{orderId}", USER, query=NoQuery, answers={200: OrderView})
async def show_order(call: Call) -> Response:
    """GET /v1/orders/{orderId}: 404 for someone else's, so that ids can't be probed."""
    call.query(NoQuery)
    seen = seen_by(call.person, await call.services.reads.order(_order_id(call)))
    return json_response(order_view(seen, call.services.rules))


@ENDPOINTS.post(
    "/v1/orders/{orderId}/status",
    who_may(Act.SERVE_ORDER),
    body=StatusBody,
    key=Key.WELCOME,
    answers={200: OrderAnswer, 202: WaitingView},
    refuses=ChangeOrderStatus.REFUSES,
)
async def change_status(call: Call) -> Response:
    """POST /v1/orders/{orderId}/status: one step. An idempotency key is welcome: the step may refund."""
    body = await call.body(StatusBody)
    command = ChangeOrderStatus(
        order_id=_order_id(call),
        actor_id=call.actor_id,
        status=body.status,
        estimated_time=given(body.estimated_time),
        reason=clean_note(body.reason, "reason"),
        from_status=given(body.from_status),
    )
    if body.status is not OrderStatus.CANCELLED:  # no other step moves money
        return await call.run_once(command, body, answer_view(call))
    return await run_with_second(call, command, body, answer_view(call))


@ENDPOINTS.post(
    "/v1/orders/{orderId}/cancel",
    USER,
    body=CancelBody,
    key=Key.REQUIRED,
    answers={200: OrderAnswer, 202: WaitingView},
    refuses=ChangeOrderStatus.CANCEL_REFUSES,
)
async def cancel_order(call: Call) -> Response:
    """POST /v1/orders/{orderId}/cancel: gives all the money back, exactly once."""
    body = await call.body(CancelBody)
    command = ChangeOrderStatus(
        order_id=_order_id(call),
        actor_id=call.actor_id,
        status=OrderStatus.CANCELLED,
        reason=clean_note(body.reason, "reason"),
    )
    return await run_with_second(call, command, body, answer_view(call))


@ENDPOINTS.post(
    "/v1/orders/{orderId}/coming",
    who_may(Act.COME_FOR_ORDER),
    body=ComingBody,
    key=Key.WELCOME,
    answers={200: OrderAnswer},
    refuses=ComeForOrder.REFUSES,
)
async def come_for_order(call: Call) -> Response:
    """POST /v1/orders/{orderId}/coming: tells the stall, once for each call of the number."""
    body = await call.body(ComingBody)
    command = ComeForOrder(order_id=_order_id(call), customer_id=call.actor_id)
    return await call.run_once(command, body, answer_view(call))


def _order_id(call: Call) -> OrderId:
    return OrderId(call.id("orderId"))


def _whose(person: Person, query: OrdersQuery) -> tuple[UserId | None, VendorId | None]:
    """Return the customer and the stall whose orders are meant; None and None for all of them. Raises what
    `chosen_stall` raises."""
    if query.is_silent and may(person, Act.SEE_OFFICE):
        return None, None
    vendor_id = chosen_stall(person, query.account, query.vendor_id, Act.SEE_STALL_ORDERS)
    return (person.user_id, None) if vendor_id is None else (None, vendor_id)

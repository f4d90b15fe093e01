"""Payment requests: made by a stall, shown as a QR code, paid by the first customer who confirms."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.orders.payment_requests import (
    EXPIRES_S,
    EXPIRES_S_MAX,
    EXPIRES_S_MIN,
    OwnLine,
    PayRequest,
    RequestPayment,
    RequestStatus,
    status_of,
)
from festival_push.domain.orders.placing import WantedLine, deposit_of
from festival_push.domain.orders.rows import OrderLine, PaymentRequest
from festival_push.domain.people.relations import Act, may
from festival_push.domain.refusals import (
    NotFound,
)
from festival_push.domain.values import AccountKind, OrderId, PaymentRequestId, VendorId, rfc3339
from festival_push.store.reads.payment_requests import RequestSeen
from festival_push.store.writing.answers import Committed
from festival_push.web.api.orders.order_views import OrderAnswer, WantedLineBody, answer_view, wanted_lines
from festival_push.web.api.orders.qr_codes import SVG, pay_url, qr_response
from festival_push.web.api.sides import chosen_stall
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import Amount, Body, Id, Name, given
from festival_push.web.parsing.ids import new_id, new_order_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response
from festival_push.web.routing.pictures import BUSY

ENDPOINTS: Final = Endpoints()

_SCANNERS: Final = who_may(Act.PLACE_ORDER)  # whoever may pay it
_Seconds = Annotated[int, Meta(ge=EXPIRES_S_MIN, le=EXPIRES_S_MAX, description="Seconds.")]


class RequestBody(Body, frozen=True, kw_only=True):
    """Either items of the stall's menu, or an amount and what it is for; for how long; and which of their stalls asks,
    if it is not the first."""

    items: Annotated[tuple[WantedLineBody, ...], Meta(min_length=1)] | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET
    description: Name | UnsetType = UNSET
    expires_in: _Seconds = EXPIRES_S
    vendor_id: Id | UnsetType = UNSET


class PayBody(Body, frozen=True, kw_only=True):
    """Nothing to say: the stall has said it all."""


class RequestMade(View, frozen=True, kw_only=True):
    """A new payment request; `url` is what its QR code holds."""

    request_id: PaymentRequestId
    total: int
    url: str
    expires_at: str
    deposit: int | UnsetType = UNSET  # beside the total, where there is one


class RequestView(View, frozen=True, kw_only=True):
    """A payment request before it is paid, and what became of it."""

    request_id: PaymentRequestId
    vendor_id: VendorId
    vendor_name: str
    vendor_open: bool
    items: tuple[OrderLine, ...]
    total: int
    currency: str
    currency_digits: int
    status: RequestStatus
    order_id: OrderId | UnsetType = UNSET  # for its stall and the customer who has paid
    url: str
    created_at: str
    expires_at: str
    deposit: int | UnsetType = UNSET  # beside the total, where there is one


@ENDPOINTS.post(
    "/v1/payment-requests",
    who_may(Act.REQUEST_PAYMENT),
    body=RequestBody,
    key=Key.REQUIRED,
    answers={201: RequestMade},
    refuses=RequestPayment.REFUSES,
)
async def make_request(call: Call) -> Response:
    """POST /v1/payment-requests: 201, once per idempotency key. Moves no money."""
    body = await call.body(RequestBody)
    vendor_id = chosen_stall(call.person, AccountKind.TILL, given(body.vendor_id), Act.REQUEST_PAYMENT)
    assert vendor_id is not None, "a till is a stall's"
    command = RequestPayment(
        request_id=PaymentRequestId(new_id()),
        actor_id=call.actor_id,
        vendor_id=vendor_id,
        wanted=_wanted(call, body),
        expires_s=body.expires_in,
    )

    def view(committed: Committed[PaymentRequest]) -> RequestMade:
        request = committed.reply
        return RequestMade(
            request_id=request.request_id,
            total=request.total,
            url=_url(call, request),
            expires_at=rfc3339(request.expires_at),
            deposit=deposit_of(request.lines) or UNSET,
        )

    return await call.run_once(command, body, view, status=201)


@ENDPOINTS.get("/v1/payment-requests/{requestId}", _SCANNERS, query=NoQuery, answers={200: RequestView})
async def show_request(call: Call) -> Response:
    """GET /v1/payment-requests/{requestId}: what it costs, to anybody who has scanned it."""
    seen = await _seen(call)
    request = seen.request
    concerned = may(call.person, Act.SEE_ORDER, user_id=seen.paid_by, vendor_id=request.vendor_id)
    view = RequestView(
        request_id=request.request_id,
        vendor_id=request.vendor_id,
        vendor_name=seen.vendor.name,
        vendor_open=seen.vendor.sells,
        items=request.lines,
        total=request.total,
        currency=call.services.rules.currency.code,
        currency_digits=call.services.rules.currency.digits,
        status=status_of(request, call.services.now()),
        order_id=request.order_id if concerned and request.order_id else UNSET,
        url=_url(call, request),
        created_at=rfc3339(request.created_at),
        expires_at=rfc3339(request.expires_at),
        deposit=deposit_of(request.lines) or UNSET,
    )
    return json_response(view)


@ENDPOINTS.get("/v1/payment-requests/{requestId}/qr.svg", _SCANNERS, query=NoQuery, answers={200: SVG}, refuses=(BUSY,))
async def show_request_svg(call: Call) -> Response:
    """GET /v1/payment-requests/{requestId}/qr.svg"""
    seen = await _seen(call)
    return await qr_response(call, _url(call, seen.request), "svg", stall=seen.request.vendor_id)


@ENDPOINTS.post(
    "/v1/payment-requests/{requestId}/pay",
    who_may(Act.PLACE_ORDER),
    body=PayBody,
    key=Key.REQUIRED,
    answers={201: OrderAnswer},
    refuses=PayRequest.REFUSES,
)
async def pay_request(call: Call) -> Response:
    """POST /v1/payment-requests/{requestId}/pay: 201 with the order; a request is paid at most once."""
    body = await call.body(PayBody)
    command = PayRequest(
        request_id=_request_id(call),
        order_id=OrderId(new_order_id(call.services.now())),
        customer_id=call.actor_id,
    )
    return await call.run_once(command, body, answer_view(call), status=201)


def _wanted(call: Call, body: RequestBody) -> OwnLine | tuple[WantedLine, ...]:
    if body.items is not UNSET:
        for field, value in (("amount", body.amount), ("description", body.description)):
            if value is not UNSET:
                raise field_error(field, "does not go together with items")
        return wanted_lines(call, body.items)
    if body.amount is UNSET:
        raise field_error("amount", "is required where there are no items")
    if body.description is UNSET:
        raise field_error("description", "is required where there are no items")
    return OwnLine(description=clean_name(body.description, "description"), amount=call.check_amount(body.amount))


async def _seen(call: Call) -> RequestSeen:
    """Read the payment request in the path. Raises NotFound."""
    call.query(NoQuery)
    seen = await call.services.reads.payment_request(_request_id(call))
    if seen is None:
        raise NotFound(what="payment-request")
    return seen


def _request_id(call: Call) -> PaymentRequestId:
    return PaymentRequestId(call.id("requestId"))


def _url(call: Call, request: PaymentRequest) -> str:
    return pay_url(call, request=request.request_id)

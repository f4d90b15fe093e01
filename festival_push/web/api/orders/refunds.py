"""Refunds, by organisers and by stalls."""

from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.orders.rows import LineBack
from festival_push.domain.people.relations import Act
from festival_push.domain.values import OrderId, TransferId
from festival_push.web.api.orders.order_views import QUANTITY_MAX, OrderAnswer, answer_view
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, AmountOrAll, Body, Reason
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()

LINES_MAX: Final = 1_000  # named in one request; an order has at most `limits.order_lines_max`


class LineBackBody(Body, frozen=True, kw_only=True):
    """How many of one line go back."""

    index: Annotated[int, Meta(ge=0, lt=LINES_MAX, description="Of the order's items, from 0 on.")]
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class RefundBody(AmountOrAll, frozen=True, kw_only=True):
    """How much goes back, or all that is left, or what some lines cost: one of the three; and why."""

    ALTERNATIVES: ClassVar[tuple[str, ...]] = ("lines",)

    lines: (
        Annotated[
            tuple[LineBackBody, ...],
            Meta(min_length=1, max_length=LINES_MAX, description="Each line once: instead of an amount, or of all."),
        ]
        | UnsetType
    ) = UNSET
    reason: Reason


@ENDPOINTS.post(
    "/v1/orders/{orderId}/refund",
    who_may(Act.REFUND_SALE),
    body=RefundBody,
    key=Key.REQUIRED,
    answers={200: OrderAnswer, 202: WaitingView},
    refuses=RefundOrder.REFUSES,
)
async def refund_order(call: Call) -> Response:
    """POST /v1/orders/{orderId}/refund: once per idempotency key."""
    body = await call.body(RefundBody)
    command = RefundOrder(
        actor_id=call.actor_id,
        order_id=OrderId(call.id("orderId")),
        amount=call.share(body) if body.lines is UNSET else None,
        lines=_lines(body),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, answer_view(call))


def _lines(body: RefundBody) -> tuple[LineBack, ...]:
    """Return the lines that a request names. Raises BadRequest if it names one twice, or says anything else besides."""
    if body.lines is UNSET:
        return ()
    for name in ("amount", "all"):
        if getattr(body, name) is not UNSET:
            raise field_error(name, "must not stand beside lines")
    indexes = [line.index for line in body.lines]
    for place, index in enumerate(indexes):
        if index in indexes[:place]:
            raise field_error(f"lines[{place}].index", "names a line twice")
    return tuple(LineBack(index=line.index, quantity=line.quantity) for line in body.lines)

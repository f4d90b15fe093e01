"""Refunds by the organiser."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.orders.refunds import RefundOrder
from festival_push.domain.people.relations import Act
from festival_push.domain.values import OrderId, TransferId
from festival_push.web.api.orders.order_views import OrderAnswer, answer_view
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, AmountOrAll, Reason
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key

ENDPOINTS: Final = Endpoints()


class RefundBody(AmountOrAll, frozen=True, kw_only=True):
    """How much goes back, or all that is left; and why."""

    reason: Reason


@ENDPOINTS.post(
    "/v1/orders/{orderId}/refund",
    who_may(Act.REFUND_ORDER),
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
        amount=call.share(body),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        transfer_id=TransferId(new_id()),
    )
    return await run_with_second(call, command, body, answer_view(call))

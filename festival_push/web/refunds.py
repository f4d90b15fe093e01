"""Refunds by the organiser."""

from typing import Final

from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.orders import OrderReply
from festival_push.domain.refunds import RefundOrder
from festival_push.domain.refusals import RefundTooLarge
from festival_push.domain.values import OrderId, TransferId
from festival_push.store.committer import Committed
from festival_push.web.calls import Call, Key
from festival_push.web.endpoints import ADMIN, Endpoint
from festival_push.web.fields import NOTE_CHARS_MAX, Amount, Body, Reason, require_id
from festival_push.web.ids import new_id
from festival_push.web.text import clean_line
from festival_push.web.views import OrderAnswer, order_view


class RefundBody(Body, frozen=True, kw_only=True):
    """How much goes back; left out: all that is left."""

    amount: Amount | UnsetType = UNSET
    reason: Reason


async def refund_order(call: Call) -> Response:
    """POST /v1/orders/{orderId}/refund: once per idempotency key."""
    body = await call.body(RefundBody)
    command = RefundOrder(
        actor_id=call.user().user.user_id,
        order_id=OrderId(require_id(call.path("orderId"), what="order")),
        amount=None if body.amount is UNSET else call.check_amount(body.amount),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
        transfer_id=TransferId(new_id()),
    )
    return await call.run_once(command, body, _order_answer)


def _order_answer(committed: Committed[OrderReply]) -> OrderAnswer:
    reply = committed.reply
    order = order_view(reply.order, reply.queue_position, reply.estimated_time)
    return OrderAnswer(order=order, position=committed.position)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/v1/orders/{orderId}/refund",
        refund_order,
        ADMIN,
        body=RefundBody,
        key=Key.REQUIRED,
        answers={200: OrderAnswer},
        refuses=(RefundTooLarge,),
    ),
)

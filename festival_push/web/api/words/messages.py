"""Words between the two sides of an order."""

from typing import Final, Literal

import msgspec
from starlette.responses import Response

from festival_push.domain.events import CustomerMessage, VendorMessage
from festival_push.domain.log import LogRow
from festival_push.domain.refusals import NotFound
from festival_push.domain.topics import order_topic
from festival_push.domain.values import OrderId, UserId, VendorId
from festival_push.domain.words.messages import SendMessage
from festival_push.store.writing.answers import Committed
from festival_push.web.api.orders.order_views import seen_by
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import Body, Message, clean_message
from festival_push.web.parsing.queries import PageQuery
from festival_push.web.routing.endpoint import USER, Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()


class MessageBody(Body, frozen=True, kw_only=True):
    """What one side of an order says to the other."""

    message: Message


class MessageView(View, frozen=True, kw_only=True):
    """A message as it was sent."""

    order_id: OrderId
    vendor_id: VendorId
    user_id: UserId
    message: str
    timestamp: str
    position: int


class SaidView(View, frozen=True, kw_only=True):
    """A message of a conversation about an order."""

    order_id: OrderId
    vendor_id: VendorId
    user_id: UserId
    sender: Literal["customer", "vendor"]
    message: str
    timestamp: str
    position: int


@ENDPOINTS.get(
    "/v1/orders/{orderId}/messages", USER, query=PageQuery, answers={200: Page[SaidView]}, refuses=(NotFound,)
)
async def list_messages(call: Call) -> Response:
    """GET /v1/orders/{orderId}/messages: newest first; 404 for someone else's order."""
    query = call.query(PageQuery)
    order_id = OrderId(call.id("orderId"))
    seen_by(call.person, await call.services.reads.order(order_id))
    found = await call.services.reads.messages(order_topic(order_id), before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _said_view, before=lambda row: row.position))


@ENDPOINTS.post(
    "/v1/orders/{orderId}/messages",
    USER,
    body=MessageBody,
    key=Key.WELCOME,
    answers={201: MessageView},
    refuses=SendMessage.REFUSES,
)
async def send_message(call: Call) -> Response:
    """POST /v1/orders/{orderId}/messages: 201. An idempotency key is welcome: then it is said once."""
    body = await call.body(MessageBody)
    command = SendMessage(
        actor_id=call.actor_id,
        order_id=OrderId(call.id("orderId")),
        message=clean_message(body.message),
    )
    return await call.run_once(command, body, _message_view, status=201)


def _message_view(committed: Committed[VendorMessage | CustomerMessage]) -> MessageView:
    event = committed.reply
    return MessageView(
        order_id=event.order_id,
        vendor_id=event.vendor_id,
        user_id=event.user_id,
        message=event.message,
        timestamp=event.timestamp,
        position=committed.position,
    )


def _said_view(row: LogRow) -> SaidView:
    from_customer = row.type == CustomerMessage.TYPE
    kind: type[CustomerMessage | VendorMessage] = CustomerMessage if from_customer else VendorMessage
    event = msgspec.json.decode(row.data, type=kind)
    return SaidView(
        order_id=event.order_id,
        vendor_id=event.vendor_id,
        user_id=event.user_id,
        sender="customer" if from_customer else "vendor",
        message=event.message,
        timestamp=event.timestamp,
        position=row.position,
    )

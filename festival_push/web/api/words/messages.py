"""Words between the two sides of an order, and from the organiser to everyone."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from festival_push.domain.events import CustomerMessage, NewNotification, Priority, VendorMessage
from festival_push.domain.log import LogRow
from festival_push.domain.orders.orders import sees
from festival_push.domain.refusals import NotFound
from festival_push.domain.topics import order_topic
from festival_push.domain.values import OrderId, UserId, VendorId
from festival_push.domain.words.messages import Announce, Audience, SendMessage
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import Page, View, page
from festival_push.web.parsing.fields import Body, Name, given, line_of
from festival_push.web.parsing.queries import PageQuery
from festival_push.web.parsing.text import clean_line, clean_name
from festival_push.web.routing.endpoint import ADMIN, USER, Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

MESSAGE_CHARS_MAX: Final = 280

Message = Annotated[str, line_of(MESSAGE_CHARS_MAX)]


class MessageBody(Body, frozen=True, kw_only=True):
    """What one side of an order says to the other."""

    message: Message


class AnnouncementBody(Body, frozen=True, kw_only=True):
    """What the organiser says, and to whom."""

    message: Message
    title: Name | UnsetType = UNSET
    audience: Audience
    priority: Priority | UnsetType = UNSET


class MessageView(View, frozen=True, kw_only=True):
    """A message as it was sent."""

    order_id: OrderId
    vendor_id: VendorId
    user_id: UserId
    message: str
    timestamp: str
    position: int


class AnnouncementView(View, frozen=True, kw_only=True):
    """An announcement as it was made."""

    notification_id: str
    audience: Audience
    message: str
    title: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
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
    seen = await call.services.reads.order(order_id)
    if seen is None or not sees(seen.order, call.user().user):
        raise NotFound(what="order")
    found = await call.services.reads.messages(order_topic(order_id), before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _said_view, before=lambda row: row.position))


@ENDPOINTS.post("/v1/orders/{orderId}/messages", USER, body=MessageBody, key=Key.WELCOME, answers={201: MessageView})
async def send_message(call: Call) -> Response:
    """POST /v1/orders/{orderId}/messages: 201. An idempotency key is welcome: then it is said once."""
    body = await call.body(MessageBody)
    command = SendMessage(
        actor_id=call.actor_id,
        order_id=OrderId(call.id("orderId")),
        message=clean_line(body.message, field="message", chars_max=MESSAGE_CHARS_MAX),
    )
    return await call.run_once(command, body, _message_view, status=201)


@ENDPOINTS.post(
    "/v1/admin/announcements", ADMIN, body=AnnouncementBody, key=Key.WELCOME, answers={201: AnnouncementView}
)
async def announce(call: Call) -> Response:
    """POST /v1/admin/announcements: 201; once per idempotency key, where there is one."""
    body = await call.body(AnnouncementBody)
    command = Announce(
        actor_id=call.actor_id,
        message=clean_line(body.message, field="message", chars_max=MESSAGE_CHARS_MAX),
        title=None if body.title is UNSET else clean_name(body.title, "title"),
        audience=body.audience,
        priority=given(body.priority),
    )

    def view(committed: Committed[NewNotification]) -> AnnouncementView:
        notification = committed.reply
        return AnnouncementView(
            notification_id=str(committed.position),  # it is the command's only event
            audience=body.audience,
            message=notification.message,
            title=notification.title or UNSET,
            priority=notification.priority or UNSET,
            timestamp=notification.timestamp,
            position=committed.position,
        )

    return await call.run_once(command, body, view, status=201)


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

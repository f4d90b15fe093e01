"""What people follow besides their own topics, and the balance told again: commands that their streams answer."""

from collections.abc import Callable
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.book import OPEN_STATUSES
from festival_push.domain.events import TrackingOrders
from festival_push.domain.money.wallets import RefreshBalance
from festival_push.domain.values import OrderId, Topic, UserId, VendorId
from festival_push.domain.words.rooms import ROOMS_MAX, JoinRoom, LeaveRoom, Room, TrackOrders, room_name
from festival_push.store.writing.answers import Committed
from festival_push.web.api.snapshot import read_profile
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import ID_CHARS_MAX, Body, Id, require_id
from festival_push.web.routing.endpoint import USER, Call, Endpoints

ENDPOINTS: Final = Endpoints()

_RoomName = Annotated[
    str,
    Meta(
        max_length=ID_CHARS_MAX + len("order-"),
        pattern="^(user|stall|order)-",
        description="`user-<id>`, `stall-<id>`, `order-<id>`",
    ),
]


class RoomBody(Body, frozen=True, kw_only=True):
    """Which room."""

    room: _RoomName


class TrackBody(Body, frozen=True, kw_only=True):
    """Which orders; left out: the caller's open ones."""

    order_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=ROOMS_MAX)] | UnsetType = UNSET


class RefreshBody(Body, frozen=True, kw_only=True):
    """Nothing to say."""


class RoomView(View, frozen=True, kw_only=True):
    """A room that was joined or left, and all that the caller is in now."""

    room: str
    rooms: tuple[str, ...]


class TrackingView(View, frozen=True, kw_only=True):
    """The orders whose rooms the caller's streams follow now."""

    order_ids: tuple[OrderId, ...]
    message: str


class BalanceView(View, frozen=True, kw_only=True):
    """What is in the wallet, or in the till of the first stall that the caller keeps."""

    balance: int
    currency: str
    currency_digits: int


@ENDPOINTS.post("/v1/rooms/join", USER, body=RoomBody, answers={200: RoomView}, refuses=JoinRoom.REFUSES)
async def join_room(call: Call) -> Response:
    """POST /v1/rooms/join: the caller's streams, on every device, follow the room from now on."""
    body = await call.body(RoomBody)
    command = JoinRoom(actor_id=call.actor_id, room=_parse_room(body.room))
    return await call.run(command, _room_view(body.room))


@ENDPOINTS.post("/v1/rooms/leave", USER, body=RoomBody, answers={200: RoomView}, refuses=LeaveRoom.REFUSES)
async def leave_room(call: Call) -> Response:
    """POST /v1/rooms/leave: they follow it no longer; nothing happens to somebody who is not in it."""
    body = await call.body(RoomBody)
    command = LeaveRoom(actor_id=call.actor_id, room=_parse_room(body.room))
    return await call.run(command, _room_view(body.room))


@ENDPOINTS.post("/v1/orders/track", USER, body=TrackBody, answers={200: TrackingView}, refuses=TrackOrders.REFUSES)
async def track_orders(call: Call) -> Response:
    """POST /v1/orders/track: the caller's streams follow the rooms of these orders."""
    body = await call.body(TrackBody)
    if body.order_ids is UNSET:
        profile = await read_profile(call)
        seen = [*profile.ordered, *(each for kept in profile.stalls for each in kept.orders)]
        orders = {each.order.order_id: each.order for each in seen if each.order.status in OPEN_STATUSES}
        order_ids = tuple(sorted(orders, key=lambda order_id: -orders[order_id].placed)[:ROOMS_MAX])  # the newest
    else:
        order_ids = tuple(OrderId(order_id) for order_id in dict.fromkeys(body.order_ids))
    command = TrackOrders(actor_id=call.actor_id, order_ids=order_ids)
    return await call.run(command, _tracking_view)


@ENDPOINTS.post("/v1/balance/refresh", USER, body=RefreshBody, answers={200: BalanceView})
async def refresh_balance(call: Call) -> Response:
    """POST /v1/balance/refresh: a balance here, and each as an event: the wallet's to the caller, the tills' to all
    who keep those stalls."""
    await call.body(RefreshBody)
    currency = call.services.rules.currency
    command = RefreshBalance(actor_id=call.actor_id)

    def view(committed: Committed[int]) -> BalanceView:
        return BalanceView(balance=committed.reply, currency=currency.code, currency_digits=currency.digits)

    return await call.run(command, view)


def _parse_room(name: str) -> Room:
    """Parse the name of a room. Raises NotFound if it names none."""
    kind, _, thing = name.partition("-")
    thing_id = require_id(thing, what="room")
    match kind:
        case "order":
            return Room(order_id=OrderId(thing_id))
        case "stall":
            return Room(vendor_id=VendorId(thing_id))
        case _:
            return Room(user_id=UserId(thing_id))


def _room_view(room: str) -> Callable[[Committed[tuple[Topic, ...]]], RoomView]:
    return lambda committed: RoomView(room=room, rooms=tuple(map(room_name, committed.reply)))


def _tracking_view(committed: Committed[TrackingOrders]) -> TrackingView:
    return TrackingView(order_ids=committed.reply.order_ids, message=committed.reply.message)

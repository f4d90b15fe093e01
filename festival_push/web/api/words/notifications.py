"""How far a person has read their notifications, on whichever of their devices."""

from typing import Annotated, Final

from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.words.notifications import MarkRead
from festival_push.push.hub.frames import POSITION_MAX, parse_cursor
from festival_push.web.api.views import View
from festival_push.web.parsing.fields import Body
from festival_push.web.parsing.problems import field_error
from festival_push.web.routing.endpoint import USER, Call, Endpoints

ENDPOINTS: Final = Endpoints()

_Position = Annotated[int, Meta(ge=0, le=POSITION_MAX, description="Of the last event that was seen.")]
_CursorText = Annotated[str, Meta(max_length=100, description="The SSE id of that event, or a `notificationId`.")]


class ReadBody(Body, frozen=True, kw_only=True):
    """How far everything was seen."""

    up_to: _Position | _CursorText


class UnreadCountView(View, frozen=True, kw_only=True):
    """How many notifications are left to read."""

    unread: int


@ENDPOINTS.post("/v1/me/notifications/read", USER, body=ReadBody, answers={200: UnreadCountView})
async def mark_read(call: Call) -> Response:
    """POST /v1/me/notifications/read: 200 with what is left. The caller's other devices are told."""
    body = await call.body(ReadBody)
    command = MarkRead(actor_id=call.actor_id, up_to=_position(call, body.up_to))
    return await call.run(command, lambda committed: UnreadCountView(unread=committed.reply))


def _position(call: Call, up_to: int | str) -> int:
    """Return the position that `up_to` names. Raises BadRequest, also for a cursor of another epoch."""
    if isinstance(up_to, int):
        return up_to
    epoch = call.services.hub.epoch
    cursor = parse_cursor(up_to if "." in up_to else f"{epoch}.{up_to}")
    if cursor is None or cursor.epoch != epoch:
        raise field_error("upTo", "must be a position, or the id of an event of this log")
    return cursor.position

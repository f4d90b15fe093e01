"""The pickup boards, and the displays that show them."""

from typing import Final, Literal

import msgspec
from starlette.responses import Response

from festival_push.domain.orders.boards import board_updated
from festival_push.domain.people.relations import Act, may, require
from festival_push.domain.refusals import NotFound
from festival_push.domain.stall_rows import Display
from festival_push.domain.stalls.displays import AddDisplay, RevokeDisplay
from festival_push.domain.stalls.events import BoardUpdated
from festival_push.domain.topics import BOARDS, board_topic
from festival_push.domain.values import DisplayId, VendorId, rfc3339
from festival_push.push.streams.request import StreamOwner, StreamRequest
from festival_push.store.reads.orders import BoardSeen
from festival_push.store.writing.answers import Committed
from festival_push.web.api.orders.board_views import (
    TEXT,
    BoardSnapshot,
    BoardView,
    DisplayView,
    board_snapshot,
    board_text,
    board_view,
    display_link,
)
from festival_push.web.api.views import Page, View, only_page
from festival_push.web.identity.principal import DisplayCaller, Principal
from festival_push.web.identity.stream_guard import SCREEN_TYPE
from festival_push.web.parsing.fields import Body, Name
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import NoQuery
from festival_push.web.parsing.text import clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Access, Call, Endpoints, json_response
from festival_push.web.routing.event_source import (
    EVENT_STREAM,
    SPENT,
    StreamQuery,
    StreamResponse,
    cursor_of,
    place_of,
)

ENDPOINTS: Final = Endpoints()

PUBLIC: Final = "public"
"""`userId` and `userType` of a stream that nobody signed in for."""
_LISTED_MAX: Final = 200  # a stall has fewer; those of before there was a limit are listed up to here
_VIEWERS: Final = who_may(Act.SEE_STALL_ORDERS) | {Access.DISPLAY, Access.PASSER_BY}


class AddDisplayBody(Body, frozen=True, kw_only=True):
    """The display's name."""

    name: Name = "Display"


class BoardQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the board is written: as JSON, or as text for a terminal."""

    format: Literal["json", "text"] = "json"


class ListedDisplayView(View, frozen=True, kw_only=True):
    """A display that is not revoked; its token was shown when it was made."""

    display_id: DisplayId
    name: str
    created_at: str


@ENDPOINTS.post(
    "/v1/vendors/{vendorId}/displays",
    who_may(Act.KEEP_DISPLAYS),
    body=AddDisplayBody,
    answers={201: DisplayView},
    refuses=AddDisplay.REFUSES,
)
async def add_display(call: Call) -> Response:
    """POST /v1/vendors/{vendorId}/displays: 201 with the display's token, which is shown only here."""
    body = await call.body(AddDisplayBody)
    command = AddDisplay(
        actor_id=call.actor_id,
        vendor_id=_vendor_id(call),
        display_id=DisplayId(new_id()),
        name=clean_name(body.name),
    )

    def view(committed: Committed[Display]) -> DisplayView:
        display = committed.reply
        token, url = display_link(call, display.display_id, display.vendor_id)
        return DisplayView(display_id=display.display_id, token=token, url=url)

    return await call.run(command, view, status=201)


@ENDPOINTS.get(
    "/v1/vendors/{vendorId}/displays",
    who_may(Act.KEEP_DISPLAYS),
    query=NoQuery,
    answers={200: Page[ListedDisplayView]},
    refuses=(NotFound,),
)
async def list_displays(call: Call) -> Response:
    """GET /v1/vendors/{vendorId}/displays: those that are not revoked, the newest first."""
    call.query(NoQuery)
    vendor_id = _vendor_id(call)
    require(call.person, Act.KEEP_DISPLAYS, vendor_id=vendor_id, what="vendor")
    found = await call.services.reads.displays(vendor_id, limit=_LISTED_MAX)
    return json_response(only_page(map(_listed_view, found)))


@ENDPOINTS.delete("/v1/displays/{displayId}", who_may(Act.KEEP_DISPLAYS), answers={204: None})
async def revoke_display(call: Call) -> Response:
    """DELETE /v1/displays/{displayId}: 204, also when it is revoked already; its stream ends."""
    command = RevokeDisplay(
        actor_id=call.actor_id,
        display_id=DisplayId(call.id("displayId")),
    )
    return await call.run(command, lambda _: None, status=204)


@ENDPOINTS.get("/v1/boards/{vendorId}", _VIEWERS, query=BoardQuery, answers={200: (BoardView, TEXT)})
async def show_board(call: Call) -> Response:
    """GET /v1/boards/{vendorId}: as JSON; with `format=text` as lines for a terminal."""
    query = call.query(BoardQuery)
    seen = await _read_board(call, _visible_stall(call))
    ready_minutes, now = call.services.settings.boards.ready_min, call.services.now()
    if query.format == "text":
        return Response(board_text(seen, ready_minutes=ready_minutes, now=now), media_type=TEXT)
    return json_response(board_view(seen, ready_minutes=ready_minutes, now=now))


@ENDPOINTS.get(
    "/v1/boards/{vendorId}/stream", _VIEWERS, stream=True, query=StreamQuery, answers={200: EVENT_STREAM}, refuses=SPENT
)
async def open_board_stream(call: Call) -> Response:
    """GET /v1/boards/{vendorId}/stream: every `board-updated` is the whole board, and holds numbers only."""
    query = call.query(StreamQuery)
    vendor_id = _visible_stall(call)
    await _read_board(call, vendor_id)  # an unknown stall is a 404, not a stream
    return StreamResponse(call.services.streams, _board_request(call, vendor_id, cursor_of(call, query)))


def _board_request(call: Call, vendor_id: VendorId, cursor: str | None) -> StreamRequest:
    async def read_snapshot() -> tuple[int, object]:
        seen = await _read_board(call, vendor_id)
        services = call.services
        return seen.position, board_snapshot(seen, ready_minutes=services.settings.boards.ready_min, now=services.now())

    def repeat_snapshot(snapshot: object) -> BoardUpdated:
        assert isinstance(snapshot, BoardSnapshot)
        return board_updated(snapshot, call.services.now())

    caller = call.principal
    match caller:
        case Principal(person=person):
            user_id, user_type = str(person.user_id), person.user_type.value
        case DisplayCaller(display=display):
            user_id, user_type = str(display.display_id), SCREEN_TYPE
        case None:
            user_id, user_type = PUBLIC, PUBLIC
    owner = StreamOwner(
        user_id=user_id,
        user_type=user_type,
        topics=(board_topic(vendor_id), BOARDS),
        place=place_of(call),
        expires_at=None if caller is None else caller.expires_at,
        token_id=None if caller is None else caller.jti,
        session_version=caller.version if isinstance(caller, Principal) else None,
        key=caller.key if isinstance(caller, Principal) else None,
    )
    return StreamRequest(
        owner=owner,
        message=f"Connected to {call.services.settings.festival.name}.",
        cursor=cursor,
        read_snapshot=read_snapshot,
        repeat_snapshot=repeat_snapshot,
    )


async def _read_board(call: Call, vendor_id: VendorId) -> BoardSeen:
    """Read a board. Raises NotFound."""
    found = await call.services.reads.board(vendor_id)
    if found is None:
        raise NotFound(what="vendor")
    return found


def _visible_stall(call: Call) -> VendorId:
    """Return the stall in the path. Raises NotFound if the caller may not see its board."""
    vendor_id = _vendor_id(call)
    match call.principal:
        case _ if call.services.settings.boards.public:
            visible = True
        case DisplayCaller(display=display):
            visible = display.vendor_id == vendor_id
        case Principal(person=person):
            visible = may(person, Act.SEE_STALL_ORDERS, vendor_id=vendor_id)
        case None:
            visible = False
    if not visible:
        raise NotFound(what="vendor")
    return vendor_id


def _vendor_id(call: Call) -> VendorId:
    return VendorId(call.id("vendorId"))


def _listed_view(display: Display) -> ListedDisplayView:
    return ListedDisplayView(display_id=display.display_id, name=display.name, created_at=rfc3339(display.created_at))

"""What a person follows: the stream, and the long poll for networks that swallow streams."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.people.relations import Person
from festival_push.domain.signing_in.factors import lacks_factor
from festival_push.domain.topics import ORGANISERS, own_topics
from festival_push.domain.values import Topic
from festival_push.push.errors import ReadFailed
from festival_push.push.hub.unlogged import StreamError
from festival_push.push.streams.poll import Collected
from festival_push.push.streams.request import FollowedRooms, StreamOwner, StreamRequest
from festival_push.web.api.snapshot import SnapshotView, read_profile, snapshot_view
from festival_push.web.api.views import View
from festival_push.web.identity.stream_guard import rights_of
from festival_push.web.parsing.fields import left_out
from festival_push.web.parsing.problems import ProblemError, TooBusy, Unauthorized
from festival_push.web.routing.endpoint import USER, Call, Endpoints, Refusal, json_response
from festival_push.web.routing.event_source import (
    EVENT_STREAM,
    SPENT,
    StreamQuery,
    StreamResponse,
    cursor_of,
    place_of,
)

ENDPOINTS: Final = Endpoints()

POLL_WAIT_S_MAX: Final = 25  # proxies commonly give up after 30 s
POLL_EVENTS_MAX: Final = 200
_BUSY_RETRY_S: Final = 5
_UNAUTHORIZED: Final = frozenset({"token-expired", "session-ended"})
_POLL_ENDS: Final[tuple[Refusal, ...]] = (
    (403, "role-changed"), (503, "capacity"), (503, "too-many-streams"), (503, "draining"),
)  # fmt: skip

CursorText = Annotated[str, Meta(max_length=200)]


class PollQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on, and how many seconds to wait for something new."""

    after: CursorText | None = None
    wait: Annotated[int, Meta(ge=0, le=POLL_WAIT_S_MAX)] = 0


class EventView(View, frozen=True, kw_only=True):
    """An event as the stream would tell it."""

    id: str
    event: str
    data: msgspec.Raw


class EventsView(View, frozen=True, kw_only=True):
    """One answer of the long poll; `next` goes into `?after=`. Not resumed: begin anew with the snapshot."""

    user_id: str  # as in `connected`: a cookie may have changed hands
    user_type: str
    events: tuple[EventView, ...]
    next: str
    resumed: bool
    reason: str | UnsetType = UNSET
    snapshot: SnapshotView | UnsetType = UNSET


@ENDPOINTS.get(
    "/v1/stream", USER, stream=True, unproven=True, query=StreamQuery, answers={200: EVENT_STREAM}, refuses=SPENT
)
async def open_stream(call: Call) -> Response:
    """GET /v1/stream."""
    query = call.query(StreamQuery)
    request = _person_request(call, cursor_of(call, query))
    call.services.authenticator.let_go(call.user())
    return StreamResponse(call.services.streams, request)


@ENDPOINTS.get("/v1/events", USER, unproven=True, query=PollQuery, answers={200: EventsView}, refuses=_POLL_ENDS)
async def poll_events(call: Call) -> Response:
    """GET /v1/events: what came after `after`, at once or as soon as there is something."""
    query = call.query(PollQuery)
    request = _person_request(call, query.after)
    try:
        collecting = call.services.streams.collect(request, wait_s=query.wait, limit=POLL_EVENTS_MAX)
        collected = await call.while_connected(collecting)  # else each repeated request would hold one more stream
    except ReadFailed:
        raise TooBusy("unavailable", "The log can't be read.", retry_after_s=_BUSY_RETRY_S) from None
    if isinstance(collected, StreamError):
        raise TooBusy(collected.code, collected.message, retry_after_s=_BUSY_RETRY_S)
    if (fault := collected.fault) is not None:
        if fault.code in _UNAUTHORIZED:
            raise Unauthorized(fault.code, fault.message)
        if fault.code == "unavailable":
            raise TooBusy(fault.code, fault.message, retry_after_s=_BUSY_RETRY_S)
        raise ProblemError(403, fault.code, fault.message)
    return json_response(_events_view(collected, call.person))


def _person_request(call: Call, cursor: str | None) -> StreamRequest:
    principal, services = call.user(), call.services
    person, unproven = principal.person, _is_unproven(call)

    async def read_snapshot() -> tuple[int, object]:
        profile = await read_profile(call)
        if unproven:
            profile = msgspec.structs.replace(profile, rooms=())
        return profile.position, snapshot_view(profile, services.rules)

    async def read_rooms() -> tuple[int, Sequence[Topic]]:
        rooms = await services.reads.rooms(person.user_id)
        return rooms.position, rooms.topics

    owner = StreamOwner(
        user_id=person.user_id,
        user_type=person.user_type.value,
        rights=rights_of(person),
        topics=_topics_of(call),
        place=place_of(call),
        expires_at=principal.expires_at,
        token_id=principal.jti,
        session_version=principal.version,
        key=principal.key,
    )
    return StreamRequest(
        owner=owner,
        message=f"Connected to {services.settings.festival.name}.",
        cursor=cursor,
        read_snapshot=read_snapshot,
        rooms=None if unproven else FollowedRooms(person.user_id, read_rooms),
    )


def _topics_of(call: Call) -> tuple[Topic, ...]:
    """Return what the caller's stream follows: their own topics, without the organisers' while they lack the second
    factor that organisers need, and without rooms, which may be anybody's. When they have it, the `StreamGuard` ends
    the stream, and it comes back with them."""
    topics = own_topics(call.person)
    return tuple(topic for topic in topics if topic != ORGANISERS) if _is_unproven(call) else topics


def _is_unproven(call: Call) -> bool:
    principal = call.user()
    return principal.version is not None and lacks_factor(principal.user, call.services.rules)


def _events_view(collected: Collected, person: Person) -> EventsView:
    epoch, snapshot = collected.cursor.epoch, collected.snapshot
    assert snapshot is None or isinstance(snapshot, SnapshotView)
    return EventsView(
        user_id=person.user_id,
        user_type=person.user_type.value,
        events=tuple(
            EventView(id=f"{epoch}.{row.position}", event=row.type, data=msgspec.Raw(row.data.encode()))
            for row in collected.rows
        ),
        next=str(collected.cursor),
        resumed=collected.resumed,
        reason=collected.reason or UNSET,
        snapshot=left_out(snapshot),
    )

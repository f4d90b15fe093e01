"""A stream as an HTTP answer: by ASGI on any server, or on the connection itself where the server hands it over."""

import logging
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Final

import msgspec
from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from festival_push.domain.people.relations import is_staff
from festival_push.push.streams.places import Place, Standing
from festival_push.push.streams.registry import StreamRegistry
from festival_push.push.streams.request import StreamRequest
from festival_push.serving.handover import offer_in
from festival_push.web.identity.principal import DisplayCaller, Principal
from festival_push.web.parsing.addresses import client_address
from festival_push.web.routing.endpoint import Call, Refusal

SEND_TIMEOUT_S: Final = 30.0
"""Longer than our own server waits for a client that stopped reading: it aborts such a connection without a word."""
_HEADERS: Final = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}

_log = logging.getLogger(__name__)


class EventSource(EventSourceResponse):
    """Writes encoded frames as they come. The frames bring their own heartbeats, so there are no pings.

    How it ends:

        the frames end            they said why; the answer is complete
        the client disconnects    the iterator is cancelled, and releases what it held
        a send takes too long     the same; the answer stays incomplete, so that the connection is dropped
    """

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        super().__init__(frames, headers=_HEADERS, ping=0, send_timeout=SEND_TIMEOUT_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream. A client that stopped reading is not our error: log no traceback for it."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            _log.info("a client stopped reading its stream")


class StreamResponse(Response):
    """The answer of a stream's handler: writes to the connection where the server hands it over, else by ASGI."""

    media_type = "text/event-stream"

    def __init__(self, streams: StreamRegistry, request: StreamRequest) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._streams = streams
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream. Where the connection is handed over, this returns as soon as the stream is live."""
        offer = offer_in(scope)
        if offer is None:
            await self._portably(scope, receive, send)
            return
        headers = [
            *self.raw_headers,
            (b"connection", b"close"),
        ]  # the connection ends with the stream
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        taken = offer.hand_over()
        if taken is not None:
            connection, head = taken
            await self._streams.write(self._request, connection, head=head)
            return

        async def send_the_rest(message: Message) -> None:
            if message["type"] != "http.response.start":
                await send(message)

        await self._portably(scope, receive, send_the_rest)

    async def _portably(self, scope: Scope, receive: Receive, send: Send) -> None:
        source = EventSource(self._streams.follow(self._request))
        source.raw_headers = self.raw_headers
        await source(scope, receive, send)


EVENT_STREAM: Final = "text/event-stream"


SPENT: Final[tuple[Refusal, ...]] = ((401, "token-spent"),)
"""The refusal that every stream adds: its ticket was used before."""


class StreamQuery(msgspec.Struct, frozen=True):
    """Where to go on. The ticket was looked at already; what is unknown here is ignored, as `Call.query` says."""

    # Of any length: what can't be a cursor gets a snapshot.
    after: str | None = None
    ticket: str | None = None
    last_event_id: str | None = msgspec.field(default=None, name="lastEventId")  # of clients that can't set the header
    last_event_id_too: str | None = msgspec.field(default=None, name="last-event-id")  # the same, of others


def cursor_of(call: Call, query: StreamQuery) -> str | None:
    """Return the client's cursor, unchecked: the newest that it may have sent.

    A client puts `after` into the address that it is made with, and the others into that of each reconnect.
    """
    header = call.request.headers.get("last-event-id")
    return header or query.last_event_id or query.last_event_id_too or query.after


def place_of(call: Call) -> Place:
    """Return the place that a stream of this caller takes: customers and passers-by share their address' places, and
    keepers and displays their stall's (of several, the one that was their first)."""
    match call.principal:
        case Principal(person=person) if is_staff(person):
            return _place(Standing.STAFF, next(iter(person.stalls), None))
        case Principal():
            return _place(Standing.CUSTOMER, client_address(call.request.scope))
        case DisplayCaller(display=display):
            return _place(Standing.STAFF, display.vendor_id)
        case None:
            return _place(Standing.PASSER_BY, client_address(call.request.scope))


_place: Final = lru_cache(maxsize=4096)(Place)  # streams of one address share one

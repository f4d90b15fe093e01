"""The handover: after the head of a stream's answer, the connection leaves uvicorn and belongs to the stream alone.

                 uvicorn                                          ours
    GET ──► OfferingHttpProtocol ──► cycle, task, scope ──► admission, handler ──► StreamResponse
                     │    scope["extensions"][EXTENSION] ───────────────────────────────┤
                     │                              the head, through ASGI: middleware adds to it
                     ◄────────────────── hand_over() ───────────────────────────────────┤
                     │                                                                  ▼
            transport.set_protocol ──► StreamConnection ◄─── StreamRegistry.write(request, connection)
              its request is "answered"       │                the task ends with the replay,
              for uvicorn; nothing of it      │                and with it cycle and scope
              stays behind                    ▼
                                         its owner, which writes to it (push.streams.direct)

An open stream keeps only the transport, the connection, the writer and its entry in the hub: about 4 KiB instead of 45
(docs/decisions/0020). If no connection is offered (another server, HTTP/1.0, a test's client), the same stream goes
through ASGI.

The handover relies on internals of uvicorn, and checks them each time. If a new version has changed them, or a
middleware has held the head back, the stream goes through ASGI after all, no connection is offered any more, and a
warning says so once.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Collection
from typing import ClassVar, Final, Protocol

from starlette.types import Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from festival_push.serving.crowd import AddressShare, Crowd
from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.protocol import GuardedHttpProtocol, guarded_protocol, reset
from festival_push.serving.refusals import cut_offs

EXTENSION: Final = "festival_push.stream"
"""Key in the ASGI scope's `extensions`, for a weak reference to the protocol that offers its connection."""
IGNORED_BYTES_MAX: Final = 64 * 1024
"""Bytes that a client may send behind its request for a stream; they are dropped. The head of the answer has told it
that no further request is answered."""
_RELIED_ON: Final = {
    "cycle": ("chunked_encoding", "disconnected", "message_event", "response_complete", "response_started"),
    "flow": ("read_paused", "resume_reading", "resume_writing", "write_paused"),
    "protocol": ("connections", "cycle", "flow", "parser", "pipeline", "server_state", "transport"),
}

logger = logging.getLogger(__name__)


class StreamOwner(Protocol):
    """The stream that a connection belongs to: what the connection calls on it."""

    def pause(self) -> None:
        """Write no more: the transport's buffer is full."""

    def resume(self) -> None:
        """Go on writing: the transport's buffer can take more."""

    def lost(self) -> None:
        """Clean up: the connection is gone."""

    def end(self) -> None:
        """Write the last frame and close: the server ends."""


class StreamConnection(asyncio.Protocol):
    """A client's connection after the head of its stream. Its owner writes to it, and is told of pauses and the end."""

    __slots__ = ("_connections", "_ignored_bytes", "_is_lost", "_is_paused", "_owner", "_share", "_transport")

    def __init__(
        self, transport: asyncio.Transport, connections: set[object], share: AddressShare, *, is_paused: bool
    ) -> None:
        self._transport = transport
        self._share = share  # which has counted this connection
        self._connections = connections  # the server's; it waits until they are gone when it ends
        self._is_paused = is_paused
        self._is_lost = False
        self._ignored_bytes = 0
        self._owner: StreamOwner | None = None

    # For the owner (`push.streams.direct.Connection`)

    def attach(self, owner: StreamOwner) -> None:
        """From now on call the owner's `pause`, `resume` and `lost`."""
        self._owner = owner
        if self._is_paused:
            owner.pause()

    def write(self, data: bytes) -> None:
        """Send these bytes after all that were written before; drop them if the connection is closing."""
        if not self._transport.is_closing():  # uvloop raises on a transport that was aborted
            self._transport.write(data)

    def close(self) -> None:
        """End the connection when all bytes have gone out."""
        self._transport.close()

    def abort(self) -> None:
        """Reset the connection, and drop the bytes that have not gone out."""
        if not self._is_lost:
            reset(self._transport)

    # For the transport (`asyncio.Protocol`)

    def data_received(self, data: bytes) -> None:
        """Drop the data: we read only to see that the client goes. Reset the connection above IGNORED_BYTES_MAX."""
        self._ignored_bytes += len(data)
        if self._ignored_bytes > IGNORED_BYTES_MAX:
            cut_offs["chatty-stream"] += 1
            self.abort()

    def pause_writing(self) -> None:
        """Pause the owner: the transport's buffer is full."""
        if self._owner is not None:
            self._owner.pause()

    def resume_writing(self) -> None:
        """Resume the owner: the transport's buffer can take more."""
        if self._owner is not None:
            self._owner.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner, and drop all references."""
        del exc  # a lost connection is no error here
        self._is_lost = True
        self._connections.discard(self)
        self._share.leave()
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.lost()

    # For uvicorn's server

    def shutdown(self) -> None:
        """End the stream: the server ends, and the application's own drain is over."""
        if self._owner is not None:
            self._owner.end()
        else:
            self.close()


class OfferingHttpProtocol(GuardedHttpProtocol):
    """The guarded protocol, which offers its connection to the handler of a GET. Make it with `offering_protocol`."""

    is_offered: ClassVar[bool] = True
    _offer: dict[str, object]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        # Weak, and one for all requests: a scope that held its protocol would keep both alive until the garbage
        # collector runs.
        self._offer = {EXTENSION: weakref.ref(self)}

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        scope = cycle.scope
        # HTTP/1.0 has no chunks.
        if self.is_offered and scope["method"] == "GET" and scope["http_version"] == "1.1":
            scope["extensions"] = self._offer  # type: ignore[typeddict-item] # uvicorn knows other extensions
        super()._start_asgi_task(cycle, app)

    def hand_over(self) -> tuple[StreamConnection, bytes] | None:
        """Take the connection from uvicorn. Call it right after the head of the answer to the running request.

        Returns:
            The connection, for the chunked body, and the head, which must be sent before that; None if the connection
            stays with uvicorn, because the client has gone or because uvicorn's internals are not as we expect them.
        """
        cycle = self._running
        assert cycle is not None  # only the handler of a running request calls this
        if self.transport.is_closing() or getattr(cycle, "disconnected", False):
            return None
        if (surprise := _surprise(self, cycle)) is not None:
            type(self).is_offered = False
            logger.warning("streams go through ASGI, which costs more memory and time: %s", surprise)
            return None
        head: bytes = cycle.transport.take()  # type: ignore[attr-defined] # a HeadWithBody, which may still keep it
        cycle.response_complete = True  # else uvicorn would report an incomplete response when the task ends
        cycle.message_event.set()
        self.server_state.total_requests += 1
        connections: set[object] = self.connections  # type: ignore[assignment] # typed for uvicorn's own
        share = self.take_share()
        assert share is not None  # the connection is open
        connection = StreamConnection(self.transport, connections, share, is_paused=self.flow.write_paused)
        connections.discard(self)
        connections.add(connection)
        self.sweeper.discard(self)
        # Requests that were read behind this one are not answered: the head has said so. They and this protocol refer
        # to each other, so without this only the garbage collector would free them.
        self.pipeline.clear()
        self.cycle = cycle
        self.flow.resume_reading()
        self.flow.resume_writing()  # wakes a task that might wait; from here on the transport calls the connection
        self.transport.set_protocol(connection)
        self.parser = None  # type: ignore[assignment] # as in `connection_lost`: it refers to us
        return connection, head


def _surprise(protocol: OfferingHttpProtocol, cycle: RequestResponseCycle) -> str | None:
    """Return which internal of uvicorn is not as we expect it, as a text for the log; None if all are."""
    for name, owner in (("protocol", protocol), ("cycle", cycle), ("flow", getattr(protocol, "flow", None))):
        if missing := [each for each in _RELIED_ON[name] if not hasattr(owner, each)]:
            return f"uvicorn's {name} has no {', '.join(missing)}"
    if not cycle.response_started:
        return "the head of an answer was held back on its way"
    if not cycle.chunked_encoding or cycle.response_complete:
        return "the answer is no body in chunks"
    return None


def offer_in(scope: Scope) -> OfferingHttpProtocol | None:
    """Return the protocol that offers the connection of this request; None if none does."""
    reference = scope.get("extensions", {}).get(EXTENSION)
    protocol = None if reference is None else reference()
    assert protocol is None or isinstance(protocol, OfferingHttpProtocol)
    return protocol


def offering_protocol(
    limits: ProtocolLimits, *, crowd: Crowd | None = None, origins: Collection[str] = ()
) -> type[OfferingHttpProtocol]:
    """Return the protocol class with these limits, for one server's connections; see `guarded_protocol`."""
    return guarded_protocol(limits, OfferingHttpProtocol, crowd=crowd, origins=origins)

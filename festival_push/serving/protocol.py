"""uvicorn's httptools protocol, with the bounds it lacks: on time, on size, and on clients that don't read.

The reasons to cut off a connection, the bound of each, and the answer:

    nothing arrives             head_s         closed without an answer (browsers open spare connections)
    half a request head         head_s         408
    a body that drips           body_s         408, unless the answer has begun
    a head beyond the bounds    head_bytes_max, headers_max   431
    bytes that are not HTTP     at once        400
    a client that doesn't read  write_stall_s  aborted; also when the server has closed and bytes are left
    endless pipelining          PIPELINE_MAX   the requests before it are answered, then closed
    an unknown expectation      at once        417
    too many bodies that wait   held_bytes_max   503, or reset while another answer is owed
    too many connections        connections_max  reset at once

An answer of our own never overtakes that to an earlier request on the same connection: the client would confuse them.
While an answer is owed, the connection ignores its input ("deaf"), sends the owed answers, and is closed.

`Upgrade` is ignored, and the body is read (RFC 9110, 7.8): no request is complete before its declared body is.

Requests need no timers: deadlines are attributes, and one sweeper checks those of all connections twice a second.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Collection
from typing import Any, ClassVar, Final, TypeVar

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from festival_push.serving.crowd import LOOPBACK, AddressShare, Crowd
from festival_push.serving.head_and_body import HeadWithBody
from festival_push.serving.limits import LINGER_S, ProtocolLimits
from festival_push.serving.reading import BODY, DEAF, DONE, HEAD, NEVER, RequestReader
from festival_push.serving.refusals import (
    BODIES_HELD,
    SLOW_BODY,
    SLOW_HEAD,
    CutOff,
    cut_offs,
    readable_by,
)
from festival_push.serving.sweeper import Sweeper
from festival_push.serving.until_close import UntilClose

_SMALL_BODY_BYTES: Final = 4096
"""The body of a request that came at once is not worth counting below this."""
_NEWCOMER_S: Final = 1.0
"""How long a connection that has just come has for the first bytes of its request while the server stops."""
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 s


class GuardedHttpProtocol(RequestReader):
    """One HTTP/1.1 connection over plain TCP, bounded by `limits`. Make the class with `guarded_protocol`.

    A subclass that hands its transport to another protocol must call `sweeper.discard(self)` and `take_share()`.
    """

    crowd: ClassVar[Crowd]
    origins: ClassVar[frozenset[bytes]]  # of other sites' pages that may read our answers

    _write_deadline: float = NEVER
    _held_bytes: int = 0  # what `_share` counts of this connection
    _share: AddressShare | None = None  # None: there was no room for this connection, or it is lost
    _ends: bool = False  # the server stops: the next answer is the last one
    _running: RequestResponseCycle | None = None  # the request being answered; `cycle` is the last one read

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        peer = transport.get_extra_info("peername")
        self._share = self.crowd.enter(peer[0] if peer else "unknown", transport.get_extra_info("socket").fileno())
        if self._share is None:
            self.transport = transport
            self._turn_deaf()
            self.abort()
            return
        super().connection_made(_Nameless(transport))
        self.transport, self.flow = transport, FlowControl(transport)
        self._deadline = self.sweeper.clock() + self.limits.head_s
        self.sweeper.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.sweeper.discard(self)
        if (share := self.take_share()) is not None:
            share.leave()
        # uvicorn tells only the last request that was read. The one being answered may be an earlier one, and a
        # stream that is not told of its client's end would stay open.
        if self._running is not None:
            self._disconnect(self._running)
        super().connection_lost(exc)

    def take_share(self) -> AddressShare | None:
        """Return this connection's place among all: whoever has it gives it back. None if it is taken already."""
        share, self._share = self._share, None
        if share is not None:
            share.hold(-self._held_bytes)
            self._held_bytes = 0
        return share

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_deadline = self.sweeper.clock() + self.limits.write_stall_s

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_deadline = NEVER

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._phase == BODY or self._body_bytes > _SMALL_BODY_BYTES or self.pipeline or self._held_bytes:
            self._count_held()

    # Answering

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        if self._ends:
            cycle.keep_alive = False
        cycle.transport = HeadWithBody(self.transport, self.loop)  # type: ignore[assignment] # it has all that is used
        if cycle.scope["http_version"] != "1.1":
            app = UntilClose(app, cycle, self.abort)
        super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        """Close the connection when it is idle. One that has just come is given the time to send its request, because
        the kernel took it while we still listened, and its client would see it refused."""
        now = self.sweeper.clock()
        is_young = now < self._deadline - self.limits.head_s + _NEWCOMER_S
        if self.cycle is not None or self._phase != HEAD or not (self._span_bytes or is_young):
            super().shutdown()
            return
        self._ends = True
        if not self._span_bytes:
            self._deadline = now + _NEWCOMER_S

    def on_response_complete(self) -> None:
        """Do as uvicorn does, but give the idle connection a deadline instead of a timer (2 us a request)."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._phase == DONE:
            self._deadline = self.sweeper.clock() + self.timeout_keep_alive
        if self._held_bytes:
            self._count_held()

    # Cutting off

    def check_deadlines(self, now: float) -> None:
        """Act on a deadline that has passed. The sweeper calls it; `now` is a time of its clock."""
        if self._write_deadline <= now:
            cut_offs["write-stall"] += 1
            self.abort()
        elif self.transport.is_closing():
            if self._write_deadline == NEVER:  # closed on our side; the client must still take what is left
                self._write_deadline = now + self.limits.write_stall_s
        elif self._deadline <= now:
            self._expire()

    def _expire(self) -> None:
        if self._phase in (DONE, DEAF) or (self._ends and self._phase == HEAD and not self._span_bytes):
            self.transport.close()
        elif self._phase == HEAD:
            if self._owed() is not None:  # a head may take as long as the answer before it
                self._arm()
            elif self._span_bytes == 0:
                cut_offs["head-timeout"] += 1
                self.transport.close()
            else:
                self._refuse(SLOW_HEAD)
        elif self.flow.read_paused or (self.cycle.waiting_for_100_continue and not self.cycle.response_complete):
            self._arm()  # the application doesn't read: not the client's fault
        else:
            self._refuse(SLOW_BODY)

    def _owed(self) -> RequestResponseCycle | None:
        """Return the last complete request that has no complete answer yet."""
        unfinished = self.cycle if self._phase == BODY else None
        waiting = [cycle for cycle, _ in self.pipeline if cycle is not unfinished]
        if waiting:
            return waiting[0]
        running = self._running
        return running if running and running is not unfinished and not running.response_complete else None

    def _refuse(self, refusal: CutOff) -> None:
        """Drop the request being read, and answer why, unless the client would take that for another's answer."""
        cut_offs[refusal.reason] += 1
        owed = self._owed()
        unfinished = self.cycle if self._phase == BODY else None
        headers = self.headers if unfinished is None else unfinished.scope["headers"]
        self._turn_deaf()
        if owed is not None:
            owed.keep_alive = False  # closes the connection after this answer, even if requests wait behind it
            return
        if unfinished is not None:
            begun = unfinished.response_started
            self._disconnect(unfinished)
            unfinished.body = bytearray()
            self._count_held()
            if begun:
                self.transport.close()
                return
            unfinished.transport.take()  # type: ignore[attr-defined] # a HeadWithBody, which may still keep a 100
        self._answer(refusal, readable_by(self.origins, headers or ()))

    def _answer(self, refusal: CutOff, cors: bytes) -> None:
        headers = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join([refusal.status_line, *headers, cors, refusal.rest]))
        if not self.transport.is_closing():  # the write may have found that the client is gone
            self.transport.write_eof()
        self.flow.resume_reading()  # input must be read to be dropped
        self._deadline = self.sweeper.clock() + LINGER_S

    def abort(self) -> None:
        """Reset the connection."""
        reset(self.transport)

    def _count_held(self) -> None:
        """Count the bytes of bodies that wait in this connection, and cut it off if they are too many."""
        unfinished = self.cycle if self._phase == BODY else None
        running = self._running
        waiting = [cycle for cycle, _ in self.pipeline]
        if running is not None and not running.response_complete:
            waiting.append(running)
        held = sum(len(cycle.body) for cycle in waiting if cycle is not unfinished)
        if unfinished is not None and not unfinished.response_complete:
            held += self._body_bytes  # also what the application has taken: it waits for the rest
        more, self._held_bytes = held - self._held_bytes, held
        if self._share is None or self._share.hold(more):
            return
        if self._owed() is None and not self.cycle.response_started:
            self._refuse(BODIES_HELD)
        else:
            cut_offs[BODIES_HELD.reason] += 1
            self.abort()

    def _disconnect(self, cycle: RequestResponseCycle) -> None:
        """Tell the application of the disconnection at its next `receive`; its sends are dropped."""
        if not cycle.response_complete:
            cycle.disconnected = True
        cycle.message_event.set()
        self.flow.resume_writing()


class _Nameless(asyncio.Transport):
    """A new connection as uvicorn sees it when it asks for the names of both ends: one without a socket. uvloop keeps
    the socket that is asked for as long as the connection, and its names with it: 0.3 KiB of an open stream's 4."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows; of a name host and port, as uvicorn takes no others without a socket."""
        found = default if name == "socket" else self._transport.get_extra_info(name, default)
        return found[:2] if isinstance(found, tuple) else found  # an IPv6 name has four parts


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection, and free the bytes that the kernel holds for a client that doesn't read them."""
    # Without this the kernel would go on retransmitting the bytes in its queue.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


_P = TypeVar("_P", bound=GuardedHttpProtocol)


def guarded_protocol(
    limits: ProtocolLimits,
    base: type[_P],
    sweeper: Sweeper | None = None,
    *,
    crowd: Crowd | None = None,
    origins: Collection[str] = (),
) -> type[_P]:
    """Return a subclass with these limits, for one server: its connections share a sweeper, a crowd and an event loop.

    Args:
        crowd: Without one, a crowd with these limits that trusts this machine.
        origins: Of other sites' pages that may read the answers of the server itself; `null` is nobody's.
    """
    crowd = crowd or Crowd(limits.connections_max, limits.held_bytes_max, trusted_proxies=LOOPBACK)
    encoded = frozenset(origin.encode() for origin in origins) - {b"null"}
    attributes = {"limits": limits, "sweeper": sweeper or Sweeper(), "crowd": crowd, "origins": encoded}
    return type("Guarded", (base,), attributes)

"""uvicorn's httptools protocol, with the bounds it lacks: on time, on size, and on clients that don't read.

The reasons to cut off a connection, the bound of each, and the answer:

    nothing arrives             head_s         closed without an answer (browsers open spare connections)
    half a request head         head_s         408
    a body that drips           body_s         408, unless the answer has begun
    a head beyond the bounds    head_bytes_max, headers_max   431
    bytes that are not HTTP     at once        400
    a client that doesn't read  write_stall_s  aborted; also when the server has closed and bytes are left
    endless pipelining          PIPELINE_MAX   the requests before it are answered, then closed

An answer of our own never overtakes that to an earlier request on the same connection: the client would confuse them.
While an answer is owed, the connection ignores its input ("deaf"), sends the owed answers, and is closed.

Requests need no timers: deadlines are attributes, and one sweeper checks those of all connections twice a second.
"""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from festival_push.serving.head_and_body import HeadWithBody
from festival_push.serving.refusals import LARGE_HEAD, LONG_PIPELINE, MALFORMED, SLOW_BODY, SLOW_HEAD, CutOff, cut_offs

PIPELINE_MAX: Final = 64
"""Requests that may wait behind the one being answered. uvicorn reads on after each answer, so without a bound a
client that sends 18-byte requests makes the server hold a hundred times as many bytes."""

LINGER_S: Final = 2.0
LINGER_BYTES_MAX: Final = 1 << 20
"""After an answer that refuses a request still being sent, the rest of it is read and dropped, up to these two bounds:
closing a socket with unread bytes resets it, and the reset can overtake the answer."""

_SWEEP_S: Final = 0.5
_NEVER: Final = math.inf
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 s


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolLimits:
    """The bounds on one connection."""

    head_s: float = 10.0  # for a whole request head, from the accept or from the first byte of a later request
    body_s: float = 30.0  # for a whole request body, from the end of its head
    head_bytes_max: int = 16 * 1024  # request line and headers
    headers_max: int = 100
    write_stall_s: float = 20.0  # how long the write buffer may stay full
    sndbuf_bytes: int = 64 * 1024  # the kernel's send buffer of each connection; it doubles this for its bookkeeping


# The phases of reading. Plain integers, because they are compared for every chunk that arrives.
_HEAD: Final = 0
_BODY: Final = 1
_DONE: Final = 2  # a request is complete, and no byte of a next one has come
_DEAF: Final = 3  # the connection will be closed: further input is dropped


class _Stopped(Exception):
    """Raised by a parser callback, which has set `_refused`, to stop the parser."""


class Sweeper:
    """Checks the deadlines of all guarded connections of one event loop, twice a second, while there are any. They are
    times of its `clock`, in seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._connections: set[GuardedHttpProtocol] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: GuardedHttpProtocol) -> None:
        """Watch this connection until it is discarded."""
        self._connections.add(connection)
        if self._timer is None:
            self._timer = connection.loop.call_later(_SWEEP_S, self._sweep_on, connection.loop)

    def discard(self, connection: GuardedHttpProtocol) -> None:
        """Stop watching the connection: it is lost, or another protocol has taken over its transport."""
        self._connections.discard(connection)

    def _sweep_on(self, loop: asyncio.AbstractEventLoop) -> None:
        # The next sweep is scheduled first: an exception below must not end the sweeping.
        self._timer = loop.call_later(_SWEEP_S, self._sweep_on, loop) if self._connections else None
        self.sweep()

    def sweep(self) -> None:
        """Check the deadlines of every connection once."""
        now = self.clock()
        for connection in tuple(self._connections):
            connection.check_deadlines(now)


class GuardedHttpProtocol(HttpToolsProtocol):
    """One HTTP/1.1 connection over plain TCP, bounded by `limits`. Make the class with `guarded_protocol`.

    A subclass that hands its transport to another protocol must call `sweeper.discard(self)`.
    """

    limits: ClassVar[ProtocolLimits]
    sweeper: ClassVar[Sweeper]

    _phase: int = _HEAD
    _deadline: float = _NEVER  # for the present phase, or the end of an idle connection; on the sweeper's clock
    _write_deadline: float = _NEVER
    _chunk_bytes: int = 0  # size of the chunk that the parser has at this moment
    _span_bytes: int = 0  # sizes of the chunks that the present head touches, or the trailers and framing of a body
    _refused: CutOff | None = None
    _running: RequestResponseCycle | None = None  # the request being answered; `cycle` is the last one read

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._deadline = self.sweeper.clock() + self.limits.head_s
        self.sweeper.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.sweeper.discard(self)
        # uvicorn tells only the last request that was read. The one being answered may be an earlier one, and a
        # stream that is not told of its client's end would stay open.
        if self._running is not None:
            self._disconnect(self._running)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_deadline = self.sweeper.clock() + self.limits.write_stall_s

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_deadline = _NEVER

    # Reading

    def data_received(self, data: bytes) -> None:
        if self._phase == _DEAF:
            self._drop(data)
            return
        if self._phase == _DONE:
            self._begin_head()
        # Feed chunks no larger than a head may be, so that `_span_bytes` is at most one such chunk too high.
        size = self.limits.head_bytes_max
        if len(data) <= size:
            self._feed(data)
        else:
            view = memoryview(data)
            for start in range(0, len(data), size):
                if self._phase != _DEAF:
                    self._feed(view[start : start + size])
        if self._phase < _DONE and self._deadline == _NEVER:
            self._arm()

    def _begin_head(self) -> None:
        self._phase = _HEAD
        self._deadline = _NEVER
        self._span_bytes = 0

    def _arm(self) -> None:
        allowed_s = self.limits.head_s if self._phase == _HEAD else self.limits.body_s
        self._deadline = self.sweeper.clock() + allowed_s

    def _feed(self, chunk: bytes | memoryview) -> None:
        self._chunk_bytes = len(chunk)
        try:
            self.parser.feed_data(chunk)
        except httptools.HttpParserUpgrade:
            # We support no other protocol: the request is answered as plain HTTP. The bytes behind it may be of the
            # other protocol, so they are not read as requests.
            self.cycle.keep_alive = False
            self._turn_deaf()
        except httptools.HttpParserError:
            self._refuse(self._refused or MALFORMED)
        else:
            if self._phase < _DONE:
                self._span_bytes += len(chunk)
                if self._span_bytes > 2 * self.limits.head_bytes_max:  # its first chunk may be another request's
                    self._refuse(LARGE_HEAD)

    def _drop(self, data: bytes) -> None:
        self._span_bytes += len(data)
        if self._span_bytes > LINGER_BYTES_MAX:
            self.abort()

    # Parser callbacks

    def on_message_begin(self) -> None:
        if self._phase == _DONE:  # pipelined: in one chunk with the request before it
            self._begin_head()
        self._span_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        limits = self.limits
        if len(self.headers) > limits.headers_max or (
            self._span_bytes + self._chunk_bytes > limits.head_bytes_max
            and _head_bytes(self.url, self.headers) > limits.head_bytes_max
        ):
            self._stop_parser(LARGE_HEAD)
        super().on_headers_complete()
        self._phase = _BODY
        self._deadline = _NEVER
        self._span_bytes = 0
        # The parser reports trailers as headers. The application already holds this list, which a proxy in front may
        # have cleaned; trailers must not be added to it.
        self.headers = []
        if len(self.pipeline) > PIPELINE_MAX:
            self._stop_parser(LONG_PIPELINE)

    def on_body(self, body: bytes) -> None:
        self._span_bytes = -self._chunk_bytes  # cancels this chunk, which is added later: only trailers add up
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._phase = _DONE
        # If it was answered before its body had come, the connection is idle from now on, not from the answer on.
        self._deadline = self.sweeper.clock() + self.timeout_keep_alive if self.cycle.response_complete else _NEVER

    def _stop_parser(self, refusal: CutOff) -> None:
        self._refused = refusal
        raise _Stopped

    # Answering

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        cycle.transport = HeadWithBody(self.transport, self.loop)  # type: ignore[assignment] # it has all that is used
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Do as uvicorn does, but give the idle connection a deadline instead of a timer (2 us a request)."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._phase == _DONE:
            self._deadline = self.sweeper.clock() + self.timeout_keep_alive

    # Cutting off

    def check_deadlines(self, now: float) -> None:
        """Act on a deadline that has passed. The sweeper calls it; `now` is a time of its clock."""
        if self._write_deadline <= now:
            cut_offs["write-stall"] += 1
            self.abort()
        elif self.transport.is_closing():
            if self._write_deadline == _NEVER:  # closed on our side; the client must still take what is left
                self._write_deadline = now + self.limits.write_stall_s
        elif self._deadline <= now:
            self._expire()

    def _expire(self) -> None:
        if self._phase in (_DONE, _DEAF):  # idle for long enough, or the refusal was sent
            self.transport.close()
        elif self._phase == _HEAD:
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
        unfinished = self.cycle if self._phase == _BODY else None
        waiting = [cycle for cycle, _ in self.pipeline if cycle is not unfinished]
        if waiting:
            return waiting[0]
        running = self._running
        return running if running and running is not unfinished and not running.response_complete else None

    def _refuse(self, refusal: CutOff) -> None:
        """Drop the request being read, and answer why, unless the client would take that for another's answer."""
        cut_offs[refusal.reason] += 1
        owed = self._owed()
        unfinished = self.cycle if self._phase == _BODY else None
        self._turn_deaf()
        if owed is not None:
            owed.keep_alive = False  # closes the connection after this answer, even if requests wait behind it
            return
        if unfinished is not None:
            begun = unfinished.response_started
            self._disconnect(unfinished)
            if begun:
                self.transport.close()
                return
        self._answer(refusal)

    def _answer(self, refusal: CutOff) -> None:
        headers = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(b"".join([refusal.status_line, *headers, refusal.rest]))
        if not self.transport.is_closing():  # the write may have found that the client is gone
            self.transport.write_eof()
        self.flow.resume_reading()  # input must be read to be dropped
        self._deadline = self.sweeper.clock() + LINGER_S

    def _turn_deaf(self) -> None:
        self._phase = _DEAF
        self._deadline = _NEVER
        self._span_bytes = 0

    def abort(self) -> None:
        """Reset the connection."""
        reset(self.transport)

    def _disconnect(self, cycle: RequestResponseCycle) -> None:
        """Tell the application of the disconnection at its next `receive`; its sends are dropped."""
        if not cycle.response_complete:
            cycle.disconnected = True
        cycle.message_event.set()
        self.flow.resume_writing()


def _head_bytes(url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> int:
    return len(url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in headers)


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection, and free the bytes that the kernel holds for a client that doesn't read them."""
    # Without this the kernel would go on retransmitting the bytes in its queue.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


_P = TypeVar("_P", bound=GuardedHttpProtocol)


def guarded_protocol(limits: ProtocolLimits, base: type[_P], sweeper: Sweeper | None = None) -> type[_P]:
    """Return a subclass with these limits, for one server: its connections share a sweeper and an event loop."""
    return type("Guarded", (base,), {"limits": limits, "sweeper": sweeper or Sweeper()})

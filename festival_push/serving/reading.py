"""Reads the requests of one connection, within bounds on their size, and ignores `Upgrade`.

httptools reports a request with `Upgrade` complete at the end of its head, and its body would be lost. A server may
ignore that header (RFC 9110, 7.8); so the head is given to a new parser without it, and the body follows.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final, NoReturn

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from festival_push.serving.heads import CONTINUE, expectations, head_bytes, request_parser, without_upgrade
from festival_push.serving.limits import LINGER_BYTES_MAX, PIPELINE_MAX, ProtocolLimits
from festival_push.serving.refusals import LARGE_HEAD, LONG_PIPELINE, MALFORMED, UNKNOWN_EXPECTATION, CutOff
from festival_push.serving.sweeper import Sweeper

# The phases of reading. Plain integers, because they are compared for every chunk that arrives.
HEAD: Final = 0
BODY: Final = 1
DONE: Final = 2  # a request is complete, and no byte of a next one has come
DEAF: Final = 3  # the connection will be closed: further input is dropped

NEVER: Final = math.inf  # as a deadline


class _Stopped(Exception):
    """Raised by a parser callback, which has set `_refused`, to stop the parser."""


class RequestReader(HttpToolsProtocol):
    """Reads requests; its subclass answers them, and refuses those that break a bound."""

    limits: ClassVar[ProtocolLimits]
    sweeper: ClassVar[Sweeper]

    _phase: int = HEAD
    _deadline: float = NEVER  # for the present phase, or the end of an idle connection; on the sweeper's clock
    _chunk_bytes: int = 0  # size of the chunk that the parser has at this moment
    _span_bytes: int = 0  # sizes of the chunks that the present head touches, or the trailers and framing of a body
    _body_bytes: int = 0  # received of the last request's body
    _hosts: int = 0  # `Host` lines of the present head
    _refused: CutOff | None = None

    def _refuse(self, refusal: CutOff) -> None:
        """Drop the request being read, and answer why."""
        raise NotImplementedError

    def abort(self) -> None:
        """Reset the connection."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        if self._phase == DEAF:
            self._drop(data)
            return
        if self._phase == DONE:
            self._begin_head()
        # Feed chunks no larger than a head may be, so that `_span_bytes` is at most one such chunk too high.
        size = self.limits.head_bytes_max
        if len(data) <= size:
            self._feed(data)
        else:
            view = memoryview(data)
            for start in range(0, len(data), size):
                self._feed(view[start : start + size])
        if self._phase < DONE and self._deadline == NEVER:
            self._arm()

    def _begin_head(self) -> None:
        self._phase = HEAD
        self._deadline = NEVER
        self._span_bytes = 0

    def _arm(self) -> None:
        allowed_s = self.limits.head_s if self._phase == HEAD else self.limits.body_s
        self._deadline = self.sweeper.clock() + allowed_s

    def _feed(self, chunk: bytes | memoryview) -> None:
        while chunk and self._phase != DEAF:
            chunk = self._parse(chunk)

    def _parse(self, chunk: bytes | memoryview) -> bytes | memoryview:
        """Parse a chunk, and return what is left of it behind a head with `Upgrade`; otherwise nothing."""
        self._chunk_bytes = len(chunk)
        try:
            self.parser.feed_data(chunk)
        except httptools.HttpParserUpgrade as upgrade:
            head = without_upgrade(self.parser, self.url, self.headers)
            self.parser = request_parser(self)
            self._parse(head)
            return chunk[upgrade.args[0] :]
        except httptools.HttpParserError:
            self._refuse(self._refused or MALFORMED)
        else:
            if self._phase < DONE:
                self._span_bytes += len(chunk)
                if self._span_bytes > 2 * self.limits.head_bytes_max:  # its first chunk may be another request's
                    self._refuse(LARGE_HEAD)
        return b""

    def _drop(self, data: bytes) -> None:
        self._span_bytes += len(data)
        if self._span_bytes > LINGER_BYTES_MAX:
            self.abort()

    # Parser callbacks

    def on_message_begin(self) -> None:
        if self._phase == DONE:  # pipelined: in one chunk with the request before it
            self._begin_head()
        self._span_bytes = self._hosts = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"expect":
            self.expect_100_continue = True  # looked at when the head is complete
        elif name == b"host":
            self._hosts += 1
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        limits = self.limits
        if len(self.headers) > limits.headers_max or (
            self._span_bytes + self._chunk_bytes > limits.head_bytes_max
            and head_bytes(self.url, self.headers) > limits.head_bytes_max
        ):
            self._stop_parser(LARGE_HEAD)
        # Of two hosts a proxy in front may believe the other one (RFC 9112, 3.2). HTTP/1.0 needs none.
        if self._hosts != 1 and (self._hosts or self.parser.get_http_version() == "1.1"):
            self._stop_parser(MALFORMED)
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":  # it has no body: a tunnel begins behind it
                self._stop_parser(MALFORMED)
            return  # `_parse` gives this head to a new parser, without its `Upgrade`
        if self.expect_100_continue:
            self._check_expectations()
        super().on_headers_complete()
        self._phase = BODY
        self._deadline = NEVER
        self._span_bytes = self._body_bytes = 0
        # The parser reports trailers as headers. The application already holds this list, which a proxy in front may
        # have cleaned; trailers must not be added to it.
        self.headers = []
        if len(self.pipeline) > PIPELINE_MAX:
            self._stop_parser(LONG_PIPELINE)

    def _check_expectations(self) -> None:
        if self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # ignored (RFC 9110, 10.1.1): such a client knows no 100
            return
        found = expectations(self.headers)
        if not found <= {CONTINUE}:
            self._stop_parser(UNKNOWN_EXPECTATION)
        self.expect_100_continue = bool(found)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        self._span_bytes = -self._chunk_bytes  # cancels this chunk, which is added later: only trailers add up
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return  # see `on_headers_complete`
        super().on_message_complete()
        self._phase = DONE
        # If it was answered before its body had come, the connection is idle from now on, not from the answer on.
        self._deadline = self.sweeper.clock() + self.timeout_keep_alive if self.cycle.response_complete else NEVER

    def _stop_parser(self, refusal: CutOff) -> NoReturn:
        self._refused = refusal
        raise _Stopped

    def _turn_deaf(self) -> None:
        self._phase = DEAF
        self._deadline = NEVER
        self._span_bytes = 0

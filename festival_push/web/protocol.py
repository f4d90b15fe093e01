"""uvicorn's httptools protocol, with the bounds it lacks: on time, on size, and on what a dead reader may hold.

What a connection can be cut off for, and what it is told:

    nothing arrives             head_s         closed without an answer (browsers open spare connections)
    half a request head         head_s         408
    a body that drips           body_s         408, unless the answer has begun
    a head beyond the bounds    head_bytes_max, headers_max   431
    bytes that are not HTTP     at once        400
    a reader that stops reading write_stall_s  aborted; also when the server has closed and bytes are left
    endless pipelining          PIPELINE_MAX   the requests before it are answered, then closed

An answer of our own never overtakes the answer to an earlier request on the same connection: while one is owed, the
connection turns deaf, the owed answers go out, and it is closed. A client that reads "400" must be able to believe it.

A request that arrives whole costs no timer: deadlines are attributes, and one sweeper looks at them twice a second.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

PIPELINE_MAX: Final = 64
"""Requests that may wait behind the one being answered. uvicorn reads on after each answer, so without a bound a
client that sends 18-byte requests makes the server hold a hundred times that."""

LINGER_S: Final = 2.0
LINGER_BYTES_MAX: Final = 1 << 20
"""After an answer that refuses a request still being sent, the rest is read and dropped, up to these two bounds:
closing a socket with unread bytes resets it, and the reset can overtake the answer."""

_SWEEP_S: Final = 0.5
_NEVER: Final = math.inf

cut_offs: Final[dict[str, int]] = dict.fromkeys(
    ("head-timeout", "body-timeout", "headers-too-large", "bad-request", "write-stall", "pipeline-too-long"), 0
)
"""How many connections this process has cut off, by reason, since it started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolLimits:
    """What one connection may take from the server."""

    head_s: float = 10.0  # for a whole request head, from the accept or from the first byte of a later request
    body_s: float = 30.0  # for a whole request body, from the end of its head
    head_bytes_max: int = 16 * 1024  # request line and headers
    headers_max: int = 100
    write_stall_s: float = 20.0  # without the write buffer draining
    sndbuf_bytes: int = 64 * 1024  # of the kernel, for each connection; the kernel doubles it for its own bookkeeping


class _Phase(IntEnum):
    """What is being read."""

    HEAD = 0
    BODY = 1
    DONE = 2  # nothing of a next request has come
    LINGER = 3  # the connection was refused: what comes is dropped


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: str  # key of `cut_offs`
    answer: bytes  # without the default headers; empty when there is none to give


def _problem(status: int, code: str, title: str, detail: str) -> tuple[bytes, bytes]:
    problem = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail, "code": code}
    body = json.dumps(problem).encode()
    headers = b"content-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
    return STATUS_LINE[status], headers + body

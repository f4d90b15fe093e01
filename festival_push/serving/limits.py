"""The bounds of the HTTP server."""

from dataclasses import dataclass
from typing import Final

PIPELINE_MAX: Final = 64
"""Requests that may wait behind the one being answered. uvicorn reads on after each answer, so without a bound a
client that sends 18-byte requests makes the server hold a hundred times as many bytes."""

LINGER_S: Final = 2.0
LINGER_BYTES_MAX: Final = 1 << 20
"""After an answer that refuses a request still being sent, the rest of it is read and dropped, up to these two bounds:
closing a socket with unread bytes resets it, and the reset can overtake the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolLimits:
    """The bounds on one connection, and on all of them."""

    head_s: float = 10.0  # for a whole request head, from the accept or from the first byte of a later request
    body_s: float = 30.0  # for a whole request body, from the end of its head
    head_bytes_max: int = 16 * 1024  # request line and headers
    headers_max: int = 100
    write_stall_s: float = 20.0  # how long the write buffer may stay full
    connections_max: int = 0  # of one process, half of them from one address; 0: from the limit of open files
    held_bytes_max: int = 64 << 20  # of request bodies that wait in one process, half of them from one address
    sndbuf_bytes: int = 64 * 1024  # the kernel's send buffer of each connection; it doubles this for its bookkeeping

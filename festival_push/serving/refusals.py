"""The reasons why the server cuts off a connection by itself, their counts, and their answers: RFC 9457 problems.

These answers are made once, and given below the application, before a request exists; the application makes its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

cut_offs: Final[dict[str, int]] = dict.fromkeys(
    (
        "head-timeout",
        "body-timeout",
        "headers-too-large",
        "bad-request",
        "write-stall",
        "pipeline-too-long",
        "chatty-stream",
        "expectation-failed",
        "bodies-held",
        "connections-full",
        "connections-of-address",
    ),
    0,
)
"""How many connections this process has cut off, by reason, since it started."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """Why a connection is cut off, and the answer that says so.

    Attributes:
        reason: A key of `cut_offs`.
        status_line: Of the answer; empty if there is no answer. The server's default headers go out behind it.
        rest: The other headers and the body.
    """

    reason: str
    status_line: bytes = b""
    rest: bytes = b""


def _cut_off(
    reason: str, status: int, code: str, title: str, detail: str, *, retry_after_s: int | None = None
) -> CutOff:
    problem: dict[str, object] = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail}
    head = b"content-type: application/problem+json\r\nconnection: close\r\n"
    if retry_after_s is not None:
        problem |= {"retryable": True, "retryAfter": retry_after_s}
        head += b"retry-after: %d\r\n" % retry_after_s
    body = json.dumps(problem | {"code": code}).encode()
    return CutOff(reason, STATUS_LINE[status], head + b"content-length: %d\r\n\r\n" % len(body) + body)


def readable_by(origins: Collection[bytes], headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the header lines that let a page read an answer, as CORS wants them.

    Args:
        origins: Of the pages that may.
        headers: Of the request, as far as they were read; names in lower case.
    """
    named = {value for name, value in headers if name == b"origin"}
    if len(named) != 1 or not named <= set(origins):
        return b""
    allow = b"access-control-allow-origin: %s\r\naccess-control-allow-credentials: true\r\nvary: Origin\r\n"
    return allow % named.pop()


_TIMEOUT_TITLE: Final = "The request took too long to arrive; nothing was done."
SLOW_HEAD: Final = _cut_off(
    "head-timeout", 408, "request-timeout", _TIMEOUT_TITLE, "The request head was not complete in time."
)
SLOW_BODY: Final = _cut_off(
    "body-timeout", 408, "request-timeout", _TIMEOUT_TITLE, "The request body was not complete in time."
)
LARGE_HEAD: Final = _cut_off(
    "headers-too-large",
    431,
    "headers-too-large",
    "The request head is too large.",
    "The request line and the headers, or their number, are above the limit.",
)
MALFORMED: Final = _cut_off(
    "bad-request", 400, "bad-request", "The request could not be understood.", "The bytes are not a valid HTTP request."
)
UNKNOWN_EXPECTATION: Final = _cut_off(
    "expectation-failed",
    417,
    "expectation-failed",
    "The request expects something unknown.",
    "Expect: 100-continue is the only expectation that there is.",
)
BODIES_HELD: Final = _cut_off(
    "bodies-held",
    503,
    "overloaded",
    "Too much is waiting already.",
    "Too many request bodies are incomplete.",
    retry_after_s=1,
)
LONG_PIPELINE: Final = CutOff("pipeline-too-long")  # earlier requests are owed answers, so this one gets none

"""The reasons why the server cuts off a connection by itself, their counts, and their answers: RFC 9457 problems.

These answers are made once, and given below the application, before a request exists; the application makes its own.
"""

from __future__ import annotations

import json
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


def _cut_off(reason: str, status: int, code: str, title: str, detail: str) -> CutOff:
    problem = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail, "code": code}
    body = json.dumps(problem).encode()
    head = b"content-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
    return CutOff(reason, STATUS_LINE[status], head + body)


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
LONG_PIPELINE: Final = CutOff("pipeline-too-long")  # earlier requests are owed answers, so this one gets none

"""What a request costs an application in this process, in counts that no machine changes: bytes and steps."""

import asyncio
import sys
import tracemalloc
from dataclasses import dataclass
from types import FrameType
from typing import Any

from starlette.types import ASGIApp, Message, Scope

from tests.fuzz.raw_request import RawRequest


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one request.

    Attributes:
        sent: Its bytes.
        answered: The answer's bytes, head and body.
        peak: How many bytes were allocated for it at once.
        steps: How many lines of Python ran for it, and how many functions in C were called. It does not see how long
            such a function works: `python -m tests.fuzz` measures that.
    """

    status: int
    sent: int
    answered: int
    peak: int
    steps: int


async def cost_of(app: ASGIApp, request: RawRequest, token: str, *, again: RawRequest | None = None) -> Cost:
    """Send a request to the application and weigh it.

    Args:
        token: Of its sender; empty: nobody's.
        again: Sent for the second measurement instead of the same once more, which an idempotency key would answer.
    """
    scope = request.scope(token)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        answer = await _ask(app, request, scope)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    again = again or request
    scope, steps = again.scope(token), _Steps()
    with steps:
        await _ask(app, again, scope)
    return Cost(
        status=answer.status,
        sent=len(request.raw(token)),
        answered=answer.size,
        peak=peak - before,
        steps=steps.count,
    )


@dataclass
class _Answer:
    status: int = 0
    size: int = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.size += sum(len(name) + len(text) + len(": \r\n") for name, text in message["headers"])
        else:
            self.size += len(message.get("body", b""))


async def _ask(app: ASGIApp, request: RawRequest, scope: Scope) -> _Answer:
    answer, is_asked = _Answer(), False

    async def receive() -> Message:
        nonlocal is_asked
        if not is_asked:
            is_asked = True
            return {"type": "http.request", "body": request.body, "more_body": False}
        await asyncio.Event().wait()  # the client stays until it is answered
        return {"type": "http.disconnect"}

    await app(scope, receive, answer.send)
    return answer


class _Steps:
    """Counts within a `with` block what this thread does."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        sys.settrace(self._trace)
        sys.setprofile(self._profile)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        sys.settrace(None)

    def _trace(self, _frame: FrameType, event: str, _what: Any) -> Any:
        self.count += event == "line"
        return self._trace

    def _profile(self, _frame: FrameType, event: str, _what: Any) -> None:
        self.count += event == "c_call"

"""A stream as an HTTP answer, for any ASGI server."""

import logging
from collections.abc import AsyncIterator
from typing import Final

from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

SEND_TIMEOUT_S: Final = 30.0
"""Longer than our own server waits for a client that stopped reading: it aborts such a connection without a word."""
_HEADERS: Final = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}

_log = logging.getLogger(__name__)


class EventSource(EventSourceResponse):
    """Writes ready-made frames as they come. The frames bring their own heartbeats, so there are no pings.

    How it ends:

        the frames end            they said why; the answer is complete
        the client goes           the iterator is cancelled, and lets go of what it held
        a send takes too long     the same; the answer stays incomplete, so that the connection is dropped
    """

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        super().__init__(frames, headers=_HEADERS, ping=0, send_timeout=SEND_TIMEOUT_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it. A client that stopped reading is not our error: no traceback for it."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            _log.info("a client stopped reading its stream")

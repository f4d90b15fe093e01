"""Answers to HTTP/1.0 requests, which know no chunks: a body of unknown length ends with the connection."""

from collections.abc import Callable

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_BODILESS = frozenset({204, 304})


class UntilClose:
    """Stands before the application for one such request: uvicorn would send its answer in chunks, whatever the version
    of the request (a server must not: RFC 9112, 6.1).

    Args:
        app: The application.
        cycle: uvicorn's, of this request.
        reset: Resets the connection. Only so does a client see that a body is not whole.
    """

    def __init__(self, app: ASGI3Application, cycle: RequestResponseCycle, reset: Callable[[], None]) -> None:
        self._app = app
        self._cycle = cycle
        self._reset = reset
        self._is_open = False  # a body of unknown length has begun, and not ended

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve the request."""
        assert scope["type"] == "http"

        async def send_plain(message: ASGISendEvent) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message.get("headers", ())}
                is_bodiless = scope["method"] == "HEAD" or message["status"] in _BODILESS
                if b"content-length" not in names and not is_bodiless:
                    self._is_open = True
                    self._cycle.keep_alive = False
                    self._cycle.chunked_encoding = False
            elif message["type"] == "http.response.body" and self._is_open:
                # uvicorn compares each part with what is left of the declared length.
                self._cycle.expected_content_length = len(message.get("body", b""))
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self._is_open = False

        try:
            await self._app(scope, receive, send_plain)
        finally:
            if self._is_open and not self._cycle.transport.is_closing():
                self._reset()

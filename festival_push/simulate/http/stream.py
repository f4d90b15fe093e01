"""One connection that holds a stream: without a task of its own, so that thousands of them cost little."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import Final

import httptools
import httpx2

from festival_push.simulate.http.sse import EventReader, Take

Opened = Callable[["Connection", int], None]

CONNECT_S: Final = 30.0
_OK: Final = 200


class StreamError(Exception):
    """The connection could not be made, broke, or said something that is no HTTP."""


class Connection(asyncio.Protocol):
    """Sends one request, and hands each frame of a stream that answers it on.

    Args:
        request: As bytes.
        opened: Gets the connection and the status of the answer once its head has come; frames are read if it is 200.
        take: Gets each frame.

    Attributes:
        closed: Done when the stream has ended; with StreamError if the connection broke.
        was_cut: True if it was `cut` from here.
    """

    def __init__(self, request: bytes, opened: Opened, take: Take) -> None:
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.was_cut = False
        self._heard_s = loop.time()
        self._loop = loop
        self._request = request
        self._opened = opened
        self._reader = EventReader(take)
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._complete = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        self._heard_s = self._loop.time()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            self._end(error.__context__ or error)
        except httptools.HttpParserError as error:
            self._end(StreamError(repr(error)))

    def connection_lost(self, exc: Exception | None) -> None:
        """End, as the server meant it or not."""
        self._end(None if self._complete else StreamError(repr(exc)))

    def on_headers_complete(self) -> None:
        """Tell the status."""
        self._opened(self, self._parser.get_status_code())

    def on_body(self, body: bytes) -> None:
        """Read frames."""
        if self._parser.get_status_code() == _OK:
            self._reader.feed(body)

    def on_message_complete(self) -> None:
        """Close: the server has ended the stream."""
        self._complete = True
        self._end(None)

    def pause(self) -> None:
        """Read no more until `resume`."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._heard_s = self._loop.time()
            self._transport.resume_reading()

    def silent_s(self) -> float:
        """Return for how many seconds nothing has come."""
        return self._loop.time() - self._heard_s

    def cut(self) -> None:
        """Close at once, in the middle of anything."""
        self.was_cut = not self.closed.done()
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        if self._transport is not None:
            self._transport.abort()
        if not self.closed.done():
            if error is None:
                self.closed.set_result(None)
            else:
                self.closed.set_exception(error)
                self.closed.exception()  # whoever was to see it may have gone


async def connect(
    url: str,
    headers: Mapping[str, str],
    tls: ssl.SSLContext,
    opened: Opened,
    take: Take,
    *,
    method: str = "GET",
    body: bytes = b"",
) -> Connection:
    """Open a connection, and send a request. Raises StreamError."""
    target = httpx2.URL(url)
    secure = target.scheme == "https"
    port = target.port or (443 if secure else 80)
    lines = [f"{method} {target.raw_path.decode()} HTTP/1.1", f"Host: {target.netloc.decode()}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join([*lines, "", ""])).encode() + body
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_S):
            _, connection = await loop.create_connection(
                lambda: Connection(request, opened, take), target.host, port, ssl=tls if secure else None
            )
    except (OSError, TimeoutError) as error:
        raise StreamError(repr(error)) from error
    return connection

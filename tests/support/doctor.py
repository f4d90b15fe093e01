"""A proxy that lies: it hands HTTP on to a server, and changes what comes back, frame by frame or answer by answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, NamedTuple, Self

import httpx2

from tests.support.wire.listener import listening

_HOP: Final = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "content-encoding"})


class Given(NamedTuple):
    """One answer, as the server gave it or as the client shall see it."""

    status: int
    body: bytes


Change = Callable[[str, Given], Given | Awaitable[Given]]
"""What becomes of the answer of a path."""


class Doctor:
    """An async context manager; each connection serves one request.

    Args:
        url: Of the server behind it.
        frames: Given one frame of a stream, without its blank line, what the client gets instead.
        answer: Given a path and the answer, what the client gets instead, at once or later.
        request: Changes the headers that the server sees.
    """

    def __init__(
        self,
        url: str,
        *,
        frames: Callable[[bytes], Iterable[bytes]] = lambda frame: [frame],
        answer: Change = lambda _, given: given,
        request: Callable[[MutableMapping[str, str]], None] = lambda _: None,
    ) -> None:
        self._frames = frames
        self._answer = answer
        self._request = request
        # Every request stands for itself: no bound on connections, and nobody's cookies go with another's request.
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx2.AsyncClient(
            base_url=url, timeout=None, trust_env=False, verify=False, limits=httpx2.Limits(), cookies=cookies
        )
        self._listening = listening(self._serve)
        self.url = ""

    async def __aenter__(self) -> Self:
        self.url = f"http://127.0.0.1:{await self._listening.__aenter__()}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listening.__aexit__(kind, error, trace)
        await self._http.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
            body = await reader.readexactly(int(headers.pop("content-length", "0")))
            headers.pop("accept-encoding", None)
            self._request(headers)
            async with self._http.stream(method, path, headers=headers, content=body) as response:
                await self._hand_on(path, response, reader, writer)
        except (OSError, EOFError, httpx2.TransportError):
            pass  # one of the two has gone away

    async def _hand_on(
        self, path: str, response: httpx2.Response, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            changed = self._answer(path, Given(response.status_code, await response.aread()))
            given = changed if isinstance(changed, Given) else await changed
            writer.write(_head(given.status, response.headers) + given.body)
            await writer.drain()
            return
        writer.write(_head(response.status_code, response.headers))
        gone = asyncio.create_task(reader.read())
        sending = asyncio.create_task(self._send_frames(response, writer))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)

    async def _send_frames(self, response: httpx2.Response, writer: asyncio.StreamWriter) -> None:
        async for frame in _split(response.aiter_bytes()):
            for changed in self._frames(frame):
                writer.write(changed + b"\n\n")
            await writer.drain()


async def _split(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    pending = b""
    async for chunk in chunks:
        *frames, pending = (pending + chunk).split(b"\n\n")
        for frame in frames:
            yield frame


def _head(status: int, headers: httpx2.Headers) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() not in _HOP]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")

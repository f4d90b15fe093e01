"""A small HTTP/1.1 client over raw sockets: it must cost the machine little, or it would be what is measured."""

import asyncio
import time
from collections.abc import Iterator
from typing import NamedTuple, cast


class Reply(NamedTuple):
    """One answer."""

    status: int
    body: bytes
    seconds: float


class Connection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        """Connect."""
        reader, writer = await asyncio.open_connection(host, port)
        return cls(reader, writer, f"{host}:{port}")

    async def post(self, path: str, token: str, body: bytes, *, key: str | None = None) -> Reply:
        """Send JSON and await the whole answer."""
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        if key is not None:
            head += f"Idempotency-Key: {key}\r\n"
        begun = time.perf_counter()
        self._writer.write(head.encode() + b"\r\n" + body)
        head_bytes = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head_bytes.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = await self._reader.readexactly(length)
        return Reply(int(head_bytes[9:12]), answer, time.perf_counter() - begun)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


class Drain(asyncio.Protocol):
    """An open stream whose bytes are counted and thrown away."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.bytes = 0
        self.first_bytes_at: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        if self.first_bytes_at is None:
            self.first_bytes_at = time.perf_counter()
        self.bytes += len(data)


def stream_request(host: str, port: int, token: str, cursor: str | None = None) -> bytes:
    """The request that opens a stream."""
    resume = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
    return (f"GET /v1/stream HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n{resume}\r\n").encode()


def percentiles(values: list[float]) -> Iterator[tuple[str, float]]:
    """The median, p99 and maximum."""
    ordered = sorted(values)
    for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        yield name, ordered[min(len(ordered) - 1, int(len(ordered) * share))]

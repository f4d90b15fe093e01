"""A client of a stream over a raw socket: it reads only when told, can be cut at any byte, and comes back."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from tests.support.timing.waiting import until
from tests.support.wire.sse import Frame, SseParser

READ_BYTES: Final = 65536
PATIENCE_S: Final = 120.0  # for what comes within a second, on a machine that may do much else
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: on, for 0 s


class StreamEnded(Exception):
    """The server has ended the answer, or closed or reset the connection."""


class Connection:
    """One `GET` of a stream. Nothing is read from the socket but what a caller asks for."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._parser = SseParser()
        self._pending = b""  # of the head, or of a chunk's size line
        self._chunk_left = 0
        self._chunked = False
        self.is_over = False  # the answer has ended
        self.status: int | None = None  # None until the head has come
        self.headers: dict[str, str] = {}
        self.received_bytes = 0
        self.body = b""  # all of it, without the chunks' frames

    @classmethod
    async def open(
        cls,
        url: str,
        path: str = "/v1/stream",
        *,
        headers: Mapping[str, str | bytes] | None = None,
        receive_buffer: int | None = None,
    ) -> "Connection":
        """Connect and send the request.

        Args:
            receive_buffer: Bytes of the kernel for this socket, so that a reader that rests is soon felt.
        """
        parts = urlsplit(url)
        sock = socket.socket()
        try:
            if receive_buffer is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.settimeout(0)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(sock, (parts.hostname, parts.port))
            lines = [b"GET %s HTTP/1.1" % path.encode(), b"Host: %s" % parts.netloc.encode()]
            for name, value in {"Accept": "text/event-stream", **(headers or {})}.items():
                lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
            await loop.sock_sendall(sock, b"\r\n".join([*lines, b"", b""]))
        except BaseException:
            sock.close()
            raise
        return cls(sock)

    @property
    def port(self) -> int:
        """This end's."""
        port: int = self._socket.getsockname()[1]
        return port

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def read(self, bytes_max: int = READ_BYTES) -> list[Frame]:
        """Read once from the socket; give the frames that are complete now. Raises StreamEnded."""
        if self.is_over:
            raise StreamEnded
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, bytes_max)
        except ConnectionError as error:
            raise StreamEnded from error
        if not data:
            raise StreamEnded
        self.received_bytes += len(data)
        body = self._body_in(data)
        self.body += body
        return self._parser.feed(body)

    async def read_until(
        self, enough: Callable[[list[Frame]], bool] = bool, within_s: float = PATIENCE_S
    ) -> list[Frame]:
        """Read on until the frames read by this call are enough; all of them."""
        frames: list[Frame] = []
        async with asyncio.timeout(within_s):
            while not enough(frames):
                frames += await self.read()
        return frames

    async def read_to_end(self, within_s: float = PATIENCE_S) -> list[Frame]:
        """Read until the server ends the stream."""
        frames: list[Frame] = []
        async with asyncio.timeout(within_s):
            try:
                while True:
                    frames += await self.read()
            except StreamEnded:
                return frames

    def close(self) -> None:
        """Go away politely."""
        self._socket.close()

    def cut(self) -> None:
        """Go away as a phone in a tunnel's end does: with a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._socket.close()

    def _body_in(self, data: bytes) -> bytes:
        self._pending += data
        if self.status is None and not self._take_head():
            return b""
        if not self._chunked:
            body, self._pending = self._pending, b""
            return body
        return b"".join(iter(self._take_chunk, b""))

    def _take_head(self) -> bool:
        head, end, rest = self._pending.partition(b"\r\n\r\n")
        if not end:
            return False
        status_line, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status_line.split()[1])
        for line in lines:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        self._chunked = self.headers.get("transfer-encoding") == "chunked"
        self._pending = rest
        return True

    def _take_chunk(self) -> bytes:
        """Give what there is of the present chunk; nothing when more must be read."""
        if not self._chunk_left:
            size, end, rest = self._pending.removeprefix(b"\r\n").partition(b"\r\n")
            if not end:
                return b""
            self._chunk_left, self._pending = int(size, 16), rest
            self.is_over = not self._chunk_left
        part = self._pending[: self._chunk_left]
        self._pending = self._pending[len(part) :]
        self._chunk_left -= len(part)
        return part


@dataclass
class Follower:
    """A client that keeps what it received, and its cursor, over any number of connections.

    Args:
        token: Its bearer token.
        path: Of the stream.
        cursor: The id it saw last; None: never saw any.
    """

    token: str
    path: str = "/v1/stream"
    cursor: str | None = None
    frames: list[Frame] = field(default_factory=list)
    """Every frame of the log, in the order received."""
    greetings: list[dict[str, Any]] = field(default_factory=list)
    """The data of each `connected`."""
    raw: list[Frame] = field(default_factory=list)
    """Every frame with an event, logged or not."""

    @property
    def position(self) -> int:
        """Where its cursor stands in the log."""
        assert self.cursor is not None
        return int(self.cursor.rpartition(".")[2])

    async def connect(self, url: str, *, receive_buffer: int | None = None) -> Connection:
        """Open the stream where it was left."""
        headers: dict[str, str | bytes] = {"Authorization": f"Bearer {self.token}"}
        if self.cursor is not None:
            headers["Last-Event-ID"] = self.cursor
        return await Connection.open(url, self.path, headers=headers, receive_buffer=receive_buffer)

    def take(self, frames: list[Frame]) -> None:
        """Keep what came, as a browser would: the id first, then the event."""
        for frame in frames:
            if frame.id is not None:
                self.cursor = frame.id
            if not frame.event:
                continue
            self.raw.append(frame)
            if frame.event == "connected":
                self.greetings.append(json.loads(frame.data))
            elif frame.id is not None:
                self.frames.append(frame)

    async def read_from(self, connection: Connection, bytes_max: int) -> bool:
        """Read up to so many bytes of one connection. False when the server ended it earlier."""
        try:
            while (left := bytes_max - connection.received_bytes) > 0:
                self.take(await connection.read(min(left, READ_BYTES)))
        except StreamEnded:
            return False
        return True

    @classmethod
    async def from_now(cls, url: str, token: str, path: str = "/v1/stream") -> "Follower":
        """A client that has been greeted with a snapshot, and has gone away."""
        follower = cls(token, path)
        await follower.follow(url, done=lambda: bool(follower.greetings))
        assert follower.cursor is not None
        return follower

    async def until_events(self, url: str, count: int) -> None:
        """Come back, and follow until so many events of the log have come in all."""
        await self.follow(url, done=lambda: len(self.frames) >= count)

    async def reach(self, url: str, position: int) -> None:
        """Come back, and follow until this position of the log has come."""
        await self.follow(url, done=lambda: self.position >= position)

    async def follow(self, url: str, *, done: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        """Follow one connection until `done`, then go away."""
        with await self.connect(url) as connection:
            async with asyncio.timeout(within_s):
                while not done():
                    self.take(await connection.read())

    def of(self, event: str) -> list[dict[str, Any]]:
        """The data of every frame of one kind."""
        return [json.loads(frame.data) for frame in self.raw if frame.event == event]


async def knock(follower: Follower, url: str, within_s: float = PATIENCE_S) -> Connection:
    """Open the stream as soon as somebody listens there."""

    async def answered() -> Connection | None:
        try:
            return await follower.connect(url)
        except ConnectionError:
            return None

    return await until(answered, within_s=within_s, message="the stream's server listens")

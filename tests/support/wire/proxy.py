"""A TCP proxy on the loopback interface that can fail the way networks do."""

import asyncio
import socket
import struct
from types import TracebackType
from typing import Final, Literal, Self

from tests.support.wire.listener import listening

Mode = Literal["pass", "black-hole", "swallow-streams"]
_CHUNK: Final = 65_536
_STREAM: Final = b"GET /v1/stream"


class Proxy:
    """Forwards to one port, as an async context manager.

    Attributes:
        mode: `pass`; or `black-hole`: every connection, old or new, stays open and what is sent through it is lost.
            A connection that has lost bytes stays a black hole. Or `swallow-streams`: as a proxy that waits for the end
            of an answer before it passes it on, so that nothing comes back on a connection that asks for a stream.
    """

    def __init__(self, target_port: int) -> None:
        self.mode: Mode = "pass"
        self.port = 0
        self._target_port = target_port
        self._listening = listening(self._serve)
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self.port = await self._listening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        await self._listening.__aexit__(kind, error, trace)

    @property
    def connections(self) -> int:
        """How many connections are open from our side."""
        return len(self._writers) // 2

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self._writers:
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            self._writers.add(far_writer)
            swallowed = asyncio.Event()
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, far_writer, asks=swallowed))
                both.create_task(self._forward(far_reader, writer, answers=swallowed))
        except (OSError, ExceptionGroup):
            pass  # a connection that breaks is what this is for
        finally:
            for end in (writer, far_writer):
                if end is not None:
                    self._writers.discard(end)
                    _reset(end)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        asks: asyncio.Event | None = None,
        answers: asyncio.Event | None = None,
    ) -> None:
        lost = False
        while chunk := await reader.read(_CHUNK):
            if asks is not None and self.mode == "swallow-streams" and chunk.startswith(_STREAM):
                asks.set()
            lost = lost or self.mode == "black-hole" or (answers is not None and answers.is_set())
            if not lost:
                writer.write(chunk)
                await writer.drain()
        if self.mode == "pass":
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with an RST rather than in order."""
    sock: socket.socket = writer.get_extra_info("socket")
    if not writer.transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

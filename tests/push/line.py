"""A client's line in memory: what a writer writes, piece by piece, to a client that reads only when it is asked to."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from festival_push.push.hub.frames import LAST_CHUNK
from festival_push.push.streams.direct import DirectStream
from festival_push.push.streams.registry import StreamRegistry
from festival_push.push.streams.request import StreamRequest


class FakeLine:
    """Holds one piece and asks for a pause with it, as the portable way does: until that has been taken."""

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque()
        self.is_closing = False
        self.is_aborted = False
        self.is_lost = False
        self._writer: DirectStream | None = None
        self._changed = asyncio.Event()

    def attach(self, writer: DirectStream) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        if self.is_closing or self.is_lost:
            return
        assert data
        self.pieces.append(data)
        if self._writer is not None:
            self._writer.pause()
        self._changed.set()

    def close(self) -> None:
        self.is_closing = True
        self._changed.set()

    def abort(self) -> None:
        self.pieces.clear()
        self.is_closing = self.is_aborted = True
        asyncio.get_running_loop().call_soon(self.lose)

    def lose(self) -> None:
        """The client has gone."""
        if self.is_lost:
            return
        self.is_lost = True
        self._changed.set()
        if self._writer is not None:
            self._writer.lost()
            self._writer = None

    async def piece(self) -> bytes | None:
        """The next piece; None when there will be none."""
        while not self.pieces:
            if self.is_closing or self.is_lost:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self.pieces.popleft()

    def taken(self) -> None:
        """The client has read the piece."""
        if self._writer is not None and not self.pieces:
            self._writer.resume()


async def follow(streams: StreamRegistry, request: StreamRequest) -> AsyncGenerator[bytes, None]:
    """The body of a stream that is written to a line, as `StreamRegistry.follow` would give it."""
    line = FakeLine()
    opening = asyncio.create_task(streams.write(request, line))
    try:
        whole = False
        while (piece := await line.piece()) is not None:
            assert not whole, "something came after the end"
            data, whole = decode_chunks(piece)
            yield data
            line.taken()
        assert whole == (not line.is_aborted and not line.is_lost)
    finally:
        line.lose()
        await opening


def decode_chunks(piece: bytes) -> tuple[bytes, bool]:
    """The data of some whole chunks, and whether the last one is among them."""
    is_last = piece.endswith(LAST_CHUNK)
    rest, data = piece.removesuffix(LAST_CHUNK), b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        assert length
        data += rest[:length]
        assert rest[length : length + 2] == b"\r\n"
        rest = rest[length + 2 :]
    return data, is_last

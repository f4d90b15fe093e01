"""The raw client reads every framing of a body, whatever the pieces, and keeps its cursor as a browser does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.support.follower import Connection, Follower

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
EVENTS = [b"retry: 5\nid: e.1\nevent: connected\ndata: {}\n\n", b"id: e.2\nevent: balance-updated\ndata: {}\n\n:\n\n"]
PLAIN = HEAD + b"\r\n" + b"".join(EVENTS)
CHUNKED = (
    HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in EVENTS)
    + b"0\r\n\r\n"
)


@asynccontextmanager
async def answering(answer: bytes, piece: int) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives this answer in pieces, and shows the request heads that it got."""
    requests: list[bytes] = []

    async def answer_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        for start in range(0, len(answer), piece):
            writer.write(answer[start : start + piece])
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(answer_one, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}", requests


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize("answer", [PLAIN, CHUNKED], ids=["plain", "chunked"])
async def test_every_framing_in_every_piece(answer: bytes, piece: int) -> None:
    follower = Follower("token", cursor="e.0")
    async with answering(answer, piece) as (url, requests):
        with await follower.connect(url) as stream:
            follower.take(await stream.read_to_end())
    assert b"\r\nLast-Event-ID: e.0\r\n" in requests[0]
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
    assert stream.body == b"".join(EVENTS)
    assert (follower.greetings, follower.cursor, follower.position) == ([{}], "e.2", 2)
    assert [frame.event for frame in follower.frames] == ["balance-updated"]


@pytest.mark.parametrize("leave", [Connection.close, Connection.cut])
async def test_a_cut_stops_at_its_byte_and_keeps_whole_frames_only(leave: Callable[[Connection], None]) -> None:
    for cut in range(len(CHUNKED)):
        follower = Follower("token")
        async with answering(CHUNKED, 10_000) as (url, _):
            stream = await follower.connect(url)
            assert await follower.read_from(stream, cut)
            leave(stream)
        assert stream.received_bytes == cut
        whole = [each for each in EVENTS if each.split(b"\n\n")[0] + b"\n\n" in stream.body]
        assert follower.cursor == (f"e.{len(whole)}" if whole else None)

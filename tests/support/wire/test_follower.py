"""The raw client reads every framing of a body, whatever the pieces, and keeps its cursor as a browser does."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support.wire.follower import Connection, Follower

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
EVENTS = [b"retry: 5\nid: e.1\nevent: connected\ndata: {}\n\n", b"id: e.2\nevent: balance-updated\ndata: {}\n\n:\n\n"]
PLAIN = HEAD + b"\r\n" + b"".join(EVENTS)
LAST_CHUNK = b"0\r\n\r\n"
CHUNKED = (
    HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in EVENTS)
    + LAST_CHUNK
)


@contextmanager
def answering(answer: bytes, piece: int) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives this answer in pieces to one client, and shows the request head that it got."""
    requests: list[bytes] = []

    def answer_one() -> None:
        with suppress(ConnectionError), listener.accept()[0] as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            requests.append(connection.recv(65536))
            for start in range(0, len(answer), piece):
                connection.sendall(answer[start : start + piece])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_one)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
        thread.join()


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize("answer", [PLAIN, CHUNKED], ids=["plain", "chunked"])
async def test_every_framing_in_every_piece(answer: bytes, piece: int) -> None:
    follower = Follower("token", cursor="e.0")
    with answering(answer, piece) as (url, requests), await follower.connect(url) as stream:
        follower.take(await stream.read_to_end())
    assert b"\r\nLast-Event-ID: e.0\r\n" in requests[0]
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
    assert stream.body == b"".join(EVENTS)
    assert (follower.greetings, follower.cursor, follower.position) == ([{}], "e.2", 2)
    assert [frame.event for frame in follower.frames] == ["balance-updated"]


@pytest.mark.parametrize("leave", [Connection.close, Connection.cut])
async def test_a_cut_stops_at_its_byte_and_keeps_whole_frames_only(leave: Callable[[Connection], None]) -> None:
    for cut in range(len(CHUNKED) - len(LAST_CHUNK)):
        follower = Follower("token")
        with answering(CHUNKED, 10_000) as (url, _):
            stream = await follower.connect(url)
            assert await follower.read_from(stream, cut)
            leave(stream)
        assert stream.received_bytes == cut
        whole = [each for each in EVENTS if each.split(b"\n\n")[0] + b"\n\n" in stream.body]
        assert follower.cursor == (f"e.{len(whole)}" if whole else None)

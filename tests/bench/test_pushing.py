"""Each peer of server-sent events that is installed here pushes what it is told to: to all its streams, and to each."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from bench.peer import PAYLOAD, all_peers

NAMES = ["Node http, by hand", "better-sse", "uWebSockets.js"]
STREAMS = 3
WITHIN_S = 20


@pytest.fixture(params=NAMES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    found, missing = all_peers(tmp_path / "floor")
    if request.param in missing:
        pytest.skip(missing[request.param])
    [peer] = [peer for peer in found if peer.name == request.param]
    with peer.running():
        yield peer.url


@contextmanager
def stream(url: str) -> Iterator[BinaryIO]:
    """What comes from the socket, chunked or not: an event is in one chunk, so its lines are whole."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=WITHIN_S) as connection:
        connection.sendall(f"GET /stream HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n".encode())
        with connection.makefile("rb") as lines:
            assert lines.readline() == b"HTTP/1.1 200 OK\r\n"
            yield lines


def tell(url: str, path: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=WITHIN_S)
    try:
        connection.request("POST", path, PAYLOAD, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"{}")
    finally:
        connection.close()


def next_data(lines: BinaryIO) -> object:
    while not (line := lines.readline()).startswith(b"data:"):
        assert line, "the stream ended"
    return json.loads(line.removeprefix(b"data:"))


def test_an_event_goes_to_all_streams_and_one_to_each(url: str) -> None:
    with ExitStack() as stack:
        with stream(url):
            pass  # who has left is no hindrance
        streams = [stack.enter_context(stream(url)) for _ in range(STREAMS)]
        tell(url, "/publish")
        assert [next_data(one) for one in streams] == [json.loads(PAYLOAD)] * STREAMS
        tell(url, f"/spray?n={STREAMS}")
        tell(url, "/publish")
        for one in streams:
            assert [next_data(one) for _ in range(2)], "one by itself, one with the others"

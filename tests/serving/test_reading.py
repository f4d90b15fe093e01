"""Requests arrive whole or not at all: however their bytes are cut, and whatever protocol they offer to change to."""

import socket
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.serving.http_server import LIMITS, SmallServer, assert_problem, get, read_to_end, read_until
from tests.support.timing.waiting import until_sync

BODY = b'{"amount": 500}'
CURL = (
    b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
    b"Content-Type: application/json\r\n"
)
JDK = (
    b"POST /echo HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: 127.0.0.1:8000\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n"
    b"User-Agent: Java-http-client/17.0.16\r\nContent-Type: application/json\r\n"
)
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = (
    b"Transfer-Encoding: chunked\r\n\r\n4\r\n"
    + BODY[:4]
    + b"\r\nb;x=y\r\n"
    + BODY[4:]
    + b"\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@pytest.mark.parametrize("framed", [LENGTH, CHUNKED], ids=["length", "chunked"])
@pytest.mark.parametrize("head", [CURL, JDK], ids=["curl", "jdk"])
@pytest.mark.parametrize("parts", [1, 2], ids=["at once", "body later"])
def test_a_request_that_offers_http_2_keeps_its_body_and_its_connection(
    server: SmallServer, head: bytes, framed: bytes, parts: int
) -> None:
    with server.connect() as client:
        for _ in range(2):  # the JDK's client offers it with the first request only, curl with each
            if parts == 1:
                server.send(client, head + framed)
            else:
                before, empty_line, after = (head + framed).partition(b"\r\n\r\n")
                server.send(client, before + empty_line)
                server.send(client, after)
            answer = read_until(client, BODY)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" not in answer
        client.sendall(get("/after"))
        read_until(client, b"/after")
    assert server.app.bodies == [("/echo", BODY), ("/echo", BODY), ("/after", b"")]


def test_the_application_sees_the_head_without_the_offer(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(JDK + LENGTH)
        read_until(client, BODY)
    names = [name for name, _ in server.app.headers]
    assert b"upgrade" not in names
    assert {b"host", b"user-agent", b"content-type", b"content-length"} <= set(names)


def test_an_upgrade_is_answered_as_plain_http_and_what_follows_is_http(server: SmallServer) -> None:
    upgrade = b"GET /echo HTTP/1.1\r\nHost: x\r\n" + UPGRADE + b"\r\n"
    with server.connect() as client:
        client.sendall(upgrade + get("/second") + upgrade + b"\x81\x85\r\n")
        answers = read_to_end(client)
    assert answers.count(b"HTTP/1.1 200 ") == 3
    assert answers.endswith(b"\r\n\r\n/echo")  # bytes of another protocol end the connection, after what is owed
    assert server.app.seen == {"/echo": 2, "/second": 1}


def test_an_upgrade_over_http_1_0_is_ignored(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"POST /echo HTTP/1.0\r\n" + UPGRADE + LENGTH)
        assert read_to_end(client).endswith(BODY)


@pytest.mark.parametrize("framed", [LENGTH[:-1], CHUNKED[:-1], CHUNKED[:-30], LENGTH[: -len(BODY)]])
@pytest.mark.parametrize("offer", [b"", UPGRADE], ids=["plain", "upgrade"])
def test_a_body_that_does_not_come_whole_is_none(server: SmallServer, offer: bytes, framed: bytes) -> None:
    with server.connect() as client:
        server.send(client, b"POST /echo HTTP/1.1\r\nHost: x\r\n" + offer + framed)
        until_sync(lambda: server.app.seen["/echo"] == 1)
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == b""
    until_sync(lambda: server.app.seen["/echo gone"] == 1)
    with server.connect() as client:
        server.send(client, b"POST /echo HTTP/1.1\r\nHost: x\r\n" + offer + framed)
        server.pass_time(LIMITS.body_s)
        assert_problem(read_to_end(client), 408, "request-timeout")
    until_sync(lambda: server.app.seen["/echo gone"] == 2)
    assert server.app.bodies == []


@pytest.mark.parametrize(
    "framed",
    [
        b"Transfer-Encoding: gzip\r\n\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_an_upgrade_does_not_hide_framing_that_is_wrong(server: SmallServer, framed: bytes) -> None:
    with server.connect() as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\n" + UPGRADE + framed)
        assert_problem(read_to_end(client), 400, "bad-request")
    assert server.app.bodies == []


def test_an_upgrade_does_not_hide_a_head_that_is_too_large(server: SmallServer) -> None:
    large = b"GET /echo HTTP/1.1\r\nHost: x\r\n" + UPGRADE + b"X: " + b"y" * LIMITS.head_bytes_max
    for head in (large, b"GET /echo HTTP/1.1\r\n" + UPGRADE + b"X: y\r\n" * LIMITS.headers_max):
        with server.connect() as client:
            client.sendall(head + b"\r\n\r\n")
            assert_problem(read_to_end(client), 431, "headers-too-large")
    assert server.app.seen == {}


@dataclass(frozen=True)
class Sent:
    """A request: its bytes, and the body that they declare."""

    body: bytes
    chunks: tuple[int, ...] | None  # where the body is cut into chunks; None: it has a length
    offers: bool

    def encoded(self, path: str) -> bytes:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode() + (UPGRADE if self.offers else b"")
        if self.chunks is None:
            return head + b"Content-Length: %d\r\n\r\n" % len(self.body) + self.body
        ends = sorted({end for end in self.chunks if 0 < end < len(self.body)} | {len(self.body)})
        parts = [self.body[start:end] for start, end in pairwise([0, *ends])]
        chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part]
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n"


SENT = st.builds(
    Sent,
    body=st.binary(max_size=300) | st.just(get("/smuggled")),
    chunks=st.none() | st.lists(st.integers(1, 300), max_size=4).map(tuple),
    offers=st.booleans(),
)


def test_the_application_sees_each_declared_body_exactly_or_no_request(server: SmallServer) -> None:
    """Whatever is cut where, pipelined, or cut off."""

    @given(
        requests=st.lists(SENT, min_size=1, max_size=4),
        cuts=st.lists(st.floats(0, 1), max_size=6),
        missing=st.just(0) | st.integers(1, 400),
    )
    def holds(requests: list[Sent], cuts: list[float], missing: int) -> None:
        server.app.bodies.clear()
        stream, whole = b"", []
        encoded = [(f"/n{number}", each.body, each.encoded(f"/n{number}")) for number, each in enumerate(requests)]
        length = sum(len(data) for _, _, data in encoded) - missing
        for path, body, data in encoded:
            stream += data
            if len(stream) <= length:
                whole.append((path, body))
        stream = stream[: max(length, 1)]
        places = sorted({0, len(stream), *(round(cut * len(stream)) for cut in cuts)})
        with server.connect() as client:
            for start, end in pairwise(places):
                server.send(client, stream[start:end])
            until_sync(lambda: len(server.app.bodies) >= len(whole))
        until_sync(lambda: not server.connections() and not server.server.server_state.tasks)
        assert server.app.bodies == whole

    holds()

"""The server's own answers: a page of another site reads them only if it may."""

from collections.abc import Iterator

import pytest

from festival_push.serving.refusals import readable_by
from tests.serving.http_server import LIMITS, LoopName, SmallServer, assert_problem, read_to_end
from tests.support.timing.clocks import Clock

PAGE = "https://app.festival.example"
ALLOWED = f"access-control-allow-origin: {PAGE}\r\naccess-control-allow-credentials: true\r\nvary: Origin\r\n".encode()


@pytest.fixture
def server(loop: LoopName) -> Iterator[SmallServer]:
    with SmallServer(LIMITS, loop, clock=Clock(), origins=[PAGE, "null"]).running() as server:
        yield server


def test_only_one_allowed_origin_is_named() -> None:
    page = PAGE.encode()
    assert readable_by({page}, [(b"host", b"x"), (b"origin", page)]) == ALLOWED
    for others in ([], [b"null"], [b"https://evil.example"], [page, b"https://evil.example"]):
        assert readable_by({page}, [(b"origin", origin) for origin in others]) == b""
    assert readable_by((), [(b"origin", page)]) == b""


@pytest.mark.parametrize(
    ("rest", "status", "code"),
    [
        (b"X: " + b"y" * 20_000, 431, "headers-too-large"),
        (b"X: y\r\n" * 30 + b"\r\n", 431, "headers-too-large"),
        (b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", 400, "bad-request"),
        (b"Expect: nonsense\r\n\r\n", 417, "expectation-failed"),
    ],
)
def test_an_allowed_page_reads_why_it_was_refused(server: SmallServer, rest: bytes, status: int, code: str) -> None:
    for origin, lines in ((PAGE, 1), ("https://evil.example", 0), ("null", 0)):
        with server.connect() as client:
            client.sendall(f"POST /echo HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\n".encode() + rest)
            answer = read_to_end(client)
        assert_problem(answer, status, code)
        assert answer.count(ALLOWED) == lines
        assert answer.lower().count(b"access-control") == 2 * lines


def test_a_slow_body_is_told_to_the_page_that_sent_it(server: SmallServer) -> None:
    with server.connect() as client:
        server.send(client, f"POST /echo HTTP/1.1\r\nHost: x\r\nOrigin: {PAGE}\r\nContent-Length: 9\r\n\r\n".encode())
        server.pass_time(LIMITS.body_s)
        answer = read_to_end(client)
    assert_problem(answer, 408, "request-timeout")
    assert ALLOWED in answer

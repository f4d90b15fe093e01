"""What a head says of itself: its size, and what it expects."""

import pytest

from festival_push.serving.heads import expectations, head_bytes
from tests.serving.http_server import SmallServer, assert_problem, post, read_to_end, read_until
from tests.support.timing.waiting import until_sync


def expecting(expects: bytes, *, version: bytes = b"1.1") -> bytes:
    return b"POST /echo HTTP/%s\r\nHost: x\r\n%s\r\nContent-Length: 4\r\n\r\n" % (version, expects)


def test_a_heads_size_is_that_of_its_target_and_its_lines() -> None:
    assert head_bytes(b"/a", []) == 2
    assert head_bytes(b"/a", [(b"host", b"x"), (b"y", b"")]) == 2 + len(b"host: x\r\n") + len(b"y: \r\n")


def test_expectations_are_a_list_in_any_case() -> None:
    headers = [(b"expect", b"100-Continue , x"), (b"host", b"y"), (b"expect", b", Z ")]
    assert expectations(headers) == {b"100-continue", b"x", b"z"}
    assert expectations([(b"expect", b"")]) == set()


@pytest.mark.parametrize(
    "expects", [b"Expect: 100-continue", b"Expect: 100-Continue ", b"Expect: 100-continue,\r\nexpect: 100-continue"]
)
def test_the_body_is_asked_for(server: SmallServer, expects: bytes) -> None:
    with server.connect() as client:
        client.sendall(expecting(expects))
        assert read_until(client, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"body")
        assert read_until(client, b"body").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("expects", [b"Expect: 200-ok", b"Expect: 100-continue, more", b"Expect: 100-continue=1"])
def test_an_unknown_expectation_is_answered_417(server: SmallServer, counted: dict[str, int], expects: bytes) -> None:
    with server.connect() as client:
        client.sendall(expecting(expects) + b"body")
        assert_problem(read_to_end(client), 417, "expectation-failed")
    assert counted["expectation-failed"] == 1
    assert server.app.seen == {}


def test_an_empty_expectation_is_none(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(expecting(b"Expect: "))
        until_sync(lambda: server.app.seen["/echo"] == 1)
        client.sendall(b"body")
        assert read_until(client, b"body").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("expects", [b"Expect: 100-continue", b"Expect: 200-ok"])
def test_what_an_http_1_0_client_expects_is_ignored(server: SmallServer, expects: bytes) -> None:
    with server.connect() as client:
        client.sendall(expecting(expects, version=b"1.0"))
        until_sync(lambda: server.app.seen["/echo"] == 1)
        client.sendall(b"body")
        answer = read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nbody")


def test_a_417_does_not_overtake_an_answer_that_is_owed(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect() as client:
        client.sendall(post("/wait", b"paid") + expecting(b"Expect: nonsense"))
        until_sync(lambda: counted["expectation-failed"] == 1)
        server.app.gate.set()
        assert read_to_end(client).endswith(b"\r\n\r\npaid")

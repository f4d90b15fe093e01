"""The bytes of answers to HTTP/1.0 requests: never in chunks; what has no length ends with the connection."""

import logging
import socket

import pytest

from tests.serving.http_server import SmallServer, read_until


def read_all(client: socket.socket) -> bytes:
    """Read until the server closes in order; a reset raises."""
    received = b""
    while data := client.recv(65536):
        received += data
    return received


def answer_to(server: SmallServer, request: bytes) -> tuple[bytes, bytes]:
    """Return the head, in lower case, and the body of an answer that ends its connection in order."""
    with server.connect() as client:
        client.sendall(request)
        received = read_all(client)
    head, _, body = received.partition(b"\r\n\r\n")
    return head.lower(), body


@pytest.mark.parametrize("more", [b"", b"Connection: keep-alive\r\n", b"Host: x\r\nTE: trailers\r\n"])
def test_a_body_of_unknown_length_ends_with_the_connection(server: SmallServer, more: bytes) -> None:
    head, body = answer_to(server, b"GET /parts HTTP/1.0\r\n" + more + b"\r\n")
    assert head.startswith(b"http/1.1 200 ")
    assert b"transfer-encoding" not in head
    assert b"content-length" not in head
    assert b"\r\nconnection: close" in head
    assert body == b"first last"


def test_one_client_reads_2_mb_and_the_last_word(server: SmallServer) -> None:
    server.app.gate.set()
    _, body = answer_to(server, b"GET /burst HTTP/1.0\r\n\r\n")
    assert (len(body), body[-5:]) == (2 * 1024 * 1024 + 4, b"xlast")


def test_a_length_stays(server: SmallServer) -> None:
    head, body = answer_to(server, b"POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nbody")
    assert b"\r\ncontent-length: 4" in head
    assert b"transfer-encoding" not in head
    assert body == b"body"


def test_the_answer_to_head_has_no_body(server: SmallServer) -> None:
    head, body = answer_to(server, b"HEAD /parts HTTP/1.0\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert body == b""


def test_a_request_behind_one_is_not_answered_into_its_body(server: SmallServer) -> None:
    _, body = answer_to(server, b"GET /parts HTTP/1.0\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
    assert body == b"first last"


def test_a_body_that_breaks_off_does_not_pass_for_a_whole_one(
    server: SmallServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "uvicorn.error")  # which reports the application's failure
    with server.connect() as client:
        client.sendall(b"GET /broken HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            read_all(client)


def test_a_client_that_leaves_is_noticed(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
        head = read_until(client, b"first")
        assert head.lower().endswith(b"\r\n\r\nfirst")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b""
    assert server.app.seen["/stream"] == 1


def test_http_1_1_still_has_chunks(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"GET /parts HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"transfer-encoding: chunked" in read_until(client, b"0\r\n\r\n")

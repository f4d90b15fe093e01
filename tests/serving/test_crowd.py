"""Places and bytes for all connections together: one address never takes more than half, and the log says so rarely."""

import logging
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest

from festival_push.serving.addresses import in_both_kinds
from festival_push.serving.crowd import ALMOST_ALL_FILES, LOG_EVERY_S, SPARE_FILES, AddressShare, Crowd, places_for
from tests.serving.http_server import (
    CHUNK,
    LIMITS,
    LoopName,
    SmallServer,
    assert_problem,
    get,
    post,
    read_to_end,
    read_until,
)
from tests.support.timing.clocks import Clock
from tests.support.timing.waiting import until_sync

PROXY = "192.0.2.1"
FD = 10


def crowd_of(connections_max: int, *, held_bytes_max: int = 1000, clock: Clock | None = None) -> Crowd:
    return Crowd(
        connections_max, held_bytes_max, trusted_proxies=in_both_kinds([PROXY, "fd00::5"]), clock=clock or Clock()
    )


def entered(crowd: Crowd, host: str, times: int = 1) -> list[AddressShare]:
    shares = [crowd.enter(host, FD) for _ in range(times)]
    return [share for share in shares if share is not None]


def test_one_address_takes_half_and_all_together_take_all(counted: dict[str, int]) -> None:
    crowd = crowd_of(10)
    assert len(entered(crowd, "10.0.0.1", 7)) == 5
    assert counted["connections-of-address"] == 2
    (other,) = entered(crowd, "10.0.0.2")
    assert len(entered(crowd, "10.0.0.3", 7)) == 4
    assert counted["connections-full"] == 3
    other.leave()
    assert len(entered(crowd, "10.0.0.1")) == 0
    assert len(entered(crowd, "10.0.0.2")) == 1


def test_a_trusted_proxy_takes_all() -> None:
    for host in (PROXY, f"::ffff:{PROXY}", "fd00::5"):
        assert len(entered(crowd_of(10), host, 12)) == 10
    assert len(entered(crowd_of(10), "fd00::6", 12)) == 5  # a neighbour of the proxy is not trusted


def test_an_ipv6_network_is_one_address_and_a_mapped_one_is_ipv4() -> None:
    crowd = crowd_of(10)
    assert [len(entered(crowd, f"2001:db8::{number}")) for number in range(1, 7)] == [1, 1, 1, 1, 1, 0]
    assert len(entered(crowd, "2001:db8:0:ffff::1")) == 0  # a household has hundreds of such networks
    assert len(entered(crowd, "2001:db8:1::1")) == 1
    crowd = crowd_of(4)
    assert len(entered(crowd, "10.0.0.1") + entered(crowd, "::ffff:10.0.0.1", 2)) == 2


def test_nothing_is_remembered_of_who_has_left() -> None:
    crowd = crowd_of(10)
    for share in entered(crowd, "10.0.0.1", 9) + entered(crowd, "2001:db8::1", 3):
        share.leave()
    assert (crowd.connections, crowd._shares) == (0, {})
    assert len(entered(crowd, "10.0.0.1", 5)) == 5


def test_bytes_are_shared_as_places_are() -> None:
    crowd = crowd_of(10, held_bytes_max=1000)
    (one,), (other,), (proxy,) = (entered(crowd, host) for host in ("10.0.0.1", "10.0.0.2", PROXY))
    assert one.hold(500)
    assert not one.hold(1)
    assert one.hold(-1)
    assert proxy.hold(500)
    assert not other.hold(1)
    assert proxy.hold(-1)
    assert crowd.held_bytes == 1000


def test_the_log_says_it_once_in_ten_seconds_and_how_often(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    crowd = crowd_of(4, clock=clock)
    entered(crowd, "10.0.0.1", 500)
    clock.now_s += LOG_EVERY_S - 0.1
    entered(crowd, "10.0.0.1")
    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == ["uvicorn.error"]
    clock.now_s += 0.1
    entered(crowd, "10.0.0.1")
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("1 new connections were closed at once, the last from 10.0.0.1: 2 are open, 2 of them from")
    assert second.startswith("499 new connections were closed at once")  # since the first line
    assert "limits.connections_max is 4" in second


def test_the_log_says_once_that_files_run_out(caplog: pytest.LogCaptureFixture, counted: dict[str, int]) -> None:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    crowd = crowd_of(1_000_000)
    assert crowd.enter("10.0.0.1", files - ALMOST_ALL_FILES - 1)
    assert caplog.records == []
    for fileno in range(files - ALMOST_ALL_FILES, files):
        assert crowd.enter("10.0.0.1", fileno)
    (record,) = caplog.records
    assert (record.levelno, f"the {files} files" in record.getMessage()) == (logging.ERROR, True)
    assert sum(counted.values()) == 0


def test_without_a_setting_the_places_come_from_the_limit_of_open_files() -> None:
    assert crowd_of(0).connections_max == places_for(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    assert [places_for(files) for files in (64, 1024, 65536)] == [32, 1024 - SPARE_FILES, 65536 - SPARE_FILES]


# On real sockets


@pytest.fixture
def crowd() -> Crowd:
    return Crowd(4, 200_000, trusted_proxies=["127.0.0.9"], clock=Clock())


@pytest.fixture
def server(loop: LoopName, crowd: Crowd) -> Iterator[SmallServer]:
    limits = replace(LIMITS, body_s=20.0)
    with SmallServer(limits, loop, clock=Clock(), crowd=crowd).running() as running:
        yield running


def connect_from(server: SmallServer, address: str) -> socket.socket:
    """A client at an address of this machine; who finds no place may learn it before the connection is made."""
    client = socket.socket()
    client.settimeout(60.0)
    client.bind((address, 0))
    with suppress(ConnectionResetError):
        client.connect(("127.0.0.1", server.port))
    return client


def is_served(client: socket.socket) -> bool:
    try:
        client.sendall(get("/echo"))
        return client.recv(65536).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def test_who_finds_no_place_is_closed_at_once_and_others_are_served(
    server: SmallServer, crowd: Crowd, counted: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    with ExitStack() as stack:
        greedy = [stack.enter_context(connect_from(server, "127.0.0.1")) for _ in range(5)]
        assert [is_served(client) for client in greedy] == [True, True, False, False, False]
        other = stack.enter_context(connect_from(server, "127.0.0.2"))
        assert is_served(other)
        assert is_served(stack.enter_context(connect_from(server, "127.0.0.9")))
        assert not is_served(stack.enter_context(connect_from(server, "127.0.0.3")))
        other.close()
        until_sync(lambda: crowd.connections == 3)
        assert is_served(stack.enter_context(connect_from(server, "127.0.0.9")))
    until_sync(lambda: crowd.connections == 0)
    assert counted == dict.fromkeys(counted, 0) | {"connections-of-address": 3, "connections-full": 1}
    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == ["uvicorn.error"]


def half_a_body(path: str = "/echo") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n".encode() + CHUNK


def test_bodies_that_one_address_holds_open_are_bounded_and_others_finish_theirs(
    server: SmallServer, crowd: Crowd, counted: dict[str, int]
) -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(connect_from(server, "127.0.0.1")) for _ in range(2))
        server.send(first, half_a_body())
        assert crowd.held_bytes == len(CHUNK)
        second.sendall(half_a_body())
        answer = read_to_end(second)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 1\r\n" in answer
        assert b'"code": "overloaded"' in answer
        assert counted["bodies-held"] == 1
        until_sync(lambda: server.app.seen["/echo gone"] == 1, message="what it held is free")
        assert crowd.held_bytes == len(CHUNK)
        other = stack.enter_context(connect_from(server, "127.0.0.2"))
        other.sendall(half_a_body() + b"!")
        read_until(other, b"!")
        first.sendall(b"!")
        read_until(first, b"!")
        until_sync(lambda: crowd.held_bytes == 0)
    assert counted["bodies-held"] == 1


@pytest.mark.parametrize("how", ["behind a request", "to a request that does not read them"])
def test_bodies_that_wait_for_an_answer_count_too(
    server: SmallServer, crowd: Crowd, counted: dict[str, int], how: str
) -> None:
    body = CHUNK[:60_000]
    sent = get("/lazy") + post("/echo", body) if how == "behind a request" else post("/lazy", body)
    with ExitStack() as stack:
        first, second = (stack.enter_context(connect_from(server, "127.0.0.1")) for _ in range(2))
        server.send(first, sent)
        until_sync(lambda: crowd.held_bytes == len(body))
        second.sendall(sent)
        assert read_to_end(second) == b""  # an answer of our own would pass for one that is owed
        assert counted["bodies-held"] == 1
        until_sync(lambda: crowd.held_bytes == len(body))
        server.app.gate.set()
        read_until(first, body)
        until_sync(lambda: crowd.held_bytes == 0)


def test_a_small_body_passes_though_all_that_may_be_held_is(server: SmallServer, crowd: Crowd) -> None:
    crowd.held_bytes = 200_001
    with server.connect() as client:
        client.sendall(post("/echo", b"a small order"))
        read_until(client, b"a small order")
        head, _, body = post("/echo", b"another").partition(b"\r\n\r\n")
        server.send(client, head + b"\r\n\r\n")
        client.sendall(body)
        read_until(client, b"another")


def test_a_body_that_the_server_has_refused_is_not_held(server: SmallServer, crowd: Crowd) -> None:
    with server.connect() as client:
        client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        read_until(client, b"early")
        for _ in range(10):
            server.send(client, CHUNK)
        assert crowd.held_bytes == 0
        server.pass_time(20.0)
        read_to_end(client)
    until_sync(lambda: crowd.connections == 0)


def test_a_refusal_gives_back_what_was_held(server: SmallServer, crowd: Crowd) -> None:
    with server.connect() as client:
        server.send(client, half_a_body())
        server.pass_time(20.0)
        assert_problem(read_to_end(client), 408, "request-timeout")
        assert crowd.held_bytes == 0

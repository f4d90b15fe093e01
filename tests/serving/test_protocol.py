"""What a connection may take: time on a clock that the test moves, bytes over a real socket, on both loops."""

import asyncio
import logging
import resource
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from festival_push.serving.limits import LINGER_S, PIPELINE_MAX
from tests.serving.http_server import (
    KEEP_ALIVE_S,
    LIMITS,
    CountingProtocol,
    LoopName,
    SmallServer,
    assert_problem,
    get,
    post,
    read_to_end,
    read_until,
)
from tests.support.timing.waiting import until_sync


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a client does to us, it writes nothing into our log."""
    caplog.set_level(logging.WARNING)
    yield
    assert caplog.records == []


def is_open(connection: CountingProtocol) -> bool:
    return not connection.transport.is_closing()


# Time


def stop(server: SmallServer, connection: CountingProtocol) -> None:
    """What a server that stops says to each connection."""
    server.server.loop.call_soon_threadsafe(connection.shutdown)


def test_who_has_just_come_when_the_server_stops_is_answered_and_nobody_waits_for_the_silent(
    server: SmallServer,
) -> None:
    with server.connect() as quick, server.connect() as late, server.connect() as silent:
        connections = [server.connection_of(client) for client in (quick, late, silent)]
        server.send(late, b"GET /late HTTP/1.1\r\n")
        for connection in connections:
            stop(server, connection)
        for client, rest in ((quick, b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"), (late, b"Host: x\r\n\r\n")):
            client.sendall(rest)
            answer = read_to_end(client)
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            assert b"connection: close" in answer.lower()
        assert is_open(connections[2])
        server.pass_time(1.0)
        assert read_to_end(silent) == b""


def test_who_came_long_ago_and_said_nothing_is_closed_when_the_server_stops(server: SmallServer) -> None:
    with server.connect() as client:
        connection = server.connection_of(client)
        server.pass_time(1.0)
        stop(server, connection)
        assert read_to_end(client) == b""


def test_a_silent_connection_is_closed_without_an_answer(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect() as client:
        connection = server.connection_of(client)
        server.pass_time(LIMITS.head_s - 0.1)
        assert is_open(connection)
        server.pass_time(0.1)
        assert read_to_end(client) == b""
    assert counted["head-timeout"] == 1


def test_the_sweeper_looks_by_itself(loop: LoopName, counted: dict[str, int]) -> None:
    with SmallServer(replace(LIMITS, head_s=0.2), loop).running() as server:
        began_s = time.monotonic()
        with server.connect() as client:
            assert read_to_end(client) == b""
        assert time.monotonic() - began_s >= 0.19
    assert counted["head-timeout"] == 1


def test_half_a_head_is_answered_408(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect() as client:
        server.send(client, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        server.pass_time(LIMITS.head_s)
        assert_problem(read_to_end(client), 408, "request-timeout")
    assert counted["head-timeout"] == 1


def drip(server: SmallServer, client: socket.socket, data: bytes, *, over_s: float) -> None:
    """Send the same bytes ten times, the last time right before `over_s` have passed, and then let them pass."""
    for _ in range(10):
        connection = server.send(client, data)
        assert is_open(connection)
        server.pass_time(over_s / 10)


def test_dripping_a_head_does_not_extend_its_deadline(server: SmallServer) -> None:
    with server.connect() as client:
        server.send(client, b"GET / HTTP/1.1\r\n")
        drip(server, client, b"X", over_s=LIMITS.head_s)
        assert_problem(read_to_end(client), 408, "request-timeout")


def test_empty_lines_for_ever_are_no_request(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(get("/echo"))
        read_until(client, b"/echo")
        drip(server, client, b"\r\n", over_s=LIMITS.head_s)
        assert_problem(read_to_end(client), 408, "request-timeout")


def test_a_dripping_body_is_answered_408_and_the_application_hears_of_it(
    server: SmallServer, counted: dict[str, int]
) -> None:
    with server.connect() as client:
        server.send(client, b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        drip(server, client, b"1", over_s=LIMITS.body_s)
        assert_problem(read_to_end(client), 408, "request-timeout")
    assert counted["body-timeout"] == 1
    until_sync(lambda: server.app.seen["/echo gone"] == 1)


def test_a_body_that_drips_on_after_its_answer_is_cut_without_a_second_answer(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n1")
        answer = read_until(client, b"early")
        drip(server, client, b"1", over_s=LIMITS.body_s)
        answer += read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nearly")


def test_a_later_request_on_the_connection_has_its_own_deadline(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(get("/echo"))
        read_until(client, b"/echo")
        server.pass_time(2 * LIMITS.head_s)  # idle: that is the keep-alive timeout's affair
        connection = server.send(client, get("/echo")[:-2])
        server.pass_time(LIMITS.head_s - 0.1)
        assert is_open(connection)
        client.sendall(b"\r\n")
        read_until(client, b"/echo")
        server.send(client, b"GET /echo HT")
        server.pass_time(LIMITS.head_s - 0.1)
        assert is_open(connection)
        server.pass_time(0.1)
        assert_problem(read_to_end(client), 408, "request-timeout")


def test_an_idle_connection_is_closed_after_the_keep_alive_timeout(
    server: SmallServer, counted: dict[str, int]
) -> None:
    with server.connect() as client:
        client.sendall(get("/echo"))
        read_until(client, b"/echo")
        connection = server.connection_of(client)
        server.pass_time(KEEP_ALIVE_S - 0.1)
        assert is_open(connection)
        server.pass_time(0.1)
        assert read_to_end(client) == b""
    assert sum(counted.values()) == 0


def test_an_application_that_takes_its_time_is_not_cut_off(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect() as client:
        client.sendall(post("/wait", b"paid"))
        until_sync(lambda: server.app.seen["/wait"] == 1)
        server.send(client, b"\r\n")  # some clients end a body with an empty line
        for _ in range(3):
            server.pass_time(10 * KEEP_ALIVE_S)
        server.app.gate.set()
        assert read_until(client, b"paid").startswith(b"HTTP/1.1 200 ")
    assert sum(counted.values()) == 0


def test_a_body_that_the_application_keeps_waiting_is_not_cut_off(server: SmallServer) -> None:
    body, rest = b"b" * 100_000, b"r" * 10_000  # more than is read ahead of the application
    with server.connect() as client:
        head = b"POST /lazy HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body + rest)
        client.sendall(head + body)
        connection = server.connection_of(client)
        until_sync(lambda: connection.flow.read_paused)
        client.sendall(rest)
        for _ in range(3):
            server.pass_time(LIMITS.body_s)
        assert is_open(connection)
        server.app.gate.set()
        assert read_until(client, body + rest).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_the_application_has_not_asked_for_is_not_cut_off(server: SmallServer) -> None:
    with server.connect() as client:
        expect = b"POST /lazy HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        connection = server.send(client, expect)
        until_sync(lambda: server.app.seen["/lazy"] == 1)
        for _ in range(3):
            server.pass_time(LIMITS.body_s)
        assert is_open(connection)
        server.app.gate.set()
        read_until(client, b"100 Continue")
        client.sendall(b"body")
        assert read_until(client, b"body").startswith(b"HTTP/1.1 200 ")


def test_a_connection_answered_before_its_body_had_come_is_idle_from_then(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1")
        read_until(client, b"early")
        server.pass_time(LIMITS.body_s - 0.1)
        connection = server.send(client, b"2")
        server.pass_time(KEEP_ALIVE_S - 0.1)
        assert is_open(connection)
        server.pass_time(0.1)
        assert read_to_end(client) == b""


# Size


def test_a_head_at_its_limit_passes_and_one_byte_more_does_not(server: SmallServer) -> None:
    def sent(head_bytes: int) -> bytes:
        spare = head_bytes - len("/echo") - len("Host: x\r\n") - len("X: \r\n")
        with server.connect() as client:
            client.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\nX: " + b"y" * spare + b"\r\n\r\n")
            return client.recv(65536)

    assert sent(LIMITS.head_bytes_max).startswith(b"HTTP/1.1 200 ")
    assert sent(LIMITS.head_bytes_max + 1).startswith(b"HTTP/1.1 431 ")


def test_a_head_too_large_is_found_however_it_is_cut(server: SmallServer) -> None:
    head = b"GET /echo HTTP/1.1\r\nHost: x\r\nX: " + b"y" * LIMITS.head_bytes_max + b"\r\n\r\n"
    for cut in (1, 20, 40, 2000, LIMITS.head_bytes_max, len(head) - 1):
        with server.connect() as client:
            server.send(client, head[:cut])
            client.sendall(head[cut:])
            assert_problem(read_to_end(client), 431, "headers-too-large")


def test_a_large_body_before_a_pipelined_head_does_not_count_for_it(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(post("/echo", b"b" * 300_000) + get("/second"))
        received = read_until(client, b"/second")
    assert received.count(b"HTTP/1.1 200 ") == 2


def test_fifty_megabytes_of_header_are_answered_431_and_not_kept(server: SmallServer, counted: dict[str, int]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with server.connect() as client:
        client.sendall(b"GET /echo HTTP/1.1\r\nX: ")
        try:
            for _ in range(50):
                client.sendall(b"y" * 1_000_000)
            pytest.fail("all of it was taken")
        except OSError:
            pass
    assert counted["headers-too-large"] == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000  # KiB


def test_a_client_that_reads_only_after_sending_gets_its_431(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"GET /echo HTTP/1.1\r\nX: " + b"y" * 500_000)
        client.shutdown(socket.SHUT_WR)
        assert_problem(read_to_end(client), 431, "headers-too-large")


def test_one_header_too_many_is_answered_431(server: SmallServer) -> None:
    def sent(headers: int) -> bytes:
        with server.connect() as client:
            client.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * (headers - 1) + b"\r\n")
            return client.recv(65536)

    assert sent(LIMITS.headers_max).startswith(b"HTTP/1.1 200 ")
    assert_problem(sent(LIMITS.headers_max + 1), 431, "headers-too-large")


def test_trailers_are_bounded_and_never_become_headers(server: SmallServer) -> None:
    chunked = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
    with server.connect() as client:
        client.sendall(chunked + b"X-Forwarded-For: 10.0.0.1\r\n\r\n")
        read_until(client, b"ok")
    assert [name for name, _ in server.app.headers] == [b"host", b"transfer-encoding"]
    with server.connect() as client:
        client.sendall(chunked + b"X: " + b"y" * 100_000)
        assert_problem(read_to_end(client), 431, "headers-too-large")


# What is not HTTP


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the first bytes of TLS
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab",
        b"CONNECT /echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: no host\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHOST: x\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    ],
)
def test_malformed_requests_are_answered_400(server: SmallServer, counted: dict[str, int], sent: bytes) -> None:
    with server.connect() as client:
        client.sendall(sent)
        assert_problem(read_to_end(client), 400, "bad-request")
    assert counted["bad-request"] == 1


def test_a_malformed_body_is_answered_400_and_the_application_hears_of_it(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
        until_sync(lambda: server.app.seen["/echo"] == 1)
        client.sendall(b"nonsense\r\n")
        assert_problem(read_to_end(client), 400, "bad-request")
    until_sync(lambda: server.app.seen["/echo gone"] == 1)


def test_a_refusal_takes_the_place_of_a_100_that_has_not_gone_out(
    server: SmallServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Both in one turn of the loop: the application asks for the body while what comes of it is nonsense."""
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    loop = server.server.loop
    with server.connect() as client:
        connection = server.connection_of(client)

        def arrive() -> None:
            connection.data_received(head)
            loop.call_soon(connection.data_received, b"nonsense\r\n")

        loop.call_soon_threadsafe(arrive)
        assert_problem(read_to_end(client), 400, "bad-request")
    until_sync(lambda: not server.connections())
    assert [record.getMessage() for record in caplog.records] == []


# Pipelining


def test_pipelined_requests_are_answered_in_order(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(post("/wait", b"one") + get("/two") + get("/three"))
        until_sync(lambda: server.app.seen["/wait"] == 1)
        server.app.gate.set()
        answers = read_until(client, b"/three")
    assert answers.index(b"one") < answers.index(b"/two") < answers.index(b"/three")


@pytest.mark.parametrize("waiting", [b"", get("/two")])
@pytest.mark.parametrize("bad", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000])
def test_an_answer_of_our_own_never_overtakes_one_that_is_owed(
    server: SmallServer, counted: dict[str, int], bad: bytes, waiting: bytes
) -> None:
    with server.connect() as client:
        client.sendall(post("/wait", b"paid") + waiting + bad)
        until_sync(lambda: sum(counted.values()) == 1)
        server.app.gate.set()
        answers = read_to_end(client)
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert b"paid" in answers
    assert answers.endswith(b"/two" if waiting else b"paid")
    assert b"problem+json" not in answers


def test_a_malformed_body_in_the_pipeline_leaves_the_answers_before_it(server: SmallServer) -> None:
    bad = b"POST /bad HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"
    with server.connect() as client:
        client.sendall(post("/wait", b"paid") + bad)
        until_sync(lambda: server.app.seen["/wait"] == 1)
        server.app.gate.set()
        assert read_to_end(client).endswith(b"\r\n\r\npaid")
    assert server.app.seen["/bad"] == 0


def test_endless_pipelining_is_cut_off_after_the_answers_that_are_owed(
    server: SmallServer, counted: dict[str, int]
) -> None:
    with server.connect() as client:
        client.sendall(post("/wait", b"one") + get("/n") * 5000)
        until_sync(lambda: counted["pipeline-too-long"] == 1)
        server.app.gate.set()
        answers = read_to_end(client)
    assert answers.count(b"HTTP/1.1 200 ") == 1 + PIPELINE_MAX
    assert server.app.seen["/n"] == PIPELINE_MAX


def test_a_stream_hears_of_its_clients_end_though_a_request_is_pipelined_behind_it(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(get("/stream") + get("/two"))
        read_until(client, b"first")
    until_sync(lambda: server.app.seen["/stream gone"] == 1)


# Readers


def test_a_reader_that_stops_is_aborted_while_others_are_served(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect(receive_buffer=4096) as slow, server.connect() as other:
        slow.sendall(get("/flood"))
        stalled = server.connection_of(slow)
        until_sync(lambda: stalled.flow.write_paused)
        for _ in range(20):
            other.sendall(get("/echo"))
            read_until(other, b"/echo")
        server.pass_time(LIMITS.write_stall_s - 0.1)
        assert is_open(stalled)
        server.pass_time(0.1)
        until_sync(lambda: server.app.seen["/flood gone"] == 1)
        until_sync(lambda: len(server.connections()) == 1)
        other.sendall(get("/echo"))
        read_until(other, b"/echo")
        with pytest.raises(ConnectionResetError):
            read_until(slow, b"never")
    assert counted["write-stall"] == 1


def test_a_reader_that_has_caught_up_is_not_aborted(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect() as client:
        client.sendall(get("/burst"))
        received = b""
        while len(received) < 2_000_000:
            received += client.recv(65536)
        (connection,) = server.connections()
        until_sync(lambda: not connection.flow.write_paused, message="the server has seen that all was taken")
        for _ in range(3):
            server.pass_time(LIMITS.write_stall_s)
        server.app.gate.set()
        read_until(client, b"last")
    assert counted["write-stall"] == 0


def test_a_write_right_behind_an_abort_raises_nothing(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(get("/stream"))
        read_until(client, b"first")
        (connection,) = server.connections()

        async def abort_and_write() -> None:
            connection.abort()
            await connection.cycle.send({"type": "http.response.body", "body": b"second", "more_body": True})

        asyncio.run_coroutine_threadsafe(abort_and_write(), connection.loop).result(60.0)
        until_sync(lambda: server.app.seen["/stream gone"] == 1)


def test_a_refusal_does_not_reset_a_client_that_is_still_sending(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"nonsense\r\n\r\n")
        assert_problem(read_to_end(client), 400, "bad-request")
        for _ in range(15):
            server.send(client, b"x")


def test_a_reader_that_reads_on_is_not_aborted(server: SmallServer, counted: dict[str, int]) -> None:
    with server.connect() as client:
        client.sendall(get("/flood"))
        connection = server.connection_of(client)
        for _ in range(5):
            until_sync(lambda: connection.flow.write_paused)
            deadline = connection._write_deadline
            server.pass_time(LIMITS.write_stall_s - 0.1)
            while connection._write_deadline == deadline:
                assert client.recv(65536)
    assert counted["write-stall"] == 0


def test_a_closed_connection_does_not_wait_for_a_reader_that_stopped(
    server: SmallServer, counted: dict[str, int]
) -> None:
    body = b"b" * 3_000_000
    with server.connect(receive_buffer=4096) as slow:
        slow.sendall(post("/wait", body).replace(b"Host: x", b"Host: x\r\nConnection: close"))
        connection = server.connection_of(slow)
        server.app.gate.set()
        until_sync(lambda: connection.flow.write_paused and connection.transport.is_closing())
        server.pass_time(LIMITS.write_stall_s)
        until_sync(lambda: not server.connections())
    assert counted["write-stall"] == 1


def test_a_few_bytes_left_after_the_close_are_not_waited_for_either(
    server: SmallServer, counted: dict[str, int]
) -> None:
    """Too few to pause the writer: only the sweep over closing connections finds these."""
    with server.connect(receive_buffer=4096) as slow:
        slow.sendall(get("/stream"))
        connection = server.connection_of(slow)
        until_sync(lambda: server.app.seen["/stream"] == 1)
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

        def fill_and_close() -> None:
            while connection.transport.get_write_buffer_size() < 40_000:
                connection.transport.write(b"x" * 2000)
            assert not connection.flow.write_paused
            connection.transport.close()

        connection.loop.call_soon_threadsafe(fill_and_close)
        until_sync(connection.transport.is_closing)
        server.pass_time(0)  # the first look finds that it is closing
        server.pass_time(LIMITS.write_stall_s - 0.1)
        assert server.connections() == [connection]
        server.pass_time(0.1)
        until_sync(lambda: not server.connections())
    assert counted["write-stall"] == 1


def test_a_refused_client_that_sends_on_is_cut_off_after_a_bounded_time(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(b"nonsense\r\n\r\n")
        read_until(client, b"bad-request")
        drip(server, client, b"x", over_s=LINGER_S)
        until_sync(lambda: not server.connections())
        with pytest.raises(OSError, match=r"reset|Broken"):
            until_sync(lambda: client.sendall(b"x"))


def test_small_answers_are_not_held_back(server: SmallServer) -> None:
    with server.connect() as client:
        client.sendall(get("/stream"))
        read_until(client, b"first")
        raw = server.connections()[0].transport.get_extra_info("socket")
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0

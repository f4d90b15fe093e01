import multiprocessing
import os
import signal
import socket
import time
from collections import Counter
from contextlib import ExitStack, suppress

import pytest

from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.listening import ListenError, open_listener
from festival_push.serving.processes.process import ACCEPTS, TIMES
from festival_push.serving.processes.supervisor import START_S, Heartbeats
from festival_push.serving.server import serve
from festival_push.settings import Server
from tests.serving.http_server import read_to_end, read_until
from tests.serving.program import END_WITHIN_S, Program, Start, pids_of
from tests.serving.served_app import ADDRESSES, TWO_ADDRESSES, Options
from tests.support.proc import has_ended, open_files
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until_sync


def refuses(program: Program, port: int | None = None) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port or program.port)) != 0


# The listener


@pytest.mark.parametrize("workers", [1, 2])
def test_every_worker_serves_all_addresses(start: Start, workers: int) -> None:
    program = start(Options(host=TWO_ADDRESSES, workers=workers))
    assert program.said[0] == f"http://{TWO_ADDRESSES}:{program.port}"
    for address in ADDRESSES:
        assert len(pids_of(program, workers, address=address)) == workers
    assert program.end(signal.SIGTERM) == 0
    for address in ADDRESSES:
        with socket.socket() as client:
            assert client.connect_ex((address, program.port)) != 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken_is_told_from_an_address_that_is_not_ours(workers: int) -> None:
    def serve_at(host: str, port: int) -> int:
        limits = ProtocolLimits()
        return serve("nothing:app", host=host, port=port, workers=workers, limits=limits, drain_s=0)

    with open_listener("127.0.0.1", 0, ProtocolLimits()) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ListenError, match=rf"^port {port} of 127\.0\.0\.1 is taken$") as caught:
            serve_at("127.0.0.1", port)
    assert caught.value.taken
    with pytest.raises(ListenError, match=r"^can't listen on 192\.0\.2\.1 port 1: ") as caught:
        serve_at("192.0.2.1", 1)
    assert not caught.value.taken


@pytest.mark.parametrize("workers", [1, 2])
def test_every_worker_serves_the_operators_listener_too(start: Start, workers: int) -> None:
    port = free_port()
    program = start(Options(workers=workers, ops_port=port))
    assert program.port != port
    pids = pids_of(program, workers)
    assert pids_of(program, workers, port=port) == pids
    assert program.end(signal.SIGTERM) == 0
    assert refuses(program, port)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_operators_listener_that_is_taken_is_told_before_anything_starts(start: Start, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = f"port {port} of 127.0.0.1 is taken"
        refused = start(Options(workers=workers, ops_port=port), serving=False)
        assert refused.process.wait(END_WITHIN_S) == 1
        assert f"ListenError: {said}\n" in refused.complained
        assert refused.said == []
        program = start(Options(workers=workers, ops_port=port, ops_needed=False), serving=False)
        until_sync(lambda: len(program.said) == 2, within_s=60, message="it serves")
        assert program.said[0] == said
        assert len(pids_of(program, workers, port=int(program.said[1].rpartition(":")[2]))) == workers


@pytest.mark.parametrize("workers", [1, 2])
def test_as_many_files_are_asked_for_as_there_may_be_connections(start: Start, workers: int) -> None:
    program = start(Options(workers=workers, files=(256, 3000)))
    assert program.number("/files") == 3000


def test_many_newcomers_are_taken_in_one_turn_of_the_loop(start: Start) -> None:
    program = start()
    sockets = Counter(target for target in open_files(program.process.pid) if target.startswith("socket:"))
    assert ACCEPTS in sockets.values(), "the loop waits on so many copies of the listening socket"
    with ExitStack() as stack:
        clients = [stack.enter_context(program.connect("GET /hello")) for _ in range(4 * ACCEPTS)]
        for client in clients:
            read_until(client, b"200 OK")


# The end


def test_by_default_it_ends_before_docker_loses_its_patience() -> None:
    assert TIMES.end_s(Server().drain_s) < 10


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_time_and_in_silence_though_streams_are_stuck(
    start: Start, how: signal.Signals, workers: int
) -> None:
    program = start(Options(workers=workers))
    with (
        program.connect("GET /stream") as stream,
        program.connect("GET /sse") as sse,
        program.connect("GET /flood", receive_buffer=4096),
        program.connect("GET /st"),
        program.connect(),
    ):
        read_until(stream, b"tick")
        read_until(sse, b"tick")
        assert program.end(how) == 0
    # One worker may have closed before the other has drained.
    assert program.said[1] == "drained"
    assert sorted(program.said[1:]) == [*["closed"] * workers, *["drained"] * workers]
    assert program.complained == ""


def test_during_the_drain_streams_live_and_newcomers_are_served(start: Start) -> None:
    program = start(Options(drain="asked"))
    with program.connect("GET /sse") as sse, program.connect("GET /stream") as stream:
        read_until(sse, b"tick")
        program.process.send_signal(signal.SIGTERM)
        until_sync(lambda: program.said[1:] == ["draining"])
        until_s = time.monotonic() + 1.0  # sse-starlette, left alone, ends its streams within 0.5 s
        while time.monotonic() < until_s:
            assert program.hello() == program.process.pid
            read_until(sse, b"tick")
            read_until(stream, b"tick")
        assert program.number("/enough") == program.process.pid
        assert program.process.wait(END_WITHIN_S) == 0
        assert refuses(program)
    assert program.complained == ""


def test_a_drain_that_hangs_is_cut_short(start: Start) -> None:
    program = start(Options(drain="endless", drain_s=0.2, late_s=0.1))
    assert program.end(signal.SIGTERM) == 0
    assert program.said[1:] == ["draining", "closed"]
    assert program.complained == "The drain was cut short after 0.3 s\n"


def test_a_failing_drain_is_told_and_does_not_stop_the_end(start: Start) -> None:
    program = start(Options(drain="failing"))
    assert program.end(signal.SIGTERM) == 0
    assert "ConnectionError: no Redis" in program.complained
    assert program.said[1:] == ["closed"]


def test_a_command_in_hand_is_answered(start: Start) -> None:
    program = start(Options(quiesce_s=60))
    with program.connect() as client:
        client.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\npaid")
        until_sync(lambda: "taken" in program.said)
        program.process.send_signal(signal.SIGTERM)
        answer = read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\npaid")
    assert program.process.wait(END_WITHIN_S) == 0
    assert program.complained == ""


def test_an_application_that_hears_nothing_is_cancelled_without_a_traceback(start: Start) -> None:
    program = start(Options(settle_s=1))
    with program.connect("GET /deaf") as client:
        read_until(client, b"tick")
        assert program.end(signal.SIGTERM) == 0
    assert program.complained == "Cancel 1 running task(s), timeout graceful shutdown exceeded\n"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_forces_the_end(start: Start, workers: int) -> None:
    program = start(Options(workers=workers, drain="endless"))
    with program.connect("GET /stream") as stream, program.connect("GET /sse") as sse:
        read_until(stream, b"tick")
        read_until(sse, b"tick")
        program.process.send_signal(signal.SIGTERM)
        until_sync(lambda: program.said[1:] == ["draining"] * workers)
        assert program.end(signal.SIGTERM) == 0
    assert program.complained == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_an_application_that_cannot_start_ends_the_server(start: Start, workers: int) -> None:
    program = start(Options(workers=workers, drain="no-start"), serving=False)
    assert program.process.wait(END_WITHIN_S) == 3
    assert "no database" in program.complained


# Faults


def test_running_out_of_files_stops_the_server_for_no_longer_than_it_lasts(start: Start) -> None:
    program = start(Options(files=(64, 64), connections_max=1000))
    with ExitStack() as crowd:
        for _ in range(150):
            crowd.enter_context(program.connect())
        until_sync(lambda: len(os.listdir(f"/proc/{program.process.pid}/fd")) >= 63)
        assert not _is_served(program)
    until_sync(lambda: _is_served(program))
    assert program.end(signal.SIGTERM) == 0
    assert program.complained.count("Almost all of the 64 files that may be open are") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_there_is_a_most_of_connections_and_the_log_says_when_it_is_reached(start: Start, workers: int) -> None:
    program = start(Options(connections_max=20, workers=workers))
    with ExitStack() as crowd:
        for _ in range(20 * workers + 20):
            with suppress(ConnectionResetError):  # of one that finds no place
                crowd.enter_context(program.connect())
        until_sync(lambda: "new connections were closed at once" in program.complained)
    pids_of(program, workers)
    assert program.end(signal.SIGTERM) == 0
    assert "(limits.connections_max is 20, half of it for one address)" in program.complained


def _is_served(program: Program) -> bool:
    try:
        return program.hello() == program.process.pid
    except (OSError, AssertionError):
        return False


def test_a_worker_that_dies_is_replaced_while_the_other_serves(start: Start) -> None:
    program = start(Options(workers=2))
    victim, other = pids_of(program, 2)
    os.kill(victim, signal.SIGKILL)
    until_sync(lambda: has_ended(victim))
    assert program.hello() != victim
    assert other in pids_of(program, 2)
    assert program.end(signal.SIGTERM) == 0


def test_a_worker_whose_loop_is_blocked_is_replaced(start: Start) -> None:
    program = start(Options(workers=2, stall_s=2.0))
    with program.connect("GET /block") as blocked:
        victim = int(until_sync(lambda: program.said[1:])[0].removesuffix(" is blocked"))
        assert read_to_end(blocked) == b""  # reset when its worker was killed
    until_sync(lambda: has_ended(victim))
    pids_of(program, 2, without=victim)
    assert program.end(signal.SIGTERM) == 0
    assert f"Worker {victim} has ended or does not respond; replacing it" in program.complained


def test_heartbeats_are_too_late_after_the_stall_and_not_before() -> None:
    ours, workers = multiprocessing.Pipe(duplex=False)
    with ours, workers:
        heartbeats = Heartbeats(ours, stall_s=10.0, now=0.0)
        assert heartbeats.are_in_time(START_S - 0.1)
        assert not heartbeats.are_in_time(START_S)
        assert not heartbeats.have_begun
        for now in (START_S, START_S + 9.0):
            os.write(workers.fileno(), b"...")
            assert heartbeats.are_in_time(now)
        assert heartbeats.have_begun
        assert heartbeats.are_in_time(START_S + 18.9)
        assert not heartbeats.are_in_time(START_S + 19.0)


def test_workers_end_when_their_supervisor_is_killed(start: Start) -> None:
    program = start(Options(workers=2))
    pids = pids_of(program, 2)
    program.process.kill()
    until_sync(lambda: all(has_ended(pid) for pid in pids), within_s=END_WITHIN_S)
    assert sorted(program.said[1:]) == ["closed", "closed", "drained", "drained"]
    assert refuses(program)

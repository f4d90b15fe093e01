"""A service of systemd: its socket outlives the server, and it hears how the server is."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from festival_push.serving.processes.systemd import SignsOfLife, notify
from tests.serving.http_server import read_to_end
from tests.serving.program import ROOT, Program, Start, pids_of
from tests.serving.served_app import Options
from tests.support.proc import has_ended
from tests.support.timing.waiting import until_sync

LAUNCHER = """
import os, sys
listener = int(sys.argv[1])
os.dup2(listener, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="http")
os.execv(sys.executable, [sys.executable, "-m", "tests.serving.served_app", "{\\"port\\": 1}"])
"""


class Service(Program):
    """`served_app` with a listener that somebody else holds."""

    def __init__(self, listener: socket.socket, folder: Path) -> None:
        self._outputs = folder / "stdout", folder / "stderr"
        with self._outputs[0].open("wb") as out, self._outputs[1].open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCHER, str(listener.fileno())],
                stdout=out,
                stderr=err,
                cwd=ROOT,
                pass_fds=[listener.fileno()],
            )


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def test_while_a_single_server_is_started_anew_nobody_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        first = Service(listener, tmp_path)
        try:
            first.wait_until_it_serves()
            assert first.port == port, "the socket counts, not the setting"
            assert first.hello() == first.process.pid
            assert first.end(signal.SIGTERM) == 0
        finally:
            first.process.kill()
            first.process.wait()
        with socket.create_connection(("127.0.0.1", port), timeout=60) as early:
            early.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            second = Service(listener, tmp_path)
            try:
                assert read_to_end(early).endswith(str(second.process.pid).encode())
                assert second.end(signal.SIGTERM) == 0
            finally:
                second.process.kill()
                second.process.wait()


@pytest.mark.parametrize("workers", [1, 2])
def test_systemd_hears_that_it_serves_that_it_lives_and_that_it_stops(
    start: Start, notices: socket.socket, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    program = start(Options(workers=workers))
    assert notices.recv(99) == b"READY=1"
    assert {notices.recv(99) for _ in range(3)} == {b"WATCHDOG=1"}
    assert program.end(signal.SIGTERM) == 0
    heard = until_sync(lambda: (said := notices.recv(99)) != b"WATCHDOG=1" and said)
    assert heard == b"STOPPING=1"


def test_signs_of_life_are_told_a_third_of_the_time_before_they_are_missed(
    notices: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    now_s = 0.0
    signs = SignsOfLife(lambda: now_s)
    notices.settimeout(0)
    told = []
    for now_s in range(31):
        signs()
        try:
            told.append((now_s, notices.recv(99)))
        except BlockingIOError:
            continue
    assert told == [(0, b"WATCHDOG=1"), (10, b"WATCHDOG=1"), (20, b"WATCHDOG=1"), (30, b"WATCHDOG=1")]


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")


def test_sighup_replaces_the_workers_one_after_the_other_and_refuses_nobody(start: Start) -> None:
    program = start(Options(workers=2, quiesce_s=2))
    before = pids_of(program, 2)
    os.kill(program.process.pid, signal.SIGHUP)

    def are_replaced() -> bool:
        program.hello()  # fails if a connection is refused or an answer is missing
        return all(has_ended(pid) for pid in before)

    until_sync(are_replaced, within_s=120)
    assert not before & pids_of(program, 2)
    assert program.end(signal.SIGTERM) == 0
    assert "Worker" not in program.complained


def test_sighup_does_not_end_a_single_process(start: Start) -> None:
    program = start(Options(workers=1))
    os.kill(program.process.pid, signal.SIGHUP)
    until_sync(lambda: "SIGHUP" in program.complained)
    assert program.hello() == program.process.pid
    assert program.end(signal.SIGTERM) == 0

"""Forked commands are like started ones: own environment, folder, output and exit code, and no longer than the run."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.support.proc import has_ended
from tests.support.servers.fork_server import ROOT, ForkedProcess, ForkServer, fork_server
from tests.support.servers.processes import end
from tests.support.timing.waiting import until_sync

ENV = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    "FESTIVAL_PUSH_SERVER__OPS_LISTEN": "",
}


def start(
    arguments: list[str], out: IO[bytes], folder: Path, by: ForkServer | None = None, **env: str
) -> ForkedProcess:
    config = ["--config", str(ROOT / "config.toml")]
    return (by or fork_server()).start([*arguments, *config], out=out, err=out, env=ENV | env, cwd=folder)


def test_a_command_prints_in_its_folder_and_tells_how_it_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as out:
        assert start(["migrate"], out, tmp_path, DATABASE_URL="sqlite:///here.db").wait(60) == 0
        assert start(["token", "nobody"], out, tmp_path, DATABASE_URL="sqlite:///here.db").wait(60) == 2
    assert (tmp_path / "here.db").exists()
    assert "there is no user 'nobody'" in log.read_text()
    assert "DATABASE_URL" not in os.environ


def test_a_server_ends_by_the_signal_that_it_is_sent(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for how, code in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
        with log.open("wb") as out:
            server = start(["serve", "--port", "0"], out, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/own.db")
        assert server.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(0.01)
        until_sync(lambda: b"listening on" in log.read_bytes())
        assert end(server, how) == code
        assert server.poll() == code
        server.kill()  # it has ended: nobody else is hit


def test_forked_servers_die_with_the_run_that_started_them(tmp_path: Path) -> None:
    starter = (
        "import sys; from pathlib import Path; from tests.support.servers.test_fork_server import start;"
        f"print(start(['serve', '--port', '0'], sys.stderr.buffer, Path({str(tmp_path)!r}),"
        f" DATABASE_URL='sqlite:///{tmp_path}/own.db').pid, flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", starter],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    with run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        assert not has_ended(pid)
        run.kill()
    until_sync(lambda: has_ended(pid), message="the server ended")


def test_a_fork_server_that_dies_says_so_to_whoever_waits(tmp_path: Path) -> None:
    server = ForkServer()
    with (tmp_path / "log").open("wb") as out:
        running = start(["serve", "--port", "0"], out, tmp_path, server, DATABASE_URL=f"sqlite:///{tmp_path}/own.db")
    server.kill()
    with pytest.raises(AssertionError, match="the fork server has ended"):
        running.wait(60)
    until_sync(lambda: has_ended(running.pid), message="what it forked has ended too")
    assert not server.is_running

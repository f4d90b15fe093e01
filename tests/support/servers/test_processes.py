"""Missing programs fail the run; servers end with whoever started them."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.proc import command_line, has_ended
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.processes import (
    READY_WITHIN_S,
    MissingProgram,
    end,
    find_program,
    finish,
    log_shown_on_failure,
    start,
)
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until_sync


def test_a_missing_program_fails_with_the_package_to_install() -> None:
    with pytest.raises(MissingProgram, match=r"no-such-program .*apt-get install some-package"):
        find_program("no-such-program", package="some-package")


def test_the_newest_of_the_hidden_programs_is_taken(tmp_path: Path) -> None:
    for version in ("9", "15"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "hidden-server").touch()
    found = find_program("hidden-server", package="p", debian_dirs=f"{tmp_path.relative_to('/')}/*/bin")
    assert found.parts[-3] == "15"


def test_a_server_that_ignores_the_polite_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.servers.processes.STOP_WITHIN_S", 0.2)
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    log_path = tmp_path / "log"
    with log_path.open("ab") as log:
        process = start([sys.executable, "-c", script], log=log)
    until_sync(lambda: b"deaf" in log_path.read_bytes())
    assert end(process, signal.SIGTERM) == -signal.SIGKILL


def test_a_program_that_does_not_finish_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "log").open("ab") as log:
        assert finish(start(["true"], log=log)) == 0
        monkeypatch.setattr("tests.support.servers.processes.FINISH_WITHIN_S", 0.05)
        process = start(["sleep", "600"], log=log)
    with pytest.raises(subprocess.TimeoutExpired):
        finish(process)
    assert process.returncode == -signal.SIGKILL


def test_a_server_dies_with_the_run_that_started_it() -> None:
    starter = (
        "import sys; from tests.support.servers.processes import start;"
        "print(start(['sleep', '600'], log=sys.stderr.buffer).pid, flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", starter],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    with run:
        assert run.stdout is not None
        server_pid = int(run.stdout.readline())
        until_sync(lambda: command_line(server_pid).startswith(b"sleep"))
        run.kill()
    until_sync(lambda: has_ended(server_pid), message="the server ended")


def test_what_a_server_logged_is_told_with_the_failure(tmp_path: Path) -> None:
    log_path = tmp_path / "log"
    log_path.write_text("disk full")
    with pytest.raises(OSError, match="start") as caught, log_shown_on_failure(log_path):
        raise OSError("start")
    assert "disk full" in caught.value.__notes__[0]


def test_a_server_that_gave_up_on_a_busy_database_is_started_anew(tmp_path: Path, primary: PostgresServer) -> None:
    server = ServerProcess(tmp_path, database_url=primary.migrated())

    def thaw() -> None:
        until_sync(lambda: "no answer in time" in server.read_log(), within_s=READY_WITHIN_S)
        primary.thaw()

    primary.freeze()
    thawing = threading.Thread(target=thaw)
    thawing.start()
    try:
        server.start()
        assert server.exit_code is None
    finally:
        thawing.join()
        server.kill()

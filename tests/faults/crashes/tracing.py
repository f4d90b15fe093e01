"""A running server's system calls, told and changed by strace."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers import processes
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until_sync

TRACEABLE = "tests.faults.crashes.points:lets_itself_be_traced"
"""What spoils a server so that it may be traced."""


@contextmanager
def traced(server: ServerProcess, folder: Path, *rules: str) -> Iterator[None]:
    """Trace a server by rules of strace, until the block ends."""
    said = folder / "strace"
    strace = str(processes.find_program("strace", package="strace"))
    with said.open("wb") as log, processes.log_shown_on_failure(said):
        tracing = processes.start([strace, "-f", *rules, "-p", str(server.pid)], log=log, leash=signal.SIGTERM)
        try:
            until_sync(lambda: b"attached" in said.read_bytes(), message="strace is attached")
            yield
        finally:
            tracing.send_signal(signal.SIGINT)  # it lets go of the server, which goes on
            assert tracing.wait(processes.STOP_WITHIN_S) in {-signal.SIGINT, 130}, said.read_text()

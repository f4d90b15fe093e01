"""A server as systemd runs it: a process of its own, whose listener somebody else holds, or not."""

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from tests.support.servers import processes
from tests.support.servers.server import ROOT, ServerProcess
from tests.support.timing.waiting import until_sync

_LAUNCHER: Final = """
import os, sys
listener, arguments = int(sys.argv[1]), sys.argv[2:]
os.dup2(listener, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="http")
os.execv(sys.executable, [sys.executable, "-m", "festival_push", *arguments])
"""


class Service(ServerProcess):
    """Started as `systemctl` does it, with all that Python has to read: the fork server of the tests is quicker.

    Args:
        home: For its database and its log.
        port: Where it listens.
        public_url: The proxy's.
        listener: systemd's socket; None: it opens its own.
    """

    def __init__(self, home: Path, port: int, public_url: str, listener: socket.socket | None) -> None:
        super().__init__(home, settings={"SERVER__PUBLIC_URL": public_url})
        self._port = str(port)
        self._listener = listener

    def launch(self) -> None:
        """Start it and return at once."""
        self._begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = self._spawn(log)

    def restart(self, on_end: Callable[[], object]) -> tuple[float, float]:
        """As `systemctl restart`: ask it to end, wait for that, start it, and wait until it serves.

        Args:
            on_end: Called between the two.
        Returns:
            How long the end took, and how long the start, in seconds.
        """
        begun_s = time.monotonic()
        assert self.terminate() == 0, self.read_log()[-2000:]
        ended_s = time.monotonic()
        on_end()
        self.launch()
        until_sync(self.listens, within_s=processes.READY_WITHIN_S, message="the server listens")
        return ended_s - begun_s, time.monotonic() - ended_s

    def _spawn(self, log: IO[bytes]) -> processes.Process:
        serve = ["serve", "--config", str(self.config), "--port", self._port]
        environ = self.environ | {"PYTHONPATH": str(ROOT)}
        if self._listener is None:
            return processes.start([sys.executable, "-m", "festival_push", *serve], log=log, env=environ)
        self._listener.set_inheritable(True)
        descriptor = self._listener.fileno()
        command = [sys.executable, "-c", _LAUNCHER, str(descriptor), *serve]
        return processes.start(command, log=log, env=environ, pass_fds=(descriptor,))

"""A throw-away Redis server on the loopback interface."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.timing.waiting import until_sync


class RedisServer:
    """One redis-server without persistence, on one port from `start` to `close`; usable as a context manager.

    Args:
        settings: Redis' own, e.g. `{"cluster-enabled": "yes"}`.
        tls: Listen on `tls_port`, too.
    """

    def __init__(self, settings: Mapping[str, str] | None = None, *, tls: bool = False) -> None:
        self.tls_port = free_port() if tls else 0
        self._settings = dict(settings or {}) | ({"tls-port": str(self.tls_port)} if tls else {})
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="festival-push-redis-"))
        self._log = self._home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RedisServer":
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        """Whether the process exists; a paused one does."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server, empty, and wait until it answers. It must not be running."""
        assert not self.is_running
        program = str(processes.find_program("redis-server", package="redis-server"))
        command = [program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        command += ["--dir", str(self._home)]
        command += [text for name, value in self._settings.items() for text in (f"--{name}", value)]
        with self._log.open("ab") as log, processes.log_shown_on_failure(self._log):
            self._process = processes.start(command, log=log)
            until_sync(self._answers, within_s=processes.READY_WITHIN_S, message=f"Redis on port {self.port} answers")

    def stop(self) -> None:
        """Stop the server in order, paused or not."""
        if self._process is not None and self.is_running:
            self.resume()  # a paused process would not see the signal
            assert processes.end(self._process, signal.SIGTERM) == 0, "Redis had to be killed"

    def kill(self) -> None:
        """End the server at once, paused or not."""
        if self._process is not None:
            processes.end(self._process, signal.SIGKILL)

    def restart(self) -> None:
        """Kill the server if it runs and start it again, empty, on the same port."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Freeze the server: connections stay open and nobody answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on where it stood."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End the server and remove all that it wrote."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def flush(self) -> None:
        """Forget every key."""
        assert self._ask(b"FLUSHALL\r\n") == b"+OK\r\n"

    def url_for(self, *rules: str) -> str:
        """Return the URL of the user `limited`, who has these rules of an ACL in addition to those of earlier calls."""
        command = f"ACL SETUSER limited on >sesame {' '.join(rules)}\r\n"
        assert self._ask(command.encode()) == b"+OK\r\n"
        return f"redis://limited:sesame@127.0.0.1:{self.port}/0"

    def replicate(self, primary: "RedisServer") -> None:
        """Become a read-only replica of another server."""
        assert self._ask(b"REPLICAOF 127.0.0.1 %d\r\n" % primary.port) == b"+OK\r\n"

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(which)

    def _answers(self) -> bool:
        assert self.is_running, "Redis ended while it was starting"
        try:
            return self._ask(b"PING\r\n") == b"+PONG\r\n"
        except OSError:
            return False

    def _ask(self, command: bytes) -> bytes:
        """Send one inline command over a connection of its own; no client library, so its faults stay visible."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(command)
            return connection.recv(64)

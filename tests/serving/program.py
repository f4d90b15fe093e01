"""A program that serves, as a child process of the tests."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final, Protocol

from tests.serving.http_server import read_to_end
from tests.serving.served_app import Options
from tests.support.proc import has_ended
from tests.support.timing.waiting import until_sync

ROOT: Final = Path(__file__).parents[2]
END_WITHIN_S: Final = 60.0  # what does not hang ends at once


class Program:
    """`served_app` as a child process, with whatever it said so far."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._outputs = folder / "stdout", folder / "stderr"
        with self._outputs[0].open("wb") as out, self._outputs[1].open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.serving.served_app", json.dumps(asdict(options))],
                stdout=out,
                stderr=err,
                cwd=ROOT,
            )

    @property
    def said(self) -> list[str]:
        return self._outputs[0].read_text().split("\n")[:-1]

    @property
    def complained(self) -> str:
        return self._outputs[1].read_text()

    @property
    def port(self) -> int:
        return int(self.said[0].rpartition(":")[2])

    def wait_until_it_serves(self) -> None:
        until_sync(lambda: self.said or self.process.poll() is not None, within_s=60)
        assert self.said, self.complained

    def connect(
        self,
        request: str = "",
        *,
        receive_buffer: int | None = None,
        address: str = "127.0.0.1",
        port: int | None = None,
    ) -> socket.socket:
        """Connect, and send the request line given, e.g. "GET /hello"."""
        client = socket.socket()
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(60.0)
        try:
            client.connect((address, port or self.port))
        except OSError:
            client.close()
            raise
        if request:
            client.sendall(f"{request} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return client

    def hello(self, address: str = "127.0.0.1", port: int | None = None) -> int:
        """Return the id of the process that answers."""
        return self.number("/hello", address, port)

    def number(self, path: str, address: str = "127.0.0.1", port: int | None = None) -> int:
        """Return the number that a path answers with."""
        with self.connect(address=address, port=port) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = read_to_end(client)
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        return int(answer.rpartition(b"\r\n")[2])

    def end(self, how: signal.Signals) -> int:
        """Send the signal, and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(END_WITHIN_S)


class Start(Protocol):
    def __call__(self, options: Options = ..., *, serving: bool = ...) -> Program: ...


def pids_of(
    program: Program, workers: int, *, without: int | None = None, address: str = "127.0.0.1", port: int | None = None
) -> set[int]:
    """Return the ids of so many workers, none of them `without`, found by asking until all have answered."""
    pids: set[int] = set()

    def found_all() -> bool:
        with suppress(OSError, AssertionError):  # a worker that is being replaced
            pids.add(program.hello(address, port))
        pids.difference_update([pid for pid in pids if pid == without or has_ended(pid)])
        return len(pids) == workers

    until_sync(found_all, within_s=60)
    return pids

"""One network namespace of Linux."""

import ctypes
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_CLONE_NEWNET: Final = 0x40000000
_MINE: Final = "/proc/thread-self/ns/net"


class Namespace:
    """A network of its own, with a loopback interface only; it lives until `close`, and until nobody is in it."""

    def __init__(self) -> None:
        self._file = -1
        error: list[OSError] = []

        def make() -> None:
            try:
                _call("unshare", _CLONE_NEWNET)
                self._file = os.open(_MINE, os.O_RDONLY)
            except OSError as refused:
                error.append(refused)

        thread = threading.Thread(target=make)  # a namespace is a thread's: this one leaves it behind
        thread.start()
        thread.join()
        if error:
            raise error[0]
        self.ip("link", "set", "lo", "up")

    @property
    def path(self) -> str:
        """Where other processes find it, as long as this one holds it."""
        return f"/proc/{os.getpid()}/fd/{self._file}"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let this thread be there: its new sockets, and the processes and threads that it starts."""
        before = os.open(_MINE, os.O_RDONLY)
        try:
            _call("setns", self._file, _CLONE_NEWNET)
            try:
                yield
            finally:
                _call("setns", before, _CLONE_NEWNET)
        finally:
            os.close(before)

    def ip(self, *words: str) -> None:
        """Run `ip` there."""
        with self.entered():
            done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"

    def close(self) -> None:
        """Let it go; it ends when no process is in it any more."""
        os.close(self._file)


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc[name](*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")

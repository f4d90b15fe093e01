"""Free ports on the loopback interface."""

import os
import random
import socket
from typing import Final

# Below those that the kernel gives to whoever asks for any port, and to each connection that goes out: nobody takes one
# of ours between our choice and the server's start, or while a test has its server killed.
_FIRST: Final = 10_000
_WORKERS: Final = 16  # each has a share of its own
_SHARE: Final = (32_000 - _FIRST) // _WORKERS
_BEGIN: Final = random.randrange(_SHARE)  # noqa: S311 - so that two runs at once rarely meet

_given = 0


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on, and that no other call has returned lately."""
    global _given  # noqa: PLW0603 - the ports are the machine's, not a caller's
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    for _ in range(_SHARE):
        port = _FIRST + worker * _SHARE + (_BEGIN + _given) % _SHARE
        _given += 1
        if is_free(port):
            return port
    raise AssertionError("no port is free")


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1 at this moment."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

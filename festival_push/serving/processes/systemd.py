"""What systemd gives a service and wants to hear of it: its sockets, and signs of life. Elsewhere nothing happens.

A socket that systemd holds stays open while the server is started anew: connections wait in its queue, so that the
restart of a single server refuses nobody.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Final

from festival_push.serving.limits import ProtocolLimits

_FIRST: Final = 3  # the descriptors begin behind standard input, output and error
_OPS: Final = "ops"
"""`FileDescriptorName=` of the operator's listener."""


def inherited_listeners(limits: ProtocolLimits, *, ops: bool = False) -> list[socket.socket]:
    """Return the listening sockets that systemd has opened for this process; an empty list if there are none.

    Args:
        limits: As of `open_listener`: options that connections inherit.
        ops: Return those whose `FileDescriptorName` is `ops` instead of all others.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    found = []
    for index in range(int(os.environ.get("LISTEN_FDS", "0"))):
        is_ops = index < len(names) and names[index] == _OPS
        if is_ops == ops:
            listener = socket.socket(fileno=_FIRST + index)
            os.set_inheritable(listener.fileno(), False)  # noqa: FBT003 - as the library has it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.sndbuf_bytes)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(limits.write_stall_s * 1000))
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found.append(listener)
    return found


def notify(state: str) -> None:
    """Tell systemd, if it listens: `READY=1`, `STOPPING=1`, `WATCHDOG=1`. Never fails."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address[0] == "@":
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifier:
        notifier.settimeout(0)
        try:
            notifier.sendto(state.encode(), address)
        except OSError:  # systemd is being started anew; the next sign of life reaches it
            return


class SignsOfLife:
    """Calls that come many times a second while all is well; some of them are told, as the unit's `WatchdogSec` wants.

    Args:
        clock_s: Seconds that never go back.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        wanted = os.environ.get("WATCHDOG_USEC", "")
        mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._every_s = int(wanted) / 1e6 / 3 if wanted.isdecimal() and mine else 0.0
        self._next_s = 0.0

    def __call__(self) -> None:
        """Be called: the process works."""
        if self._every_s and (now_s := self._clock_s()) >= self._next_s:
            self._next_s = now_s + self._every_s
            notify("WATCHDOG=1")

"""The listening sockets: all of a host's addresses, with the options that connections inherit."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from typing import Final

from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.processes.process import BACKLOG

PORT_TRIES: Final = 20
"""How often another free port is tried, if the first one is free on one address of the host and taken on another."""
_UNUSABLE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class ListenError(Exception):
    """Raised when the server can't listen on an address; the text says why.

    Attributes:
        taken: True if another program listens there.
    """

    def __init__(self, host: str, port: int, error: OSError) -> None:
        self.taken = error.errno == errno.EADDRINUSE
        can_not = f"can't listen on {host} port {port}: {error.strerror}"
        super().__init__(f"port {port} of {host} is taken" if self.taken else can_not)


def open_listeners(host: str, port: int, limits: ProtocolLimits) -> list[socket.socket]:
    """Return a listening TCP socket for each address that a host has, all with the same port.

    An address that this machine can't use is left out, as ::1 where IPv6 is switched off, unless there is no other.

    Args:
        The same as of `open_listener`, but `host` may also be a name.

    Raises:
        ListenError: The name is unknown, an address is taken, or none is one of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except OSError as error:
        raise ListenError(host, port, error) from error
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    addresses = list(dict.fromkeys(socket.getnameinfo(address, numeric)[0] for *_, address in found))
    tries_left = 1 if port else PORT_TRIES
    while True:
        tries_left -= 1
        try:
            return _open_all(host, addresses, port, limits)
        except ListenError as error:
            if not error.taken or not tries_left:
                raise


def _open_all(host: str, addresses: list[str], port: int, limits: ProtocolLimits) -> list[socket.socket]:
    """Open a socket for each address; if `port` is 0, all get the one that the kernel has chosen for the first."""
    unusable: ListenError | None = None
    with ExitStack() as stack:
        opened: list[socket.socket] = []
        for address in addresses:
            wanted = port or (opened[0].getsockname()[1] if opened else 0)
            try:
                listener = open_listener(address, wanted, limits, one_kind=len(addresses) > 1)
            except OSError as error:
                failed = ListenError(host if address == host else f"{host} ({address})", wanted, error)
                if error.errno not in _UNUSABLE:
                    raise failed from error
                unusable = unusable or failed
            else:
                opened.append(stack.enter_context(listener))
        if not opened:
            assert unusable is not None
            raise unusable
        stack.pop_all()
    return opened


def open_listener(host: str, port: int, limits: ProtocolLimits, *, one_kind: bool = False) -> socket.socket:
    """Return a listening TCP socket, with the options that its connections inherit.

    Args:
        host: An address, without brackets.
        port: 0 lets the kernel choose.
        limits: `sndbuf_bytes` and `write_stall_s` are set in the kernel, which holds bytes that we no longer see.
        one_kind: If True, `::` listens for IPv6 alone; another socket listens for IPv4.

    Raises:
        OSError: The address is taken, or it is not one of this machine.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    family, kind, proto, _, address = found[0]
    listener = socket.socket(family, kind, proto)
    try:
        if one_kind and family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.sndbuf_bytes)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(limits.write_stall_s * 1000))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)  # only this call fails if another program listens there
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL by which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

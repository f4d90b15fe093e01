"""Serving: the listening socket, and the application behind it in one process or in several."""

from __future__ import annotations

import errno
import resource
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from uvicorn._types import ASGIApplication
from uvicorn.config import STARTUP_FAILURE

from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.process import BACKLOG, TIMES, DrainingServer, GuardedConfig, ServingTimes
from festival_push.serving.supervisor import FirstCall, PrepareWorker, Supervisor

FILES_MAX: Final = 65536
"""The limit of open files asked for at the start. Each connection is one; the usual 1024 are too few for a festival."""
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


def serve(
    app_factory: str | Callable[[], ASGIApplication],
    *,
    host: str,
    port: int,
    workers: int,
    limits: ProtocolLimits,
    drain_s: float,
    log_config: dict[str, object] | None = None,
    trusted_proxies: Sequence[str] = ("127.0.0.1",),
    allowed_origins: Sequence[str] = (),
    times: ServingTimes = TIMES,
    on_listening: Callable[[str], None] | None = None,
    prepare_worker: PrepareWorker | None = None,
) -> int:
    """Serve until a signal ends it, and return the process's exit code. Call it from the main thread.

    Args:
        app_factory: "package.module:function" that makes the application; with one worker also the function itself.
        host: An address, without brackets, or a name: then we listen on every address that it has.
        port: 0 lets the kernel choose; the URL given to `on_listening` names the port.
        on_listening: Called once with the URL, when the first request can be answered.
        prepare_worker: See `PrepareWorker`; not called if there is one worker.
        The others: see `GuardedConfig`.

    Raises:
        ListenError: The address can't be listened on; nothing was started.
    """
    assert workers == 1 or isinstance(app_factory, str), "a function can't travel to another process"
    config = GuardedConfig(
        app_factory,
        workers=workers,
        limits=limits,
        drain_s=drain_s,
        log_config=log_config,
        trusted_proxies=trusted_proxies,
        allowed_origins=allowed_origins,
        times=times,
    )
    listeners = open_listeners(host, port, limits)
    _raise_file_limit()
    url = url_of(listeners[0]) if len(listeners) == 1 else f"http://{host}:{listeners[0].getsockname()[1]}"
    report = FirstCall(lambda: on_listening(url) if on_listening else None)
    with ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(listener)
        if workers > 1:
            return Supervisor(config, listeners, report, prepare_worker).run()
        return _run_here(config, listeners, report)


def _run_here(config: GuardedConfig, listeners: list[socket.socket], report: FirstCall) -> int:
    try:
        DrainingServer(config, on_tick=report).run(listeners)
    except SystemExit as end:  # uvicorn raises it when the application did not start
        return end.code if isinstance(end.code, int) else STARTUP_FAILURE
    return 0


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, FILES_MAX)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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

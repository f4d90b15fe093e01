"""Serving: the listening socket, and the application behind it in one process or in several."""

from __future__ import annotations

import errno
import resource
import socket
from collections.abc import Callable, Sequence
from typing import Final

from uvicorn._types import ASGIApplication
from uvicorn.config import STARTUP_FAILURE

from festival_push.serving.process import BACKLOG, TIMES, DrainingServer, GuardedConfig, ServingTimes
from festival_push.serving.protocol import ProtocolLimits
from festival_push.serving.supervisor import FirstCall, PrepareWorker, Supervisor

FILES_MAX: Final = 65536
"""The limit of open files asked for at the start. Each connection is one; the usual 1024 are too few for a festival."""


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
    times: ServingTimes = TIMES,
    on_listening: Callable[[str], None] | None = None,
    prepare_worker: PrepareWorker | None = None,
) -> int:
    """Serve until a signal ends it, and return the process's exit code. Call it from the main thread.

    Args:
        app_factory: "package.module:function" that makes the application; with one worker also the function itself.
        host: An address or a name; an IPv6 address without brackets.
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
        times=times,
    )
    try:
        listener = open_listener(host, port, limits)
    except OSError as error:
        raise ListenError(host, port, error) from error
    _raise_file_limit()
    url = url_of(listener)
    report = FirstCall(lambda: on_listening(url) if on_listening else None)
    with listener:
        if workers > 1:
            return Supervisor(config, listener, report, prepare_worker).run()
        return _run_here(config, listener, report)


def _run_here(config: GuardedConfig, listener: socket.socket, report: FirstCall) -> int:
    try:
        DrainingServer(config, on_tick=report).run([listener])
    except SystemExit as end:  # uvicorn raises it when the application did not start
        return end.code if isinstance(end.code, int) else STARTUP_FAILURE
    return 0


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, FILES_MAX)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def open_listener(host: str, port: int, limits: ProtocolLimits) -> socket.socket:
    """Return a listening TCP socket, with the options that its connections inherit.

    Args:
        host: An address or a name; an IPv6 address without brackets.
        port: 0 lets the kernel choose.
        limits: `sndbuf_bytes` and `write_stall_s` are set in the kernel, which holds bytes that we no longer see.

    Raises:
        OSError: The name is unknown, the address is taken, or it is not one of this machine.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    family, kind, proto, _, address = found[0]
    listener = socket.socket(family, kind, proto)
    try:
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

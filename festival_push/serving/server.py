"""Serving: the listening sockets, and the application behind them in one process or in several."""

from __future__ import annotations

import logging
import resource
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from uvicorn._types import ASGIApplication
from uvicorn.config import STARTUP_FAILURE

from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.listening import ListenError, open_listeners, url_of
from festival_push.serving.processes.process import TIMES, DrainingServer, GuardedConfig, ServingTimes
from festival_push.serving.processes.supervisor import FirstCall, PrepareWorker, Supervisor
from festival_push.serving.processes.systemd import SignsOfLife, inherited_listeners, notify

logger = logging.getLogger("uvicorn.error")

_NO_RELOAD: Final = (
    "SIGHUP: one process alone can't take new settings while it serves; restart it, or serve with workers"
)
FILES_MAX: Final = 65536
"""The limit of open files asked for at the start. Each connection is one; the usual 1024 are too few for a festival."""


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
    ops_at: tuple[str, int] | None = None,
    on_no_ops: Callable[[ListenError], None] | None = None,
) -> int:
    """Serve until a signal ends it, and return the process's exit code. Call it from the main thread.

    Args:
        app_factory: "package.module:function" that makes the application; with one worker also the function itself.
        host: An address, without brackets, or a name: then we listen on every address that it has.
        port: 0 lets the kernel choose; the URL given to `on_listening` names the port.
        on_listening: Called once with the URL, when the first request can be answered.
        prepare_worker: See `PrepareWorker`; not called if there is one worker.
        ops_at: Host and port of the operator's listener, which is open as long as the first one.
        on_no_ops: Called if `ops_at` can't be listened on, before the application is made. If it returns, we serve
            without that listener; None: it is an error.
        The others: see `GuardedConfig`.

    Raises:
        ListenError: An address can't be listened on; nothing was started.
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
    listeners = inherited_listeners(limits) or open_listeners(host, port, limits)
    _raise_file_limit()
    url = url_of(listeners[0]) if len(listeners) == 1 else f"http://{host}:{listeners[0].getsockname()[1]}"
    report = _Report(on_listening, url)
    with ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(listener)
        ops = _ops_listeners(ops_at, limits, on_no_ops)
        for listener in ops:
            stack.enter_context(listener)
        if workers > 1:
            return Supervisor(config, [*listeners, *ops], report, prepare_worker).run()
        return _run_here(config, [*listeners, *ops], report)


def _ops_listeners(
    ops_at: tuple[str, int] | None, limits: ProtocolLimits, on_no_ops: Callable[[ListenError], None] | None
) -> list[socket.socket]:
    if inherited := inherited_listeners(limits, ops=True):
        return inherited
    if ops_at is None:
        return []
    try:
        return open_listeners(*ops_at, limits)
    except ListenError as error:
        if on_no_ops is None:
            raise
        on_no_ops(error)
        return []


class _Report(FirstCall):
    """Called while the server works: systemd hears so, and the caller once."""

    def __init__(self, on_listening: Callable[[str], None] | None, url: str) -> None:
        def tell() -> None:
            if on_listening is not None:
                on_listening(url)
            notify("READY=1")

        super().__init__(tell)
        self._signs = SignsOfLife()

    def __call__(self) -> None:
        super().__call__()
        self._signs()


def _run_here(config: GuardedConfig, listeners: list[socket.socket], report: FirstCall) -> int:
    server = DrainingServer(config, on_tick=report)
    before = signal.signal(signal.SIGHUP, lambda *_: logger.warning("%s", _NO_RELOAD))
    try:
        server.run(listeners)
    except SystemExit as end:  # uvicorn raises it when the application did not start
        return end.code if isinstance(end.code, int) else STARTUP_FAILURE
    finally:
        signal.signal(signal.SIGHUP, before)
    return 0


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, FILES_MAX)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

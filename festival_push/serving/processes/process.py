"""One serving process: uvicorn with our settings, and an orderly end.

On SIGTERM or SIGINT a process goes through these phases, each bounded; a second signal skips the rest:

    drain        at most drain_s      the application's own: streams are told to come back; new requests are served
    quiesce      at most quiesce_s    the listener is closed, running requests are answered
    disconnect   at most settle_s     connections that are left are aborted; the application is told of each
    lifespan     the application's    stores are closed

The drain is the function that the lifespan puts into its state as "drain": `yield {"drain": stop_streams, ...}`. It
must end within drain_s by itself, because only it can end the remaining streams in order. A drain that is late_s late
is taken to hang, and is cancelled.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Final, cast

import uvicorn
from uvicorn._types import ASGIApplication

from festival_push.serving.addresses import in_both_kinds
from festival_push.serving.crowd import Crowd
from festival_push.serving.handover import StreamConnection, offering_protocol
from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.processes.systemd import notify
from festival_push.serving.protocol import GuardedHttpProtocol

KEEP_ALIVE_S: Final = 75  # longer than the 60 s for which nginx keeps an idle connection to us, so it closes first
BACKLOG: Final = 8192  # at most net.core.somaxconn; if it is full, a client retries after one second, or after three
ACCEPTS: Final = 16
"""Connections accepted in one turn of the loop. libuv accepts one from each listening socket, so the loop waits on so
many copies of ours: when all clients come back at once, one loop turn for each costs more than the accept itself."""

logger = logging.getLogger("uvicorn.error")  # uvicorn's own logger, for the server's other messages


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingTimes:
    """The bounds on serving processes, in seconds. Tests have others; an operator sets `drain_s` alone."""

    late_s: float = 0.5  # beyond drain_s, before the drain is cancelled
    quiesce_s: int = 2  # for running requests to be answered
    settle_s: int = 1  # for aborted connections to end
    stall_s: float = 10.0  # without a heartbeat of a worker's event loop, before the worker is replaced

    def end_s(self, drain_s: float) -> float:
        """Return the longest time from a signal to the closing of the stores, in seconds."""
        return drain_s + self.late_s + self.quiesce_s + self.settle_s


TIMES: Final = ServingTimes()

_CUT_SHORT: Final = "ASGI callable returned without completing response."


class GuardedConfig(uvicorn.Config):
    """uvicorn's configuration with our settings. It can be pickled if `app_factory` is an import string.

    Args:
        app_factory: Makes the ASGI application; "package.module:name", or the function itself if `workers` is 1.
        workers: Processes that will run it.
        limits: Of each connection.
        drain_s: How long the application's own drain takes at most.
        log_config: For `logging.config.dictConfig`; None leaves logging as it is.
        trusted_proxies: Addresses and networks of the proxies whose `X-Forwarded-*` headers are believed, and that may
            open as many connections as there may be.
        allowed_origins: Of other sites' pages that may read the answers of the server itself.
        times: The other bounds on a serving process.
    """

    def __init__(
        self,
        app_factory: str | Callable[[], ASGIApplication],
        *,
        workers: int,
        limits: ProtocolLimits,
        drain_s: float,
        log_config: dict[str, object] | None,
        trusted_proxies: Sequence[str],
        allowed_origins: Sequence[str] = (),
        times: ServingTimes = TIMES,
    ) -> None:
        super().__init__(
            app_factory,
            factory=True,
            workers=workers,
            loop="uvloop",
            http="httptools",  # replaced in `load`: the guarded class is made there, and can't be pickled
            ws="none",
            lifespan="on",
            log_config=log_config,
            access_log=False,  # it would print paths with their query strings
            proxy_headers=True,
            forwarded_allow_ips=in_both_kinds(trusted_proxies),
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=times.quiesce_s + times.settle_s,
        )
        self.limits = limits
        self.trusted_proxies = tuple(trusted_proxies)
        self.allowed_origins = tuple(allowed_origins)
        self.drain_s = drain_s
        self.times = times

    def load(self) -> None:
        super().load()
        # Made in the process that serves, which knows its own limit of open files.
        crowd = Crowd(
            self.limits.connections_max, self.limits.held_bytes_max, trusted_proxies=in_both_kinds(self.trusted_proxies)
        )
        self.http_protocol_class = offering_protocol(self.limits, crowd=crowd, origins=self.allowed_origins)


class DrainingServer(uvicorn.Server):
    """One serving process. It ends with exit code 0 on a signal, where uvicorn raises the caught signal again."""

    config: GuardedConfig

    def __init__(self, config: GuardedConfig, on_tick: Callable[[], None] = lambda: None) -> None:
        """Prepare to run. `on_tick` is called from the event loop ten times a second while the process serves."""
        super().__init__(config)
        self._tick = on_tick
        self._stop_asked = False
        self._drain_task: asyncio.Task[None] | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve the connections of these listening sockets until the process is stopped, then close the sockets."""
        logger.addFilter(self._is_worth_logging)
        try:
            for each in sockets or ():
                # A copy is set to block if its original does, and with it all copies, in other processes as well.
                each.settimeout(0)
            super().run(sockets and [*sockets, *(each.dup() for each in sockets for _ in range(ACCEPTS - 1))])
        finally:
            logger.removeFilter(self._is_worth_logging)

    def stop(self) -> None:
        """Drain and end, as on a first signal."""
        if not self._stop_asked and self.config.workers == 1:
            notify("STOPPING=1")
        self._stop_asked = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as in uvicorn
        """Stop on the first signal; force the end on a second one.

        Neither uvicorn's handler nor the one that sse-starlette puts in its place is called: both would end every
        stream at once, before the drain. A worker may get SIGTERM twice, from its supervisor and as a member of its
        process group, so only SIGINT forces its end.
        """
        if self._stop_asked and (sig == signal.SIGINT or self.config.workers == 1):
            self.force_exit = True
        self.stop()

    async def on_tick(self, counter: int) -> bool:
        self._tick()
        if self._stop_asked and self._drain_task is None:
            self._drain_task = asyncio.create_task(self._drain())
        if self.force_exit or (self._drain_task is not None and self._drain_task.done()):
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        aborting = asyncio.get_running_loop().call_later(self.config.times.quiesce_s, self._abort_connections)
        try:
            await super().shutdown(sockets)
        finally:
            aborting.cancel()

    async def _drain(self) -> None:
        drain = cast("Callable[[], Awaitable[None]] | None", self.lifespan.state.get("drain"))
        if drain is None:
            return
        bound_s = self.config.drain_s + self.config.times.late_s
        try:
            async with asyncio.timeout(bound_s):
                await drain()
        except TimeoutError:
            logger.warning("The drain was cut short after %g s", bound_s)
        except Exception:  # whatever the drain raised, the next phases must run
            logger.exception("The drain failed")

    def _abort_connections(self) -> None:
        connections: set[object] = self.server_state.connections  # type: ignore[assignment] # typed for uvicorn's own
        left = [each for each in connections if isinstance(each, GuardedHttpProtocol | StreamConnection)]
        if left:
            logger.info("Aborting %d connections that did not end by themselves", len(left))
        for connection in left:
            connection.abort()

    def _is_worth_logging(self, record: logging.LogRecord) -> bool:
        """Return False for uvicorn's errors about streams that are cut off at the end: they are no fault of the
        application.

        After a forced end, drop everything: uvicorn would also print the traceback of the cancelled lifespan.
        """
        cancelled = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
        return not (self.force_exit or (self._stop_asked and (cancelled or record.msg == _CUT_SHORT)))

"""One serving process: uvicorn with our settings, and an orderly end.

On SIGTERM or SIGINT a process goes through these, each bounded; a second signal skips what is left:

    drain        at most drain_s      the application's own: streams are told to come back; new requests are served
    quiesce      at most quiesce_s    the listener is closed, requests in hand are answered
    disconnect   at most settle_s     connections that are left are aborted; their applications hear of it
    lifespan     the application's    stores are closed

The drain is whatever the lifespan put into its state as "drain": `yield {"drain": stop_streams, ...}`. It keeps to its
time by itself, because it alone can end in order what is left then. One that is late_s late hangs, and is cancelled.
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
from festival_push.serving.handover import StreamConnection, offering_protocol
from festival_push.serving.protocol import GuardedHttpProtocol, ProtocolLimits

KEEP_ALIVE_S: Final = 75  # longer than the 60 s for which nginx keeps an idle connection to us, so it closes first
BACKLOG: Final = 8192  # the kernel allows net.core.somaxconn; who finds it full knocks again in one second, or in three
ACCEPTS: Final = 16
"""Connections that are taken in one turn of the loop. libuv takes one from each listening socket, so the loop waits on
so many copies of ours: when a field comes back at once, a turn for each newcomer costs more than the newcomer."""

logger = logging.getLogger("uvicorn.error")  # where the server's other words go


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingTimes:
    """The bounds on serving processes, in seconds. Tests have others; an operator sets `drain_s` alone."""

    late_s: float = 0.5  # of a drain that hangs
    quiesce_s: int = 2
    settle_s: int = 1
    stall_s: float = 10.0  # without a beat of a worker's event loop

    def end_s(self, drain_s: float) -> float:
        """The longest time from a signal to the closing of the stores."""
        return drain_s + self.late_s + self.quiesce_s + self.settle_s


TIMES: Final = ServingTimes()

_CUT_SHORT: Final = "ASGI callable returned without completing response."


class GuardedConfig(uvicorn.Config):
    """uvicorn's configuration with ours settled. Can be pickled when `app_factory` is an import string.

    Args:
        app_factory: Makes the ASGI application; "package.module:name", or the function itself when `workers` is 1.
        workers: Processes that will run it.
        limits: Of each connection.
        drain_s: How long the application's own drain takes at most.
        log_config: For `logging.config.dictConfig`; None leaves logging as it is.
        trusted_proxies: Addresses and networks of the proxies whose `X-Forwarded-*` headers are believed.
        times: Of everything else that takes time.
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
        self.drain_s = drain_s
        self.times = times

    def load(self) -> None:
        super().load()
        self.http_protocol_class = offering_protocol(self.limits)


class DrainingServer(uvicorn.Server):
    """One serving process. Ends with exit code 0 on a signal, where uvicorn dies of the signal it has caught."""

    config: GuardedConfig

    def __init__(self, config: GuardedConfig, on_tick: Callable[[], None] = lambda: None) -> None:
        """Make it ready to run; `on_tick` is called from its loop ten times a second while it serves."""
        super().__init__(config)
        self._tick = on_tick
        self._stop_asked = False
        self._drain_task: asyncio.Task[None] | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve the connections of these listening sockets until the end, and close them then."""
        logger.addFilter(self._is_worth_logging)
        try:
            for each in sockets or ():
                # A copy is made to block as its original does, and with it all others, in other processes as well.
                each.settimeout(0)
            super().run(sockets and [*sockets, *(each.dup() for each in sockets for _ in range(ACCEPTS - 1))])
        finally:
            logger.removeFilter(self._is_worth_logging)

    def stop(self) -> None:
        """Drain and end, as on a first signal."""
        self._stop_asked = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as in uvicorn
        """Ask for the end; a second signal forces it.

        Neither uvicorn's handler nor the one that sse-starlette puts in its place is called: both would end every
        stream at once, before the drain. A worker may get SIGTERM both from its supervisor and as a member of its
        group, so there only SIGINT forces.
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
        except Exception:  # whatever it was: what follows must happen
            logger.exception("The drain failed")

    def _abort_connections(self) -> None:
        connections: set[object] = self.server_state.connections  # type: ignore[assignment] # not uvicorn's own alone
        left = [each for each in connections if isinstance(each, GuardedHttpProtocol | StreamConnection)]
        if left:
            logger.info("Aborting %d connections that did not end by themselves", len(left))
        for connection in left:
            connection.abort()

    def _is_worth_logging(self, record: logging.LogRecord) -> bool:
        """Keep out what uvicorn says of each stream that is cut off at the end, as of an application's fault.

        After a forced end it would also print where the cancelled lifespan stood.
        """
        cancelled = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
        return not (self.force_exit or (self._stop_asked and (cancelled or record.msg == _CUT_SHORT)))

"""The sweeper, which checks the deadlines of all connections."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

_SWEEP_S: Final = 0.5


class Swept(Protocol):
    """A connection with deadlines."""

    loop: asyncio.AbstractEventLoop

    def check_deadlines(self, now: float) -> None:
        """Act on a deadline that has passed; `now` is a time of the sweeper's clock."""


class Sweeper:
    """Checks the deadlines of all guarded connections of one event loop, twice a second, while there are any. They are
    times of its `clock`, in seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._connections: set[Swept] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: Swept) -> None:
        """Watch this connection until it is discarded."""
        self._connections.add(connection)
        if self._timer is None:
            self._timer = connection.loop.call_later(_SWEEP_S, self._sweep_on, connection.loop)

    def discard(self, connection: Swept) -> None:
        """Stop watching the connection: it is lost, or another protocol has taken over its transport."""
        self._connections.discard(connection)

    def _sweep_on(self, loop: asyncio.AbstractEventLoop) -> None:
        # The next sweep is scheduled first: an exception below must not end the sweeping.
        self._timer = loop.call_later(_SWEEP_S, self._sweep_on, loop) if self._connections else None
        self.sweep()

    def sweep(self) -> None:
        """Check the deadlines of every connection once."""
        now = self.clock()
        for connection in tuple(self._connections):
            connection.check_deadlines(now)

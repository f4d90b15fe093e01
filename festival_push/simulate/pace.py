"""Spread the orders evenly over a time, so that a rush can be rehearsed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

Wait = Callable[[asyncio.Event, float], Awaitable[None]]


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Wait until `event` is set, for so many seconds at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Pace:
    """The times at which orders are due: at equal distances, the first one at once."""

    def __init__(
        self,
        orders: int = 1,
        over_s: float | None = None,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        wait: Wait = wait_at_most,
    ) -> None:
        """Begin: the first order is due.

        Args:
            orders: How many orders there are, at least 1.
            over_s: The seconds over which they are spread; None: all of them are due at once.
            clock_s: Seconds that never go back.
            wait: Waits as `wait_at_most`, by the same clock.
        """
        self._orders = orders
        self._over_s = over_s
        self._clock_s = clock_s
        self._wait = wait
        self._began_s = clock_s()

    def expected(self) -> int | None:
        """Return how many orders are due by now; None if they have no pace."""
        if self._over_s is None:
            return None
        passed_s = self._clock_s() - self._began_s
        return min(self._orders, 1 + int(passed_s * self._orders / self._over_s))

    def rest_s(self, number: int) -> float:
        """Return the seconds until an order is due, 0 if it is due already. `number` counts from 0."""
        if self._over_s is None:
            return 0.0
        return max(0.0, self._began_s + number * self._over_s / self._orders - self._clock_s())

    async def until_due(self, number: int, stopping: asyncio.Event) -> None:
        """Wait until an order is due, or `stopping` is set. `number` counts from 0."""
        if rest_s := self.rest_s(number):
            await self._wait(stopping, rest_s)

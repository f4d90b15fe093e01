"""Measure the simulation itself: a simulator that is short of CPU finds its server slow."""

import asyncio
import math
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

TICK_S: Final = 0.25
LATE_S: Final = 0.1  # the event loop was elsewhere for so long
BUSY: Final = 0.9  # of one core
SATURATED: Final = 0.1  # of the time: from here on the verdict says so


class Load(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the simulation took.

    Attributes:
        cpu: Share of one core that its event loop had, 0 to 1.
        late_ms: By how much the loop came late, 99th percentile.
        saturated: Share of the time in which it was busy or late, 0 to 1.
        memory_mib: The most memory that the process had.
    """

    cpu: float
    late_ms: float
    saturated: float
    memory_mib: int


class Meter:
    """Looks at the clock and at the loop's CPU time every `TICK_S`."""

    def __init__(
        self,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        cpu_s: Callable[[], float] = time.thread_time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Begin to measure.

        Args:
            clock_s: Seconds that never go back.
            cpu_s: CPU seconds of this thread.
            sleep: Waits, by the same clock.
        """
        self._clock_s = clock_s
        self._cpu_s = cpu_s
        self._sleep = sleep
        self._began = (clock_s(), cpu_s())
        self._late_s: list[float] = []
        self._saturated = 0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            began_s, cpu_s = self._clock_s(), self._cpu_s()
            await self._sleep(TICK_S)
            passed_s, used_s = self._clock_s() - began_s, self._cpu_s() - cpu_s
            late_s = max(0.0, passed_s - TICK_S)
            self._late_s.append(late_s)
            self._saturated += late_s >= LATE_S or used_s >= BUSY * passed_s

    def load(self) -> Load:
        """Return what was measured so far."""
        began_s, cpu_s = self._began
        passed_s = self._clock_s() - began_s
        late_s = sorted(self._late_s) or [0.0]
        return Load(
            cpu=round((self._cpu_s() - cpu_s) / passed_s, 2) if passed_s else 0.0,
            late_ms=round(late_s[math.ceil(len(late_s) * 0.99) - 1] * 1_000, 1),
            saturated=round(self._saturated / len(late_s), 2),
            memory_mib=_peak_mib(),
        )


def _peak_mib() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 2**20 if sys.platform == "darwin" else peak // 2**10

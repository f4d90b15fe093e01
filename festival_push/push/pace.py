"""The pace at which a tail reads the log: slowly while the broker tells what is committed, else as fast as the database
bears it from all processes together."""

import random
from collections.abc import Callable
from typing import Final

READS_PER_S: Final = 200.0
"""Reads of the log that all processes together begin in a second without a broker; above so many processes, each reads
once in `poll_s`. A read that finds nothing takes PostgreSQL 32 us, and the pages of 50 processes at 1,200 events/s take
6 to 9 % of a core however often they are read (`bench.scaling.polls`)."""
_UNHEALTHY_S_MIN: Final = 0.1
_IDLE_SHARE: Final = 20.0  # a read is followed by a wait of so many times as long: a database under strain gets a rest
_SPREAD: Final = 0.25  # of a wait, at random: processes that lost Redis at once don't read at once for ever


class Pace:
    """Decides how long a tail waits from one read of the log until the next.

    Args:
        poll_s: The longest wait, in seconds.
        processes: How many processes serve this log.
        draw: A random number in [0, 1).
    """

    def __init__(
        self, poll_s: float, processes: Callable[[], int], *, draw: Callable[[], float] = random.random
    ) -> None:
        self._poll_s = poll_s
        self._processes = processes
        self._draw = draw
        self._took_s = 0.0

    def took(self, seconds: float) -> None:
        """Note how long the last read took."""
        self._took_s = seconds

    def wait_s(self, *, healthy: bool) -> float:
        """Return the seconds to the next read; `healthy` if the broker can be expected to tell of everything."""
        wait_s = self._poll_s
        if not healthy:
            wait_s = max(_UNHEALTHY_S_MIN, self._processes() / READS_PER_S, self._took_s * _IDLE_SHARE)
        return min(self._poll_s, wait_s * (1 - _SPREAD + 2 * _SPREAD * self._draw()))

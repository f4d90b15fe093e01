"""The log's own clock: counts the time in which somebody serves, and decides what is old. No wall clock moves it."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from festival_push.domain.values import Instant

DAY_MS: Final = 24 * 3600 * 1000
Mark = tuple[int, int]
"""What the log's clock said, and the wall clock in the same moment, both in ms since 1970."""


class LogClock:
    """Reads the log's clock, which begins at the wall clock's time and from then on is moved by monotonic clocks alone.

    Its last reading is kept at the head of the log. Each process adds the time since its own first reading, never more
    than has really passed; of several processes the furthest is right. While nobody serves, the clock stands still. So
    a wall clock that jumps makes nothing old, and nothing young again.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began: tuple[int, float] | None = None  # the log's clock and the monotonic one at the same moment

    def read(self, kept: Instant, wall: Instant) -> Instant:
        """Return the time by the log's clock, at least `kept`.

        Args:
            kept: The reading at the head of the log, as the transaction that writes reads it; 0 if there is none yet.
            wall: The present time, with which a new log begins.
        """
        seconds = self._monotonic()
        if self._began is not None:
            began, began_s = self._began
            if (reading := began + round((seconds - began_s) * 1000)) >= kept:
                return Instant(reading)
        self._began = (kept or wall, seconds)
        return Instant(self._began[0])


def undoubted(marks: Sequence[Mark], clock: Instant, wall: Instant) -> Instant | None:
    """Return the latest time that the wall clock has vouched for during a whole day of the log's clock.

    What expires by the wall clock is deleted by it: a clock that was ahead for some hours, even before a restart, has
    deleted nothing when it is put right, and one that was put right for good is believed a day later.

    Args:
        marks: At least one that is a day old, and all since, in any order.
        clock: What the log's clock says now, and `wall`, what the wall clock says.
    Returns:
        None if there is no mark that is a day old.
    """
    if not any(at <= clock - DAY_MS for at, _ in marks):
        return None
    ahead = min(said - at for at, said in [*marks, (clock, wall)])
    return Instant(clock + ahead)


def outlived(marks: Sequence[Mark], clock: Instant) -> list[int]:
    """Return the marks that `undoubted` does not need any more, by what the log's clock said."""
    old = sorted(at for at, _ in marks if at <= clock - DAY_MS)
    return old[:-1]

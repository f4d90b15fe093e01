"""Notices jumps of the wall clock, by comparing it with the monotonic one, which only counts on."""

import logging
import time
from collections.abc import Callable
from typing import Final

JUMP_S: Final = 2.0  # time servers turn a running clock by less than a thousandth
SHOWN_S: Final = 3600.0  # how long a jump is a reason to look

logger = logging.getLogger(__name__)


class ClockWatch:
    """Watches one process' wall clock.

    Args:
        wall: Seconds since 1970, by a clock that may be set.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self, *, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.jumps = 0
        self.jumped_s = 0.0  # how far the last jump went; negative: back
        self._wall = wall
        self._monotonic = monotonic
        self._ahead_s = wall() - monotonic()
        self._jumped_at: float | None = None

    @property
    def has_jumped(self) -> bool:
        """Whether the clock has jumped within the last hour."""
        return self._jumped_at is not None and self._monotonic() - self._jumped_at < SHOWN_S

    def beat(self) -> None:
        """Compare the clocks; a jump is logged once."""
        now = self._monotonic()
        ahead_s = self._wall() - now
        moved_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        if abs(moved_s) < JUMP_S:
            return
        self.jumps += 1
        self.jumped_s, self._jumped_at = moved_s, now
        logger.error(
            "the clock of this machine has jumped by %+.1f s; nothing is deleted by it, see to its time", moved_s
        )

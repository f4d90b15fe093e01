"""The watchdog: measures how late the event loop is, and logs its stack when it is blocked.

the loop        beats four times a second; each beat measures how late it is, and looks at the wall clock
a thread        checks the beats; after a second without one it logs the loop's stack, while the loop is blocked
faulthandler    after five seconds, also if that thread can't run: C code that holds the interpreter. It writes
                plain text to standard error, the only lines there that are not JSON
"""

import asyncio
import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Final

from festival_push.ops.clock import ClockWatch
from festival_push.ops.logs import log_descriptor

BEAT_S: Final = 0.25
BLOCKED_S: Final = 1.0
STUCK_S: Final = 5.0  # well before the supervisor replaces the worker
WINDOW_S: Final = 15.0  # a scrape every 15 s misses no lag

logger = logging.getLogger(__name__)


class Watchdog:
    """Watches one process' event loop.

    Args:
        monotonic: Seconds that never go back.

    Attributes:
        clock: Notices jumps of the wall clock.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.stalls = 0
        self.clock = ClockWatch()
        self._monotonic = monotonic
        self._beat_at = monotonic()
        self._window_began = self._beat_at
        self._lag_s = self._lag_before_s = 0.0  # the longest lag of this window, and of the one before
        self._ended = threading.Event()

    @property
    def lag_s(self) -> float:
        """The longest that the loop was late within the last one or two windows, in seconds."""
        return max(self._lag_s, self._lag_before_s)

    async def run(self) -> None:
        """Watch until cancelled."""
        self._beat_at = self._monotonic()
        thread = threading.Thread(target=self._watch, args=(threading.get_ident(),), name="watchdog", daemon=True)
        thread.start()
        try:
            while True:
                # Each call replaces the one before, so the dump comes only after STUCK_S without a beat.
                faulthandler.dump_traceback_later(STUCK_S, file=log_descriptor())
                await asyncio.sleep(BEAT_S)
                self._beat()
        finally:
            faulthandler.cancel_dump_traceback_later()
            self._ended.set()
            thread.join()

    def _beat(self) -> None:
        now = self._monotonic()
        lag_s = now - self._beat_at - BEAT_S
        self._beat_at = now
        self.clock.beat()
        if now - self._window_began >= WINDOW_S:
            self._window_began, self._lag_before_s, self._lag_s = now, self._lag_s, 0.0
        self._lag_s = max(self._lag_s, lag_s)

    def _watch(self, loops_thread: int) -> None:
        told = 0.0  # time of the last beat before the stall that was logged last
        while not self._ended.wait(BEAT_S):
            beat_at = self._beat_at
            still_s = self._monotonic() - beat_at - BEAT_S
            if still_s < BLOCKED_S or beat_at == told:
                continue
            told = beat_at
            self.stalls += 1
            frame = sys._current_frames().get(loops_thread)
            stack = "".join(traceback.format_stack(frame)) if frame else ""
            logger.error("the event loop has stood still for %.1f s", still_s, extra={"stack": stack})

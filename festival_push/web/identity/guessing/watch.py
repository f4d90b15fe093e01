"""Counts wrong PINs for the metrics, and tells the log of storms of them: one line a minute at most."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

STORM: Final = 20
"""How many wrong PINs and refused tries within a minute, in one process, are worth a line."""
_EVERY_S: Final = 60.0

_log = logging.getLogger(__name__)


class GuessWatch:
    """Wrong PINs, and tries that were not taken, of this process."""

    def __init__(self, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._began_s = clock_s()
        self._seen = 0  # since then
        self._told = False  # since then
        self.wrong: Counter[str] = Counter()  # by who tried: stranger, device, session
        self.refused: Counter[str] = Counter()  # by what had nothing left: account, address, proven, everyone

    def note_wrong(self, who: str, address: str) -> None:
        """Note a wrong PIN."""
        self.wrong[who] += 1
        self._note(address)

    def note_refused(self, why: str, address: str) -> None:
        """Note a try that was refused before the PIN was looked at."""
        self.refused[why] += 1
        self._note(address)

    def _note(self, address: str) -> None:
        now_s = self._clock_s()
        if now_s - self._began_s >= _EVERY_S:
            self._began_s, self._seen, self._told = now_s, 0, False
        self._seen += 1
        if self._seen >= STORM and not self._told:
            self._told = True
            _log.warning(
                "somebody guesses PINs, perhaps: %d wrong or refused tries within a minute, the last from %s; since the"
                " start %d wrong, %d refused",
                self._seen,
                address,
                self.wrong.total(),
                self.refused.total(),
            )

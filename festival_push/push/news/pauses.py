"""The pauses between two connections that fail."""

import asyncio
import random
from typing import Final

_PAUSE_S_MIN: Final = 0.05
_PAUSE_S_MAX: Final = 1.0


class Pauses:
    """The pauses between connections: each twice as long, until one has worked for longer than the longest pause. One
    that works for a moment and fails proves nothing."""

    def __init__(self) -> None:
        self._pause_s = _PAUSE_S_MIN
        self._began_s = 0.0

    def begin(self) -> None:
        """Note that a connection begins."""
        self._began_s = asyncio.get_running_loop().time()

    def end(self, *, worked: bool) -> None:
        """Note that it ended, and whether the operation that it is for worked."""
        if worked and asyncio.get_running_loop().time() - self._began_s > _PAUSE_S_MAX:
            self._pause_s = _PAUSE_S_MIN

    def next_s(self) -> float:
        """Return how long to wait, jittered so that processes differ; the next is twice as long, up to a second."""
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, _PAUSE_S_MAX)
        return pause_s * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, not a secret

"""How many other processes are heard through Redis, by their heartbeats."""

from collections.abc import Callable
from time import monotonic
from typing import Final

PROCESSES_MAX: Final = 1_000
_FORGOTTEN_S_MIN: Final = 10.0


class Others:
    """Counts those who were heard lately.

    Args:
        own: Our own name, under which our heartbeats come back.
        heartbeat_s: The silence after which a connection counts as broken; who is silent for three times as long, and
            for ten seconds, is forgotten.
        clock_s: Seconds that never go back.
    """

    def __init__(self, own: str, *, heartbeat_s: float, clock_s: Callable[[], float] = monotonic) -> None:
        self._own = own
        self._forgotten_s = max(3 * heartbeat_s, _FORGOTTEN_S_MIN)
        self._clock_s = clock_s
        self._heard_s: dict[str, float] = {}

    def heard(self, name: str) -> None:
        """Note a heartbeat."""
        if name != self._own and (name in self._heard_s or len(self._heard_s) < PROCESSES_MAX):
            self._heard_s[name] = self._clock_s()

    def count(self) -> int:
        """Return how many there are."""
        since_s = self._clock_s() - self._forgotten_s
        self._heard_s = {name: at_s for name, at_s in self._heard_s.items() if at_s >= since_s}
        return len(self._heard_s)

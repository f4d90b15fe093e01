"""What this process remembers of the database for a few seconds, and forgets as soon as the log says so."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values read by key: bounded, short-lived, and never older than the last `forget`. Misses are not kept."""

    def __init__(
        self,
        read: Callable[[K], Awaitable[V | None]],
        *,
        ttl_s: float,
        size_max: int,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._ttl_s = ttl_s
        self._size_max = size_max
        self._clock_s = clock_s
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._forgotten = 0  # times

    async def get(self, key: K) -> V | None:
        """The value, read anew when it is not known or too old."""
        now_s = self._clock_s()
        if (kept := self._kept.get(key)) is not None and now_s < kept[0]:
            return kept[1]
        forgotten = self._forgotten
        value = await self._read(key)
        if value is not None and forgotten == self._forgotten:  # else what was read may be what was to be forgotten
            self._kept[key] = (now_s + self._ttl_s, value)
            self._kept.move_to_end(key)
            if len(self._kept) > self._size_max:
                self._kept.popitem(last=False)
        return value

    def forget(self, key: K) -> None:
        """It has changed: read it again when someone asks."""
        self._forgotten += 1
        self._kept.pop(key, None)

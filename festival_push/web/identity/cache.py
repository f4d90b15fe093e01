"""A cache of what was read from the database: for a few seconds, or until the log tells of a change."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Began(NamedTuple):
    """The time before a read, for `Cache.keep`."""

    at_s: float
    forgotten: int  # how often `forget` was called until then


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
        self._forgotten = 0  # how often `forget` was called

    async def get(self, key: K) -> V | None:
        """Return the value, read anew when it is not cached or too old; None when there is none."""
        if (known := self.known(key)) is not None:
            return known
        began = self.begin()
        value = await self._read(key)
        if value is not None:
            self.keep(key, value, began)
        return value

    def known(self, key: K) -> V | None:
        """Return the cached value; None when it must be read."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and self._clock_s() < kept[0] else None

    def begin(self) -> Began:
        """Note the time before a read whose result will be passed to `keep`."""
        return Began(self._clock_s(), self._forgotten)

    def keep(self, key: K, value: V, began: Began) -> None:
        """Cache a value that was read after `began`, unless `forget` was called since: the value may be out of date."""
        if began.forgotten != self._forgotten:
            return
        self._kept[key] = (began.at_s + self._ttl_s, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size_max:
            self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        """Remove a key that won't be asked for soon."""
        self._kept.pop(key, None)

    def forget(self, key: K) -> None:
        """Remove a key whose value has changed; what is being read at this moment is not kept either."""
        self._forgotten += 1
        self.drop(key)

    def forget_all(self) -> None:
        """Remove everything; what is being read at this moment is not kept either."""
        self._forgotten += 1
        self._kept.clear()

    def forget_where(self, stale: Callable[[V], bool]) -> None:
        """Remove all values that this says are out of date; what is being read at this moment is not kept either."""
        self._forgotten += 1
        for key in [key for key, (_, value) in self._kept.items() if stale(value)]:
            self.drop(key)

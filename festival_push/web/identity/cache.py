"""What this process remembers of the database for a few seconds, and forgets as soon as the log says so."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Began(NamedTuple):
    """When a reading began."""

    at_s: float
    forgotten: int  # times until then


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
        if (known := self.known(key)) is not None:
            return known
        began = self.begin()
        value = await self._read(key)
        if value is not None:
            self.keep(key, value, began)
        return value

    def known(self, key: K) -> V | None:
        """The value, if it need not be read."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and self._clock_s() < kept[0] else None

    def begin(self) -> Began:
        """Something is about to be read that `keep` shall be given."""
        return Began(self._clock_s(), self._forgotten)

    def keep(self, key: K, value: V, began: Began) -> None:
        """Remember a value that was read after `began`, unless something was forgotten since: this may be it."""
        if began.forgotten != self._forgotten:
            return
        self._kept[key] = (began.at_s + self._ttl_s, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size_max:
            self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        """It won't be asked for soon."""
        self._kept.pop(key, None)

    def forget(self, key: K) -> None:
        """It has changed: read it again when someone asks."""
        self._forgotten += 1
        self.drop(key)

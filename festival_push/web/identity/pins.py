"""PINs: hashed with argon2, off the event loop, by few threads that serve one bounded queue after the other."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Annotated, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from festival_push.web.parsing.fields import matching
from festival_push.web.parsing.problems import TooBusy

T = TypeVar("T")

Pin = Annotated[str, matching(r"^[0-9]{4,12}(?![\s\S])", "^[0-9]{4,12}$", description="4 to 12 digits.")]

BUSY: Final = (503, "busy")
"""The refusal that every route that takes a PIN may answer: status and code."""
_RETRY_AFTER_S: Final = 2


@cache
def standard_hasher() -> PasswordHasher:
    """Return OWASP's smallest argon2id: about 20 ms and 19 MiB each, so that small servers can sign many people in."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _decoy(hasher: PasswordHasher) -> str:
    """Hash an arbitrary PIN, once a process: compared where there is no hash, so that the answer takes as long."""
    return hasher.hash("0000")


class Turns:
    """Places for work, given to one queue after the other: however long one queue is, the next place is another's.

    Args:
        places: How much work is done at once.
        each_max: How many may wait in one queue.
        all_max: How many may wait in all queues. Beyond it the newest of the longest queue goes, if that is longer than
            the newcomer's own.
    """

    def __init__(self, places: int, *, each_max: int, all_max: int) -> None:
        self._free = places
        self._each_max = each_max
        self._all_max = all_max
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()  # the next one first; none is empty
        self.waiting = 0

    async def wait(self, queue: str) -> None:
        """Wait for a place, which must be given back. Raises TooBusy."""
        if self._free:  # then nobody waits
            self._free -= 1
            return
        place = self._enqueue(queue)
        try:
            await place
        except asyncio.CancelledError:
            self._withdraw(queue, place)
            raise

    def give_back(self) -> None:
        """Give the place to the first of the next queue."""
        while self._queues:
            queue, places = self._queues.popitem(last=False)
            place = places.popleft()
            self.waiting -= 1
            if places:
                self._queues[queue] = places
            if not place.done():  # else its caller has gone away just now
                place.set_result(None)
                return
        self._free += 1

    def close(self) -> None:
        """Cancel all that wait."""
        for places in self._queues.values():
            for place in places:
                place.cancel()

    def _enqueue(self, queue: str) -> asyncio.Future[None]:
        length = len(self._queues.get(queue, ()))
        if length >= self._each_max:
            raise _busy()
        if self.waiting >= self._all_max:
            self._make_room(length)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(queue, deque()).append(place)
        self.waiting += 1
        return place

    def _make_room(self, length: int) -> None:
        longest: deque[asyncio.Future[None]] = max(self._queues.values(), key=len, default=deque())
        if len(longest) <= length + 1:
            raise _busy()
        place = longest.pop()
        self.waiting -= 1
        if not place.done():
            place.set_exception(_busy())

    def _withdraw(self, queue: str, place: asyncio.Future[None]) -> None:
        if place.cancelled():
            places = self._queues.get(queue, deque())
            if place in places:  # else `give_back` was quicker
                places.remove(place)
                self.waiting -= 1
                if not places:
                    del self._queues[queue]
        elif place.done() and place.exception() is None:  # it came just as its caller went away
            self.give_back()


class Pins:
    """Hashes and verifies PINs in threads of its own; argon2 lets go of the interpreter lock meanwhile.

    The threads serve one queue after the other. A caller that goes away while it waits makes room at once.
    """

    def __init__(self, hasher: PasswordHasher, *, threads: int = 2, each_max: int = 128, all_max: int = 512) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pins")
        self.turns = Turns(threads, each_max=each_max, all_max=all_max)
        self._decoy = _decoy(hasher)

    async def hash(self, pin: str, queue: str) -> str:
        """Return the hash of a PIN, which is all that is stored of it. Raises TooBusy."""
        return await self._run(lambda: self._hasher.hash(pin), queue)

    async def verify(self, pin_hash: str | None, pin: str, queue: str) -> bool:
        """Return whether the PIN fits the hash. Without a hash: False, after the same work. Raises TooBusy."""
        return await self._run(lambda: self._matches(pin_hash or self._decoy, pin), queue) and pin_hash is not None

    def close(self) -> None:
        """Cancel the PINs that still wait, and end the threads."""
        self.turns.close()
        self._pool.shutdown(cancel_futures=True)

    def _matches(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T], queue: str) -> T:
        await self.turns.wait(queue)
        loop = asyncio.get_running_loop()
        future = self._pool.submit(work)
        # When the work is over, not when its caller has gone away: the thread is not free before.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self.turns.give_back))
        return await asyncio.wrap_future(future)


def _busy() -> TooBusy:
    return TooBusy("busy", "Too many people sign in at this moment.", retry_after_s=_RETRY_AFTER_S)

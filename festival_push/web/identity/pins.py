"""PINs: hashed with argon2, off the event loop, by few threads and with a bounded queue."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
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


class Pins:
    """Hashes and verifies PINs in threads of its own; argon2 lets go of the interpreter lock meanwhile."""

    def __init__(self, hasher: PasswordHasher, *, threads: int = 2, waiting_max: int = 64) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pins")
        self._waiting_max = waiting_max
        self._waiting = 0  # those being hashed included
        self._lock = threading.Lock()
        self._decoy = _decoy(hasher)

    async def hash(self, pin: str) -> str:
        """Return the hash of a PIN, which is all that is stored of it. Raises TooBusy."""
        return await self._run(lambda: self._hasher.hash(pin))

    async def verify(self, pin_hash: str | None, pin: str) -> bool:
        """Return whether the PIN fits the hash. Without a hash: False, after the same work. Raises TooBusy."""
        return await self._run(lambda: self._matches(pin_hash or self._decoy, pin)) and pin_hash is not None

    def close(self) -> None:
        """Cancel the PINs that still wait, and end the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _matches(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self._waiting >= self._waiting_max:
                raise TooBusy("busy", "Too many people sign in at this moment.", retry_after_s=_RETRY_AFTER_S)
            self._waiting += 1
        future = self._pool.submit(work)
        future.add_done_callback(self._done)  # when the work is over, not when its caller has gone away
        return await asyncio.wrap_future(future)

    def _done(self, _future: Future[T]) -> None:
        with self._lock:
            self._waiting -= 1

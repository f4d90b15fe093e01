"""An event loop whose clock stands still while anything can be done, and jumps to the next timer when nothing can.

An hour of waiting takes no time, and a busy machine changes nothing: what happens depends on the code alone. For tests
inside one process and one thread; sockets, threads and child processes have times of their own.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

START_S: Final = 1_000.0


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Raises RuntimeError, where another loop would wait for ever: nothing can be done and no timer runs."""

    def __init__(self) -> None:
        self._now_s = START_S
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Virtual seconds."""
        return self._now_s

    def jump(self, seconds: float) -> None:
        """Move the clock, as if nothing had happened for so long."""
        self._now_s += seconds


class _Jumping(selectors.DefaultSelector):
    """Never blocks: the time that it was to wait for passes at once."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now."""
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits for another one")
            self._loop.jump(timeout)
        return ready


def run(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)

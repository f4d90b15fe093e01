"""Waiting for a condition with a bound: the one place in the tests that sleeps."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, overload

T = TypeVar("T")

POLL_S: Final = 0.005
POLL_MAX_S: Final = 0.1
"""Many conditions ask a server or start a program, so what takes long is asked after more rarely."""


@overload
async def until(condition: Callable[[], Awaitable[T | None]], within_s: float = 60.0, message: str = "") -> T: ...
@overload
async def until(condition: Callable[[], T | None], within_s: float = 60.0, message: str = "") -> T: ...
async def until(
    condition: Callable[[], Awaitable[T | None]] | Callable[[], T | None], within_s: float = 60.0, message: str = ""
) -> T:
    """Await the moment when `condition` gives something truthy, and return that.

    Args:
        condition: A plain or an async function without arguments; called every few milliseconds, at least once.
            What it raises passes through.
        within_s: Real seconds to wait at most, the condition's own awaiting included.
        message: What was waited for, in words; the condition's name and line are said anyway.

    Raises:
        AssertionError: It did not come true in time; the text names the condition and its last value.
    """
    found: T | None = None
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(within_s) as bound:
            while True:
                outcome = condition()
                found = await outcome if inspect.isawaitable(outcome) else outcome
                if found:
                    return found
                await asyncio.sleep(_pause_s(began_s))
    except TimeoutError:
        if not bound.expired():
            raise  # the condition's own
    raise AssertionError(_complaint(condition, within_s, message, found))


def until_sync(condition: Callable[[], T | None], within_s: float = 60.0, message: str = "") -> T:
    """As `until`, for code that runs before there is an event loop (starting servers)."""
    began_s = time.monotonic()
    deadline_s = began_s + within_s
    while not (found := condition()):
        if time.monotonic() >= deadline_s:
            raise AssertionError(_complaint(condition, within_s, message, found))
        time.sleep(_pause_s(began_s))
    return found


def _pause_s(began_s: float) -> float:
    """Return the pause to the next look: it makes nobody wait for more than a fiftieth longer, or POLL_S."""
    return min(POLL_MAX_S, max(POLL_S, (time.monotonic() - began_s) / 50))


def _complaint(condition: Callable[[], object], within_s: float, message: str, found: object) -> str:
    code = getattr(condition, "__code__", None)
    where = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
    name = getattr(condition, "__qualname__", repr(condition))
    return f"{message or 'condition'} not met within {within_s:g} s: {name}{where} last gave {found!r}"

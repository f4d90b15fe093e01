"""The broker's interface: the committing process tells the others of its batches. None of them relies on being told."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec

from festival_push.domain.log import LogRow


class Doubt(msgspec.Struct, frozen=True):
    """Tells the tail that a batch may have been missed, so that it reads the log."""


class Broker(Protocol):
    """Carries committed rows between processes. It may lose, repeat and reorder them; the log is the truth."""

    @property
    def healthy(self) -> bool:
        """True if batches can be expected to arrive. While it is False, the tail reads the log more often."""

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Tell the other processes of one committed batch: 1 or more rows without a gap. Never blocks, never raises."""

    def renew(self, epoch: str) -> None:
        """Tell of another log from now on: what waits to be published is dropped. Never blocks, never raises."""

    def receive(self) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield batches as they were published, without end, and a Doubt whenever one may be missing. The first item
        is always a Doubt."""

    async def run(self) -> None:
        """Publish what was given to `publish`, until cancelled; failed connections are retried, never raised."""

    async def close(self) -> None:
        """Close every connection. `run` and the receivers have ended, or end now."""


class NoBroker:
    """The broker without Redis: a process' own commits reach its tail directly, and others read the log on a timer."""

    healthy = True

    def __init__(self) -> None:
        self._closed = asyncio.Event()

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Do nothing: there is no other process to tell."""

    def renew(self, epoch: str) -> None:
        """Do nothing: there is no other process to tell."""

    async def receive(self) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield the first Doubt, and nothing after it."""
        yield Doubt()
        await self._closed.wait()

    async def run(self) -> None:
        """Do nothing until it is closed."""
        await self._closed.wait()

    async def close(self) -> None:
        """End `run` and the receivers."""
        self._closed.set()

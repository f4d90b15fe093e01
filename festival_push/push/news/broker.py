"""The broker's interface: the committing process tells the others of its batches. None of them relies on being told."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from festival_push.domain.log import LogRow
from festival_push.push.hub.entries import Unread


class Doubt(msgspec.Struct, frozen=True):
    """Tells the tail that a batch may have been missed, so that it reads the log."""


class Told(msgspec.Struct, frozen=True):
    """Tells the tail of one committed batch, of another process: the events from position `first` on, without a gap."""

    first: int
    events: tuple[Unread, ...]


News = Told | Doubt
Hear = Callable[[News], None]
"""Takes what the broker receives; cheap, never raises."""


class Broker(Protocol):
    """Carries committed rows between processes. It may lose, repeat and reorder them; the log is the truth."""

    @property
    def healthy(self) -> bool:
        """True if batches can be expected to arrive. While it is False, the tail reads the log more often."""

    @property
    def heard_s(self) -> float:
        """When another process was heard last, on the monotonic clock: it can reach the database. 0: never."""

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Tell the other processes of one committed batch: 1 or more rows without a gap. Never blocks, never raises."""

    def renew(self, epoch: str) -> None:
        """Tell of another log from now on: what waits to be published is dropped. Never blocks, never raises."""

    async def receive(self, hear: Hear) -> None:
        """Let `hear` take batches as they are told, without end, and a Doubt whenever one may be missing. The first of
        the news is always a Doubt."""

    async def run(self) -> None:
        """Publish what was given to `publish`, until cancelled; failed connections are retried, never raised."""

    async def close(self) -> None:
        """Close every connection. `run` and the receivers have ended, or end now."""


class NoBroker:
    """The broker without Redis: a process' own commits reach its tail directly, and others read the log on a timer."""

    healthy = True
    heard_s = 0.0

    def __init__(self) -> None:
        self._closed = asyncio.Event()

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Do nothing: there is no other process to tell."""

    def renew(self, epoch: str) -> None:
        """Do nothing: there is no other process to tell."""

    async def receive(self, hear: Hear) -> None:
        """Tell the first Doubt, and nothing after it."""
        hear(Doubt())
        await self._closed.wait()

    async def run(self) -> None:
        """Do nothing until it is closed."""
        await self._closed.wait()

    async def close(self) -> None:
        """End `run` and the receivers."""
        self._closed.set()

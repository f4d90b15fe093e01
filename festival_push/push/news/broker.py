"""The seam between processes: whoever commits tells the others, and nobody relies on having been told."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec

from festival_push.domain.log import LogRow


class Doubt(msgspec.Struct, frozen=True):
    """Something may have been missed: read the log."""


class Broker(Protocol):
    """Carries news of committed rows. It may lose, repeat and reorder them; the log is the truth."""

    @property
    def healthy(self) -> bool:
        """Whether news can be expected to arrive. While it is False, the tail reads the log more often."""

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Tell the others of one committed batch, 1 or more rows without a gap. Never blocks, never raises."""

    def receive(self) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield what is told, without end: batches as they were published, and a Doubt whenever one may be missing.
        The first thing is always a Doubt."""

    async def run(self) -> None:
        """Do the publishing, until it is cancelled; neighbours that fail are retried, never raised."""

    async def close(self) -> None:
        """Let go of every connection. `run` and the receivers have ended, or end now."""


class NoBroker:
    """The broker of a process that has nobody to tell: its own commits reach its tail directly."""

    healthy = True

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Tell nobody."""

    async def receive(self) -> AsyncGenerator[tuple[LogRow, ...] | Doubt]:
        """Yield the first Doubt, and nothing after it."""
        yield Doubt()
        await asyncio.Event().wait()

    async def run(self) -> None:
        """Do nothing until cancelled."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """There is nothing to let go of."""

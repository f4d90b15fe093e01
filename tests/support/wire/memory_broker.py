"""A broker within one process, for tests of the tail: what is published is received, as it is."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from festival_push.domain.log import LogRow
from festival_push.push.hub.entries import unread
from festival_push.push.news.broker import Doubt, Hear, News, Told

QUEUE_BATCHES_MAX: Final = 1_000
"""Batches that may wait for a receiver. Beyond it they are dropped for a Doubt: the log has them."""


class MemoryBroker:
    """Passes batches to every receiver in this process."""

    def __init__(self, *, epoch: str = "e1", queue_batches_max: int = QUEUE_BATCHES_MAX) -> None:
        self._epoch = epoch
        self._queue_batches_max = queue_batches_max
        self._inboxes: set[_Inbox] = set()
        self._closed = asyncio.Event()
        self.healthy = True
        self.heard_s = 0.0
        self.dropped = 0

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Put the batch into every receiver's inbox; one that is full is emptied and left with a Doubt."""
        for inbox in self._inboxes:
            if len(inbox.waiting) >= self._queue_batches_max:
                self.dropped += len(inbox.waiting)
                inbox.waiting.clear()
                inbox.waiting.append(Doubt())
            inbox.waiting.append(Told(rows[0].position, tuple(unread(self._epoch, row) for row in rows)))
            inbox.filled.set()

    def renew(self, epoch: str) -> None:
        """Drop what waits: it is of the log before."""
        self._epoch = epoch
        for inbox in self._inboxes:
            inbox.waiting.clear()

    async def receive(self, hear: Hear) -> None:
        """Tell a Doubt (what was published before is not here), then every batch from now on."""
        inbox = _Inbox()
        self._inboxes.add(inbox)
        try:
            hear(Doubt())
            while not self._closed.is_set():
                while inbox.waiting:
                    hear(inbox.waiting.popleft())
                inbox.filled.clear()
                await inbox.filled.wait()
        finally:
            self._inboxes.discard(inbox)

    async def run(self) -> None:
        """There is nothing to do; returns when the broker is closed."""
        await self._closed.wait()

    async def close(self) -> None:
        """End `run` and the receivers."""
        self._closed.set()
        for inbox in self._inboxes:
            inbox.filled.set()


class _Inbox:
    """What one receiver has still to take."""

    __slots__ = ("filled", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[News] = deque()
        self.filled = asyncio.Event()

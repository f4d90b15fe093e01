"""The tail: brings the log into the hub, every event once and in order, from three sources.

    a commit of this process ─ offer ─┐            next in order   applied at once
    the broker's batches ─────────────┼─► tail ──► older           dropped
    the log itself, read ─────────────┘            newer           kept aside; a gap not filled in 10 ms is read

The log is read after a gap, after a Doubt, and on a timer in any case; more often while the broker is not healthy
(`push/pace.py`).
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from festival_push.domain.log import LogHead, LogPosition, LogRow
from festival_push.push.errors import ReadFailed, read_or_fail
from festival_push.push.hub.entries import Unread
from festival_push.push.hub.hub import Hub
from festival_push.push.news.broker import Broker, Doubt, News
from festival_push.push.pace import Pace

ASIDE_EVENTS_MAX: Final = 4_096
_GAP_S: Final = 0.010  # batches of two processes overtake each other all the time
_RETRY_S_MAX: Final = 2.0
_PAGE: Final = 500

logger = logging.getLogger(__name__)


ReadHead = Callable[[], Awaitable[LogHead]]
ReadRange = Callable[[int, int], Awaitable[Sequence[LogRow]]]
"""`(after, limit)`: returns the events after a position, in order; raises if some of them are trimmed."""


class LogChanged(Exception):
    """Raised when the log has a hole, and so is not one that we can follow. The process must start afresh."""


async def _nothing() -> None:
    """Look at nothing."""


class Tail:
    """Follows one log, and publishes its events to the hub.

    Args:
        read_head: Returns the head of the log.
        read_range: Returns a page of the log.
        look: Lets the one writer look whether the log is still the one that we know; `renew` is called if not.
        poll_s: The log is read at least this often, in seconds.
        processes: How many processes follow the log; the more, the less often each reads it without a broker.
        preload_events: How many events before the head go through the hub at the start, so that clients that come
            back after a restart are served from its memory. None: as many as it holds.
        monotonic: Seconds that never go back, as the broker's.
    """

    def __init__(
        self,
        read_head: ReadHead,
        read_range: ReadRange,
        broker: Broker,
        hub: Hub,
        *,
        look: Callable[[], Awaitable[None]] = _nothing,
        poll_s: float = 1.0,
        processes: Callable[[], int] = lambda: 1,
        preload_events: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_head = read_head
        self._read_range = read_range
        self._broker = broker
        self._hub = hub
        self._look = look
        self._pace = Pace(poll_s, processes)
        self._preload_events = hub.memory.events_held if preload_events is None else preload_events
        self._started = False
        self._aside: dict[int, LogRow | Unread] = {}
        self._doubtful = False
        self._wake = asyncio.Event()
        self._reading = asyncio.Lock()
        self._reads_begun = 0
        self._monotonic = monotonic
        self._fresh_s = monotonic()  # when we last knew that all that is committed was told
        self._read_well = 0  # the number of the last read that did not fail
        self.renewals = 0  # how often the log was another one than before
        self.gaps_read = 0  # how often the log was read because events were missing
        self.read_failures = 0

    @property
    def position(self) -> int:
        """Position of the last event that was published to the hub."""
        return self._hub.published

    @property
    def newest(self) -> LogPosition:
        """Return the newest position that this process has heard of: published, or kept aside."""
        return LogPosition(self._hub.epoch, max(self._hub.published, max(self._aside, default=0)))

    def age_s(self) -> float:
        """Return for how many seconds something may have been committed that our streams were not told of.

        Whoever can read the log is up to date; so is who hears of another process that can, and lacks nothing that it
        has named.
        """
        if self.position >= self.newest.position and not self._doubtful:
            self._fresh_s = max(self._fresh_s, self._broker.heard_s)
        return self._monotonic() - self._fresh_s

    async def start(self) -> None:
        """Bring the hub to the head of the log. Raises ReadFailed, LogChanged."""
        head = await read_or_fail(self._read_head())
        self._hub.restart(max(head.trimmed_to, head.position - self._preload_events))
        self._started = True
        await self.catch_up()

    async def run(self) -> None:
        """Follow the log until cancelled. Read again after a database failure, with a pause.

        Raises:
            ReadFailed: The database failed at the start, if `start` was not called before.
            LogChanged: The log was replaced, or has a hole.
        """
        if not self._started:
            await self.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive())
            tasks.create_task(self._heal())

    def offer(self, rows: Sequence[LogRow]) -> None:
        """Take committed rows, in any order and any number of times; cheap, never raises."""
        if not self._started or not rows:
            return
        self._take(rows[0].position, rows)

    def hear(self, news: News) -> None:
        """Take what the broker tells, in any order and any number of times; cheap, never raises."""
        if isinstance(news, Doubt):
            self._doubtful = True
            self._wake.set()
        elif self._started:
            self._take(news.first, news.events)

    def _take(self, first: int, events: Sequence[LogRow | Unread]) -> None:
        """Take events without a gap, from position `first` on."""
        expected = self._hub.published + 1
        if first + len(events) <= expected:
            return
        if first <= expected and not self._aside and not self._hub.is_full:
            events = events[expected - first :]
            first = expected + self._hub.publish(events)
            events = events[first - expected :]
        for position, event in enumerate(events, first):
            if position > self._hub.published and _is_better(event, self._aside.get(position)):
                self._aside[position] = event
        self._apply_aside()
        if len(self._aside) > ASIDE_EVENTS_MAX:
            self._aside.clear()
            self._doubtful = True
        if self._aside or self._doubtful:
            self._wake.set()

    def renew(self, epoch: str, position: int) -> None:
        """Follow another log from now on, from `position`, which may be below ours; every stream is cut off. Does
        nothing for the log that we follow already. Never blocks."""
        if not self._started or epoch == self._hub.epoch:
            return
        logger.warning("following the log %s from event %d, no longer %s", epoch, position, self._hub.epoch)
        self.renewals += 1
        self._aside.clear()
        self._broker.renew(epoch)
        self._hub.renew(epoch, position)
        self._doubtful = True
        self._wake.set()

    async def catch_up(self) -> int:
        """Read the log now, up to its head, and return the position then. Callers that come while it is being read
        share the next read. Raises ReadFailed, LogChanged."""
        begun_before = self._reads_begun
        async with self._reading:
            if self._read_well <= begun_before:
                self._reads_begun += 1
                began_s = self._monotonic()
                await self._read()
                self._pace.took(self._monotonic() - began_s)
                self._fresh_s = max(self._fresh_s, began_s)
                self._read_well = self._reads_begun
        return self.position

    async def _receive(self) -> None:
        await self._broker.receive(self.hear)

    async def _heal(self) -> None:
        """Read the log whenever `_reason_to_read` returns; after a failure, retry with a growing pause."""
        failures = 0
        while True:
            try:
                await self.catch_up()
            except ReadFailed as error:
                failures += 1
                self.read_failures += 1
                if failures == 1:
                    logger.warning("can't read the log, trying on: %r", error.__cause__ or error)
                pause_s = min(0.1 * 2**failures, _RETRY_S_MAX)
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            else:
                if failures:
                    logger.warning("reading the log again after %d failures", failures)
                failures = 0
                await self._reason_to_read()

    async def _reason_to_read(self) -> None:
        """Return when the log must be read: after a Doubt, a gap that was not filled in time, or at the pace's time."""
        loop = asyncio.get_running_loop()
        read_at = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(read_at + self._pace.wait_s(healthy=self._broker.healthy)):
                    await self._wake.wait()
                    self._wake.clear()
                    if self._aside and not self._doubtful:
                        before_gap = self._hub.published
                        await asyncio.sleep(_GAP_S)
                        if self._aside and self._hub.published != before_gap:
                            self._wake.set()  # that gap was filled; wait the same time for the present one
                            continue
            except TimeoutError:
                return
            if self._doubtful or self._aside:
                self.gaps_read += 1
                return

    async def _read(self) -> None:
        """Bring the hub to the head of the log. If that fails, `_heal` reads again: its timer runs in any case."""
        self._doubtful = False
        epoch, published = self._hub.epoch, self._hub.published
        head = await read_or_fail(self._read_head())
        if self._hub.epoch != epoch:
            self._doubtful = True  # renewed meanwhile: this head may be of the log before
            return
        if head.epoch != epoch:
            self.renew(head.epoch, max(head.trimmed_to, head.position - self._preload_events))
            epoch = head.epoch
        elif head.position < published:
            # It lacks what we have told; only a transaction may say that it is another log now.
            await read_or_fail(self._look())
            return
        if self._hub.published < head.trimmed_to:
            self._skip_to(head.trimmed_to)
        while self._hub.published < head.position:
            rows = await read_or_fail(self._read_range(self._hub.published, _PAGE))
            if self._hub.epoch != epoch:
                self._doubtful = True
                return
            if not rows:
                return  # a replica that lags behind its own head
            for row in rows:
                if row.position == self._hub.published + 1:  # some may have come from another source meanwhile
                    self._hub.publish((row,))
            if self._hub.published < rows[-1].position:
                raise LogChanged(f"the log has a hole after {self._hub.published}")
            published = self._hub.published
            self._aside = {position: row for position, row in self._aside.items() if position > published}
            self._apply_aside()
            await self._hub.until_not_full()

    def _skip_to(self, position: int) -> None:
        """Go on after `position`: this process did not read for so long that the events up to it are trimmed."""
        logger.error("events %d to %d were trimmed before they were read", self._hub.published + 1, position)
        self._hub.restart(position)

    def _apply_aside(self) -> None:
        """Publish the events kept aside that come next in the log."""
        expected = self._hub.published + 1
        batch: list[LogRow | Unread] = []
        while (event := self._aside.get(expected + len(batch))) is not None:
            batch.append(event)
        if not batch:
            return
        if self._hub.is_full:
            self._aside.clear()
            self._doubtful = True  # reads them from the log when the hub can take more
            self._wake.set()
            return
        for position in range(expected, expected + self._hub.publish(batch)):
            del self._aside[position]  # one that is left is followed here and was not told: it is read


def _is_better(event: LogRow | Unread, known: LogRow | Unread | None) -> bool:
    """Return True if the event says more than what is known of it."""
    return known is None or isinstance(event, LogRow) or (isinstance(known, tuple) and known[1] is None)

"""A feed: what one client gets of the log, from its cursor on, each event once and in order.

subscribe ─► decide on the cursor ─► replay (cursor, since] ─► live, after what was replayed
first of all; everything     │         from the window, or
after `since` is kept        │         from the log in pages
                             └► can't be honoured: a snapshot, and its position is the cursor
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final, Literal

import msgspec

from festival_push.domain.events import LogRow
from festival_push.domain.values import Topic
from festival_push.push.frames import Cursor, Frame, parse_cursor
from festival_push.push.hub import Hub
from festival_push.push.subscriber import Sink
from festival_push.push.tail import ReadHead, read_or_fail

Reason = Literal["malformed", "other-epoch", "beyond-head", "trimmed"]
ReadAfter = Callable[[Sequence[Topic], int, int, int], Awaitable[Sequence[LogRow]]]
"""`(topics, after, up_to, limit)`: events with `after < position <= up_to` that carry a topic, each once, in order."""
ReadSnapshot = Callable[[], Awaitable[tuple[int, object]]]
"""The state of what the client follows, JSON-able, and the position of the log that it was read at, as one."""

REPLAYS_MAX: Final = 8  # pages being read at once, of all streams
_LAG_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds that a read replica gets to catch up with the hub


class Interrupted(Exception):
    """The replay can't be finished: what is left of it was trimmed meanwhile, or a replica lags too far behind. The
    client comes back with its cursor."""


class Sources:
    """Where feeds read from.

    Args:
        catch_up: The tail's; reads the log up to its head and returns the position.
        replay_page: Events read at once.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        read_head: ReadHead,
        read_after: ReadAfter,
        catch_up: Callable[[], Awaitable[int]],
        replay_page: int,
    ) -> None:
        self.hub = hub
        self.read_head = read_head
        self.read_after = read_after
        self.catch_up = catch_up
        self.replay_page = replay_page
        self.turn = asyncio.Semaphore(REPLAYS_MAX)


class Opening(msgspec.Struct, frozen=True):
    """How a feed begins."""

    cursor: Cursor
    resumed: bool
    reason: Reason | None = None  # why it is not resumed; None also when the client had no cursor
    snapshot: object = None


class Feed:
    """One client's way through the log. Close it at the end."""

    def __init__(self, sources: Sources, topics: Sequence[Topic], sink: Sink, *, backlog_bytes_max: int) -> None:
        self._sources = sources
        self._topics = tuple(dict.fromkeys(topics))
        self.subscriber = sources.hub.subscribe(self._topics, sink, backlog_bytes_max=backlog_bytes_max)
        self.position = 0  # of the last event that was given out, or left out for good

    def close(self) -> None:
        """Follow the log no longer."""
        self._sources.hub.unsubscribe(self.subscriber)

    @property
    def cursor(self) -> Cursor:
        """Where a client that has had everything given out so far may go on."""
        return Cursor(self._sources.hub.epoch, self.position)

    async def open(self, cursor_text: str | None, read_snapshot: ReadSnapshot) -> Opening:
        """Decide whether the cursor can be honoured; if not, read the snapshot. Raises ReadFailed."""
        epoch = self._sources.hub.epoch
        cursor = parse_cursor(cursor_text) if cursor_text else None
        reason: Reason | None = None
        if cursor is None:
            reason = "malformed" if cursor_text else None
        elif cursor.epoch != epoch:
            reason = "other-epoch"
        else:
            reason = await self._refusal_of(cursor.position)
            if reason is None:
                self.position = cursor.position
                return Opening(cursor, resumed=True)
        self.position, snapshot = await read_or_fail(read_snapshot())
        return Opening(Cursor(epoch, self.position), resumed=False, reason=reason, snapshot=snapshot)

    async def replay(self) -> AsyncGenerator[list[Frame], None]:
        """Yield what was missed up to `since`, in pages. Raises Interrupted, ReadFailed."""
        since = self.subscriber.since
        if self.position >= since:
            return
        frames = self._sources.hub.window.replay(self._topics, self.position, since)
        if frames is None:
            await self._wait_for_replica(since)
        while frames is None:
            page = await self._read_page(since)
            if len(page) == self._sources.replay_page:
                self.position = page[-1].position
                yield page
                frames = self._sources.hub.window.replay(self._topics, self.position, since)
            else:
                frames = page
        self.position = since
        if frames:
            yield frames

    def take(self) -> list[Frame]:
        """The live events that wait, without those which the replay or the snapshot has covered."""
        frames = self.subscriber.take()
        if frames and frames[0].position <= self.position:
            frames = [frame for frame in frames if frame.position > self.position]
        if frames:
            self.position = frames[-1].position
        if not self.subscriber.closed:  # whatever up to here was for this client has been taken
            self.position = max(self.position, self._sources.hub.position)
        return frames

    async def _refusal_of(self, position: int) -> Reason | None:
        hub = self._sources.hub
        if position > hub.published and position > await self._sources.catch_up():
            return "beyond-head"
        if position >= hub.window.covered_from:
            return None
        return "trimmed" if position < (await read_or_fail(self._sources.read_head())).trimmed_to else None

    async def _read_page(self, since: int) -> list[Frame]:
        sources, after = self._sources, self.position
        async with sources.turn:
            rows = await read_or_fail(sources.read_after(self._topics, after, since, sources.replay_page))
            head = await read_or_fail(sources.read_head())
        if head.trimmed_to > after:  # perhaps before the page was read
            raise Interrupted("trimmed")
        return [Frame(sources.hub.epoch, row) for row in rows]

    async def _wait_for_replica(self, since: int) -> None:
        """The hub may be ahead of the database that we read from, and a short answer would look like a whole one."""
        for wait_s in (*_LAG_WAITS, None):
            if (await read_or_fail(self._sources.read_head())).position >= since:
                return
            if wait_s is None:
                raise Interrupted("the log that we read lags behind")
            await asyncio.sleep(wait_s)

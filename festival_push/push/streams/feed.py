"""A feed: gives one client its events of the log, from its cursor on, each once and in order.

subscribe ─► decide on the cursor ─► replay (cursor, since] ─► live, after what was replayed
first of all; everything     │         from the window, or
after `since` is kept        │         from the log in pages
                             └► can't be honoured: a snapshot, and its position is the cursor
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final, Literal, TypeVar

import msgspec

from festival_push.domain.log import LogPage
from festival_push.domain.values import Topic
from festival_push.push.errors import ReadFailed, read_or_fail
from festival_push.push.hub.backlog import Sink, Waiting
from festival_push.push.hub.frames import Cursor, Frame, frame_of, parse_cursor
from festival_push.push.hub.hub import Hub
from festival_push.push.streams.request import FollowedRooms, StreamRequest

T = TypeVar("T")
Reason = Literal["malformed", "other-epoch", "beyond-head", "trimmed"]


ReadAfter = Callable[[Sequence[Topic], int, int, int], Awaitable[LogPage]]
"""`(topics, after, up_to, limit)`: events with `after < position <= up_to` of these topics, each once, in order."""

_LAG_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)  # pauses in seconds, for a read replica to catch up with the hub


class Interrupted(Exception):
    """Raised when the rest of a replay was trimmed meanwhile. The client comes back with its cursor."""


class Sources:
    """What feeds read from: the hub, the log, and the tail.

    Args:
        read_after: Returns a page of the log.
        catch_up: `Tail.catch_up`: reads the log up to its head and returns the position.
        replay_page: Events read from the log at once.
        age_s: `Tail.age_s`: for how many seconds something may have been committed that the hub was not told of.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        read_after: ReadAfter,
        catch_up: Callable[[], Awaitable[int]],
        replay_page: int,
        age_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.hub = hub
        self.age_s = age_s
        self.read_after = read_after
        self.catch_up = catch_up
        self.replay_page = replay_page
        self.replay_reads = 0  # pages of SQL
        self.replay_rows = 0  # events in those pages
        self.window_replays = 0  # replays that needed no SQL


_Missed = tuple[list[Frame], int]
"""Events of a replay, and the position up to which these are all of them."""


class Opening(msgspec.Struct, frozen=True):
    """How a feed begins: resumed at the client's cursor, or with a snapshot."""

    cursor: Cursor
    resumed: bool
    reason: Reason | None = None  # why it is not resumed; None also if the client had no cursor
    snapshot: object = None


class Feed:
    """Gives one client its events: the replay, then the live ones. Close it at the end.

    Args:
        request: What the client asks for; only its topics are kept.
        sink: Told by the hub when live events wait.
        backlog_bytes_max: Bytes that may wait for the client; above it, the hub cuts the stream off.
    """

    __slots__ = ("_epoch", "_first", "_sources", "_topics", "position", "subscriber")

    def __init__(self, sources: Sources, request: StreamRequest, sink: Sink, *, backlog_bytes_max: int) -> None:
        self._sources = sources
        self._epoch = sources.hub.epoch
        self._topics = request.owner.topics
        self.subscriber = sources.hub.subscribe(
            self._topics,
            sink,
            backlog_bytes_max=backlog_bytes_max,
            owner=None if request.rooms is None else request.rooms.owner,
        )
        self.position = 0  # of the last event that was given out, or that the client doesn't need
        self._first: _Missed | None = None  # the first part of the replay, read by `open` and not given out yet

    def close(self) -> None:
        """Unsubscribe from the hub, and drop the backlog."""
        self._sources.hub.unsubscribe(self.subscriber)

    @property
    def cursor(self) -> Cursor:
        """The cursor from which a client that has everything given out so far may go on."""
        hub, subscriber, position = self._sources.hub, self.subscriber, self.position
        if subscriber.backlog is None and not subscriber.closed:  # every event for this client has been taken
            position = max(position, hub.position)
        return Cursor(self._epoch, position)

    async def open(self, request: StreamRequest) -> Opening:
        """Decide whether the client resumes at its cursor; only if it can't, read the snapshot. Raises ReadFailed.

        Args:
            request: The one that this feed was made for.
        """
        if request.rooms is not None:
            await self._enter(request.rooms)
        cursor = parse_cursor(request.cursor) if request.cursor else None
        reason: Reason | None = None
        if cursor is None:
            reason = "malformed" if request.cursor else None
        elif cursor.epoch != self._epoch:
            reason = "other-epoch"
        else:
            reason = await self._resume(cursor.position)
            if reason is None:
                return Opening(cursor, resumed=True)
        self.position, snapshot = await self._read(request.read_snapshot())
        return Opening(Cursor(self._epoch, self.position), resumed=False, reason=reason, snapshot=snapshot)

    async def replay(self) -> AsyncGenerator[list[Frame], None]:
        """Yield the events that the client missed, up to `since`, in pages. Raises Interrupted, ReadFailed."""
        missed, self._first = self._first, None
        while self.position < self.subscriber.since:
            missed = missed or await self._read_on()
            if missed is None:
                raise Interrupted("trimmed")
            frames, self.position = missed
            missed = None
            if frames:
                yield frames

    def take(self) -> Waiting | None:
        """Take the live events that wait, without those that the replay or the snapshot has covered; None if there are
        none."""
        backlog = self.subscriber.take()
        if backlog is not None and backlog.first <= self.position:
            backlog = backlog.after(self.position)
        if backlog is not None:
            self.position = backlog.position
        return backlog

    async def _enter(self, rooms: FollowedRooms) -> None:
        """Read the rooms and, if there are any, subscribe again with their topics. Nothing was given out yet, so the
        replay covers the events that waited until now.

        A change of rooms during the read has reached the first subscription; a later one will reach the second. The
        read must include all changes before the first subscription, which a lagging replica may not have yet.
        """
        first = self.subscriber
        for wait_s in (*_LAG_WAITS, None):
            position, read = await self._read(rooms.read())
            topics = tuple(read) if first.rooms_at <= position else first.rooms
            if max(position, first.rooms_at) >= first.since:
                break
            if wait_s is None:
                raise ReadFailed("the rooms that we read lag behind")
            await asyncio.sleep(wait_s)
        if not topics and not first.rooms:
            return
        sink = first.sink
        self._sources.hub.unsubscribe(first)
        self.subscriber = self._sources.hub.subscribe(
            first.own, sink, backlog_bytes_max=first.backlog_bytes_max, owner=first.owner, rooms=topics
        )
        self._topics = self.subscriber.topics  # the replay keeps to these, even if the rooms change later

    async def _read(self, reading: Awaitable[T]) -> T:
        """Await a read of the log that this feed began with. Raises ReadFailed."""
        read = await read_or_fail(reading)
        if self._sources.hub.epoch != self._epoch:
            raise ReadFailed("the log is another one since")
        return read

    async def _resume(self, position: int) -> Reason | None:
        """Resume after `position`; return None, or the reason why that is impossible. Raises ReadFailed."""
        hub = self._sources.hub
        if position > hub.published and position > await self._sources.catch_up():
            return "beyond-head"
        self.position = position
        if position < self.subscriber.since:
            if hub.memory.covers(self._topics, position):
                self._sources.window_replays += 1
            # Read before `connected` is sent: only the read tells for sure whether events are trimmed.
            self._first = await self._read_on()
            if self._first is None:
                return "trimmed"
        return None

    async def _read_on(self) -> _Missed | None:
        """Return the next missed events up to `since`, at least one position further; None if some of them are
        trimmed. Raises ReadFailed."""
        sources, since = self._sources, self.subscriber.since
        frames = sources.hub.memory.replay(self._topics, self.position, since)
        if frames is not None:
            return frames, since
        for wait_s in (*_LAG_WAITS, None):
            page = await self._read(sources.read_after(self._topics, self.position, since, sources.replay_page))
            if page.trimmed_to > self.position:
                return None
            if page.position >= since:
                break
            if wait_s is None:
                raise ReadFailed("the log that we read lags behind")
            await asyncio.sleep(wait_s)  # else a lagging replica's short page would look like the end
        sources.replay_reads += 1
        sources.replay_rows += len(page.rows)
        frames = [frame_of(self._epoch, row) for row in page.rows]
        return frames, since if len(frames) < sources.replay_page else frames[-1].position

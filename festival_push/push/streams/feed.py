"""A feed: what one client gets of the log, from its cursor on, each event once and in order.

subscribe ─► decide on the cursor ─► replay (cursor, since] ─► live, after what was replayed
first of all; everything     │         from the window, or
after `since` is kept        │         from the log in pages
                             └► can't be honoured: a snapshot, and its position is the cursor
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from typing import Final, Literal

import msgspec

from festival_push.domain.log import LogPage
from festival_push.domain.values import Topic, UserId
from festival_push.push.errors import ReadFailed, read_or_fail
from festival_push.push.hub.backlog import Backlog, Sink, Subscriber
from festival_push.push.hub.frames import Cursor, Frame, parse_cursor
from festival_push.push.hub.hub import Hub

Reason = Literal["malformed", "other-epoch", "beyond-head", "trimmed"]


ReadAfter = Callable[[Sequence[Topic], int, int, int], Awaitable[LogPage]]
"""`(topics, after, up_to, limit)`: events with `after < position <= up_to` that carry a topic, each once, in order."""
ReadSnapshot = Callable[[], Awaitable[tuple[int, object]]]
"""The state of what the client follows, JSON-able, and the position of the log that it was read at, as one."""

_LAG_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds that a read replica gets to catch up with the hub


class Interrupted(Exception):
    """The replay can't be finished: what is left of it was trimmed meanwhile. The client comes back with its cursor."""


class FollowedRooms(msgspec.Struct, frozen=True):
    """The rooms that a person follows on all their streams, beside the topics that are theirs anyway."""

    owner: UserId
    read: Callable[[], Awaitable[tuple[int, Sequence[Topic]]]]
    """The rooms' topics, and the position of the log that they were read at, as one."""


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
        read_after: ReadAfter,
        catch_up: Callable[[], Awaitable[int]],
        replay_page: int,
    ) -> None:
        self.hub = hub
        self.read_after = read_after
        self.catch_up = catch_up
        self.replay_page = replay_page
        self.replay_reads = 0  # pages of SQL
        self.replay_rows = 0  # in those pages
        self.window_replays = 0  # replays that needed no SQL


_Missed = tuple[list[Frame], int]
"""Events of a replay, and the position up to which there are no others."""


class Opening(msgspec.Struct, frozen=True):
    """How a feed begins."""

    cursor: Cursor
    resumed: bool
    reason: Reason | None = None  # why it is not resumed; None also when the client had no cursor
    snapshot: object = None


class Feed:
    """One client's way through the log. Close it at the end."""

    __slots__ = ("_backlog_bytes_max", "_first", "_rooms", "_sources", "_topics", "position", "subscriber")

    def __init__(
        self,
        sources: Sources,
        topics: tuple[Topic, ...],
        sink: Sink,
        *,
        backlog_bytes_max: int,
        rooms: FollowedRooms | None = None,
    ) -> None:
        self._sources = sources
        self._backlog_bytes_max = backlog_bytes_max
        self._rooms = rooms
        self._topics = topics
        self.subscriber = self._subscribe(topics, sink, ())
        self.position = 0  # of the last event that was given out, or left out for good
        self._first: _Missed | None = None  # read already, not given out yet

    def close(self) -> None:
        """Follow the log no longer."""
        self._sources.hub.unsubscribe(self.subscriber)

    @property
    def cursor(self) -> Cursor:
        """Where a client that has had everything given out so far may go on."""
        hub, subscriber, position = self._sources.hub, self.subscriber, self.position
        if subscriber.backlog is None and not subscriber.closed:  # whatever there was for this client has been taken
            position = max(position, hub.position)
        return Cursor(hub.epoch, position)

    async def open(self, cursor_text: str | None, read_snapshot: ReadSnapshot) -> Opening:
        """Decide whether the cursor can be honoured; if not, read the snapshot. Raises ReadFailed."""
        if self._rooms is not None:
            await self._enter(self._rooms)
            self._rooms = None  # what reads them may hold a whole request, and a stream stays for hours
        epoch = self._sources.hub.epoch
        cursor = parse_cursor(cursor_text) if cursor_text else None
        reason: Reason | None = None
        if cursor is None:
            reason = "malformed" if cursor_text else None
        elif cursor.epoch != epoch:
            reason = "other-epoch"
        else:
            reason = await self._resume(cursor.position)
            if reason is None:
                return Opening(cursor, resumed=True)
        self.position, snapshot = await read_or_fail(read_snapshot())
        return Opening(Cursor(epoch, self.position), resumed=False, reason=reason, snapshot=snapshot)

    async def replay(self) -> AsyncGenerator[list[Frame], None]:
        """Yield what was missed up to `since`, in pages. Raises Interrupted, ReadFailed."""
        missed, self._first = self._first, None
        while self.position < self.subscriber.since:
            missed = missed or await self._read_on()
            if missed is None:
                raise Interrupted("trimmed")
            frames, self.position = missed
            missed = None
            if frames:
                yield frames

    def take(self) -> Backlog | None:
        """The live events that wait, without those which the replay or the snapshot has covered."""
        backlog = self.subscriber.take()
        if backlog is not None and backlog.first <= self.position:
            backlog = backlog.after(self.position)
        if backlog is not None:
            self.position = backlog.newest.position
        return backlog

    def _subscribe(self, topics: tuple[Topic, ...], sink: Sink, rooms: Iterable[Topic]) -> Subscriber:
        return self._sources.hub.subscribe(
            topics,
            sink,
            backlog_bytes_max=self._backlog_bytes_max,
            owner=None if self._rooms is None else self._rooms.owner,
            rooms=rooms,
        )

    async def _enter(self, rooms: FollowedRooms) -> None:
        """Subscribe anew, to the rooms as well, if there are any: nothing was given out yet, so the replay covers what
        waited until now.

        A change that came while they were being read has reached the first subscription; a later one will reach the
        second. Those before the first one must be in what was read, which a lagging replica may not have yet.
        """
        first = self.subscriber
        for wait_s in (*_LAG_WAITS, None):
            position, read = await read_or_fail(rooms.read())
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
        self.subscriber = self._subscribe(first.own, sink, topics)
        self._topics = self.subscriber.topics  # as of the end of the replay, whatever rooms change later

    async def _resume(self, position: int) -> Reason | None:
        """Go on from there; or say why that can't be."""
        hub = self._sources.hub
        if position > hub.published and position > await self._sources.catch_up():
            return "beyond-head"
        self.position = position
        if position < self.subscriber.since:
            if position >= hub.window.covered_from:
                self._sources.window_replays += 1
            # Before the first word: whether it is trimmed is only known for sure when it is read.
            self._first = await self._read_on()
            if self._first is None:
                return "trimmed"
        return None

    async def _read_on(self) -> _Missed | None:
        """The next of what was missed up to `since`, at least one position further; None when some of it is trimmed.
        Raises ReadFailed."""
        sources, since = self._sources, self.subscriber.since
        frames = sources.hub.window.replay(self._topics, self.position, since)
        if frames is not None:
            return frames, since
        for wait_s in (*_LAG_WAITS, None):
            page = await read_or_fail(sources.read_after(self._topics, self.position, since, sources.replay_page))
            if page.trimmed_to > self.position:
                return None
            if page.position >= since:
                break
            if wait_s is None:
                raise ReadFailed("the log that we read lags behind")
            await asyncio.sleep(wait_s)  # or a short answer would look like a whole one
        sources.replay_reads += 1
        sources.replay_rows += len(page.rows)
        frames = [Frame(sources.hub.epoch, row) for row in page.rows]
        return frames, since if len(frames) < sources.replay_page else frames[-1].position

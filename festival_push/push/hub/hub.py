"""The hub: topic → subscribers, inside one process.

An event's frame is made once and the same bytes go to all subscribers. Pushing is done in order, event by event, in
slices of about a millisecond, so that twenty thousand streams don't keep a command waiting; between slices the event
loop runs other tasks.

    publish ──► window ──► queue ──► fan-out, sliced ──► backlogs ──► flush, sliced ──► sinks
                  │          events not yet pushed     a small audience is flushed at once,
                  └ replay   to all subscribers        a large one ("crowd") when the queue is empty

A stream is flushed once for all frames that gathered meanwhile: that costs least in a burst. After a round of flushes
through a crowd, the hub rests for as long as the round took: meanwhile more frames gather, and the loop has time for
other work.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Final

import msgspec

from festival_push.domain.events import RoomsChanged
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.backlog import Backlog, Sink, Subscriber
from festival_push.push.hub.frames import Frame, check_epoch
from festival_push.push.hub.topics import TopicIndex
from festival_push.push.hub.window import Window

QUEUE_EVENTS_MAX: Final = 4_096
WINDOW_EVENTS_MAX: Final = 20_000
WINDOW_BYTES_MAX: Final = 16 * 1024 * 1024  # of events' data; the encoded frames take twice as much again
_SLICE_S: Final = 0.0015  # spent pushing in one loop turn
_PUSHES: Final = 256  # between two looks at the clock; also the largest audience that is flushed at once
_FLUSHES: Final = 128  # in one loop turn; each is a write of some 7 us, or wakes a task, which takes some 20 us
_HOLD_S: Final = 0.020  # a crowd waits no longer than this for more events to share its flush
_REST_S_MAX: Final = 1.0  # bounds the rest after a round: a stopped process would make a round look very long

logger = logging.getLogger(__name__)


class _Regrouping(msgspec.Struct, frozen=True):
    """Stands in the queue for a `RoomsChanged`: after this position the person's streams follow these rooms."""

    position: int
    user_id: UserId
    rooms: tuple[Topic, ...]


class Hub:
    """Fans the log out to the subscribers of this process. Call everything on the event loop.

    Args:
        epoch: The name of the log.
        start: The log's position to begin after.
        window_events_max, window_bytes_max: How much of the newest log is kept for short replays.
    Raises:
        ValueError: The epoch can't stand in an SSE id.
    """

    def __init__(
        self,
        epoch: str,
        start: int = 0,
        *,
        window_events_max: int = WINDOW_EVENTS_MAX,
        window_bytes_max: int = WINDOW_BYTES_MAX,
    ) -> None:
        self.epoch = check_epoch(epoch)
        self._window_events_max = window_events_max
        self._window_bytes_max = window_bytes_max
        self.published = start  # the last event that has reached the window and the queue
        self.position = start  # the last event that has reached every subscriber's backlog
        self.window = self._window(start)
        self.events = 0
        self.newest_at = 0  # when the last of them was committed, in ms since 1970; 0 if there was none yet
        self.deliveries = 0
        self.delivered_bytes = 0
        self.cut_off = 0
        self._audience = TopicIndex()
        self._listeners: list[Callable[[LogRow], None]] = []
        self._queue: deque[Frame | _Regrouping | int] = deque()  # an int is the position of an event for no stream
        self._begun = start  # the last event whose audience is settled
        self._frame: Frame | None = None  # being pushed to `_hearers`
        self._hearers: list[Subscriber] = []
        self._pushed = 0  # how many of `_hearers` have got the frame
        self._grown: dict[Backlog | None, Backlog] = {}  # a backlog → the same with the frame being pushed
        self._few: deque[Subscriber] = deque()  # to be flushed at once, after an event with a small audience
        self._crowd: deque[Subscriber] = deque()  # to be flushed in rounds, after an event with a large audience
        self._crowd_since = 0.0  # when the first of the crowd began to wait
        self._round = 0  # how many of the crowd this round still has to flush
        self._round_began = self._round_at = 0.0  # when this round began; the earliest start of the next one
        self._alarm: asyncio.TimerHandle | None = None  # starts the next round when there is nothing else to do
        self._turn_is_due = False
        self._not_full = asyncio.Event()
        self._not_full.set()

    def on_system(self, listener: Callable[[LogRow], None]) -> None:
        """Call `listener` for every event with the topic `system`, before its frame is pushed to anyone."""
        self._listeners.append(listener)

    def subscribe(
        self,
        topics: tuple[Topic, ...],
        sink: Sink,
        *,
        backlog_bytes_max: int,
        owner: UserId | None = None,
        rooms: Iterable[Topic] = (),
    ) -> Subscriber:
        """Add a subscriber, and push to it exactly the events of these topics after its `since`.

        Args:
            topics: What it follows for good; never `system`. With an owner, the owner's own topic is one of them.
            backlog_bytes_max: The subscriber is cut off when more bytes than this wait for it.
            owner: The person whose rooms it follows: when they join or leave one, on any device and at any process,
                the subscriber follows the change from the log position where it was committed.
            rooms: Topics of the rooms that the owner is in now.
        """
        subscriber = Subscriber(
            topics, sink, since=self._begun, backlog_bytes_max=backlog_bytes_max, owner=owner, rooms=tuple(rooms)
        )
        assert SYSTEM not in subscriber.topics
        assert owner is None or user_topic(owner) in topics
        self._audience.add(subscriber, subscriber.topics)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Push nothing more to the subscriber, and drop its backlog. A second call does nothing."""
        if subscriber.closed:
            return
        subscriber.close()
        self._audience.discard(subscriber, subscriber.topics)

    def publish(self, rows: Sequence[LogRow]) -> None:
        """Take the next events of the log. Only the tail calls this, with no gap and no repetition."""
        for row in rows:
            assert row.position == self.published + 1, (row.position, self.published)
            frame = self._frame_of(row)
            if frame is not None:
                self.window.add(frame)
            self.published = row.position
            self.events += 1
            self.newest_at = row.at
            self._queue.append(frame or _regrouping_of(row) or row.position)
            if SYSTEM in row.topics:
                self._tell_listeners(row)
        if len(self._queue) >= QUEUE_EVENTS_MAX:
            self._not_full.clear()
        self._schedule()

    @property
    def subscribers(self) -> set[Subscriber]:
        """All subscribers at this moment."""
        return self._audience.everybody()

    @property
    def is_full(self) -> bool:
        """True if the queue is full because pushing is slower than committing: wait with `until_not_full`."""
        return not self._not_full.is_set()

    async def until_not_full(self) -> None:
        """Wait until the queue can take more events."""
        await self._not_full.wait()

    def restart(self, position: int) -> None:
        """Go on after `position`, without the events in between, which are gone from the log. Cut off every subscriber:
        its client comes back with its cursor, and is told that it can't be resumed."""
        self._queue.clear()
        self._grown.clear()
        self._frame, self._hearers = None, []
        self.published = self.position = self._begun = position
        self.window = self._window(position)
        self._not_full.set()
        for subscriber in self.subscribers:
            self._cut(subscriber)

    def _window(self, start: int) -> Window:
        return Window(start, events_max=self._window_events_max, bytes_max=self._window_bytes_max)

    def _frame_of(self, row: LogRow) -> Frame | None:
        if all(topic == SYSTEM for topic in row.topics):
            return None
        try:
            return Frame(self.epoch, row)
        except ValueError:
            logger.exception("event %d can't be sent", row.position)
            return None

    def _tell_listeners(self, row: LogRow) -> None:
        for listener in self._listeners:
            try:
                listener(row)
            except Exception:  # one listener's bug must not keep the event from the streams
                logger.exception("a listener failed at event %d", row.position)

    def _schedule(self) -> None:
        if not self._turn_is_due:
            self._turn_is_due = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        """Do one slice of pushing and one of flushing, and schedule the next."""
        self._turn_is_due = False
        started = perf_counter()
        self._push_until(started + _SLICE_S)
        self._flush(started)
        if len(self._queue) <= QUEUE_EVENTS_MAX // 2:
            self._not_full.set()
        if self._frame is not None or self._queue or self._few or self._round:
            self._schedule()
        elif self._crowd and self._alarm is None:
            wait_s = max(0.0, self._round_at - perf_counter())
            self._alarm = asyncio.get_running_loop().call_later(wait_s, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._schedule()

    def _push_until(self, deadline: float) -> None:
        while self._frame is not None or self._begin():
            self._push_some()
            if perf_counter() >= deadline:
                return

    def _begin(self) -> bool:
        """Settle the audience of the next event that has one; return False if there is no such event."""
        while self._queue:
            event = self._queue.popleft()
            if isinstance(event, int):
                self._begun = self.position = event
                continue
            if isinstance(event, _Regrouping):
                self._regroup(event)
                self._begun = self.position = event.position
                continue
            self._begun = event.position
            self._hearers = self._audience.of(event.row.topics)
            if self._hearers:
                self._frame, self._pushed = event, 0
                return True
            self.position = event.position
        return False

    def _regroup(self, change: _Regrouping) -> None:
        """Move the person's subscribers to the new rooms. The queue is in log order, so every event before the change
        has its audience already, and no event after it has."""
        for subscriber in self._audience.of([user_topic(change.user_id)]):
            if subscriber.owner == change.user_id:
                before = subscriber.topics
                subscriber.enter(change.rooms, at=change.position)
                self._audience.discard(subscriber, set(before).difference(subscriber.topics))
                self._audience.add(subscriber, set(subscriber.topics).difference(before))

    def _push_some(self) -> None:
        frame, hearers = self._frame, self._hearers
        assert frame is not None
        part = hearers[self._pushed : self._pushed + _PUSHES]
        self._pushed += len(part)
        self.deliveries += len(part)
        self.delivered_bytes += len(part) * len(frame.data)
        grown, crowd, few = self._grown, self._crowd, self._few if len(hearers) <= _PUSHES else None
        if few is None and not crowd:
            self._crowd_since = perf_counter()
        for subscriber in part:
            if subscriber.closed:
                continue
            before = subscriber.backlog
            if (backlog := grown.get(before)) is None:
                backlog = grown[before] = Backlog(before, frame)
            if backlog.bytes > subscriber.backlog_bytes_max:
                self._cut(subscriber)
                continue
            subscriber.backlog = backlog
            if few is None:
                if before is None:  # else it is already queued, or paused
                    crowd.append(subscriber)
            elif not subscriber.in_few:
                subscriber.in_few = True
                few.append(subscriber)
        if self._pushed == len(hearers):
            self.position = frame.position
            self._frame, self._hearers = None, []
            grown.clear()

    def _flush(self, now: float) -> None:
        flushed = min(len(self._few), _FLUSHES)
        self._flush_first(self._few, flushed)
        idle = self._frame is None and not self._queue
        if not self._round and now >= self._round_at and (idle or now - self._crowd_since >= _HOLD_S):
            self._round, self._round_began = len(self._crowd), now
        if some := min(self._round, _FLUSHES - flushed):
            self._flush_first(self._crowd, some)
            self._round -= some
            if not self._round:
                ended = perf_counter()
                self._round_at = ended + min(ended - self._round_began, _REST_S_MAX)

    def _flush_first(self, waiting: deque[Subscriber], count: int) -> None:
        for _ in range(count):
            subscriber = waiting.popleft()
            subscriber.in_few = False
            if subscriber.backlog is None:  # taken already, or closed
                continue
            try:
                subscriber.sink.flush()
            except Exception:  # one stream's bug must not stop the flush of the others
                logger.exception("a stream failed")
                self._cut(subscriber)

    def _cut(self, subscriber: Subscriber) -> None:
        self.cut_off += 1
        sink = subscriber.sink
        self.unsubscribe(subscriber)
        try:
            sink.cut()
        except Exception:
            logger.exception("a stream could not be cut off")


def _regrouping_of(row: LogRow) -> _Regrouping | None:
    if row.type != RoomsChanged.TYPE:
        return None
    try:
        changed = msgspec.json.decode(row.data, type=RoomsChanged)
    except msgspec.DecodeError:
        logger.exception("event %d can't be read", row.position)
        return None
    return _Regrouping(row.position, changed.user_id, tuple(changed.topics))

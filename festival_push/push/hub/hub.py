"""The hub: topic → subscribers, inside one process.

An event's frame is made once and the same bytes go to all subscribers. Pushing is done in order, event by event, in
slices of about a millisecond, so that twenty thousand streams don't keep a command waiting; between slices the event
loop runs other tasks.

    publish ──► window ──► queue ──► audience settled ──► delivery: backlogs ──► flush ──► sinks
                  │          entries not yet pushed         who is flushed when: `delivery.py`
                  └ replay   to all subscribers; left
                             out unless a turn is due
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter, time_ns
from typing import Final

from festival_push.domain.events import PersonErased
from festival_push.domain.log import LogRow
from festival_push.domain.topics import SYSTEM, user_topic
from festival_push.domain.values import Topic, UserId
from festival_push.push.hub.audience import Audience
from festival_push.push.hub.backlog import Sink, Subscriber
from festival_push.push.hub.delivery import Delivery
from festival_push.push.hub.entries import Entry, Regrouping, Silence, Unread, entry_of, opened
from festival_push.push.hub.frames import Frame, check_epoch
from festival_push.push.hub.memory import WINDOW_BYTES_MAX, Memory

QUEUE_EVENTS_MAX: Final = 4_096
_SLICE_S: Final = 0.0015  # spent pushing in one loop turn
_AT_ONCE: Final = 256  # events pushed before a turn: more could overfill a backlog that nobody flushes meanwhile

logger = logging.getLogger(__name__)


class Hub:
    """Fans the log out to the subscribers of this process. Call everything on the event loop.

    Args:
        epoch: The name of the log.
        start: The log's position to begin after.
        window_bytes_max: Bytes of memory for the newest events, for short replays; see `Window`.
    Raises:
        ValueError: The epoch can't stand in an SSE id.
    """

    def __init__(
        self,
        epoch: str,
        start: int = 0,
        *,
        window_bytes_max: int = WINDOW_BYTES_MAX,
    ) -> None:
        self.epoch = check_epoch(epoch)
        self.published = start  # the last event that has reached the window and the queue
        self.position = start  # the last event that has reached every subscriber's backlog
        self.memory = Memory(start, window_bytes_max=window_bytes_max)
        self.events = 0
        self.newest_at = 0  # when the last of them came, in ms since 1970; 0 if there was none yet
        self.cut_off = 0
        self._audience = Audience()
        self._listeners: list[Callable[[LogRow], None]] = []
        self._on_renewed: list[Callable[[], None]] = []
        self._queue: deque[Entry] = deque()
        self._begun = start  # the last event whose audience is settled
        self._delivery = Delivery(self._cut)
        self._alarm: asyncio.TimerHandle | None = None  # for the next flush when there is nothing else to do
        self._turn_is_due = False
        self._not_full = asyncio.Event()
        self._not_full.set()

    def on_system(self, listener: Callable[[LogRow], None]) -> None:
        """Call `listener` for every event with the topic `system`, before its frame is pushed to anyone."""
        self._listeners.append(listener)

    def on_renewed(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the log is another one from now on: what was read from the one before is void."""
        self._on_renewed.append(listener)

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
        subscriber.since = max(self._begun, self.memory.last_passed_over(subscriber.topics))
        assert SYSTEM not in subscriber.topics
        assert owner is None or user_topic(owner) in topics
        self._audience.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Push nothing more to the subscriber, and drop its backlog. A second call does nothing."""
        if subscriber.closed:
            return
        subscriber.close()
        self._audience.discard(subscriber)

    def publish(self, events: Sequence[LogRow | Unread]) -> int:
        """Take the next events of the log, and pass over those that nobody here follows. Only the tail calls this, with
        no gap and no repetition.

        Returns:
            How many were taken: fewer than all if the next one is followed here and was not told, or can't be read.
        """
        taken, followed = 0, self._audience.interest.marks
        if len(events) > _AT_ONCE:
            self._schedule()
        for event in events:
            position = self.published + 1
            if isinstance(event, tuple):
                marks, packed = event
                if followed.isdisjoint(marks):
                    self._pass_over(position, marks)
                    taken += 1
                    continue
                frame = None if packed is None else opened(packed, position)
                if frame is None:
                    break
                if SYSTEM in frame.topics:
                    self._add(frame.row)
                else:
                    self._take(frame)
            else:
                assert event.position == position, (event.position, position)
                self._add(event)
            taken += 1
        if taken:
            self.newest_at = time_ns() // 1_000_000
        if len(self._queue) >= QUEUE_EVENTS_MAX:
            self._not_full.clear()
        if self._delivery.is_due:
            self._schedule()
        return taken

    @property
    def deliveries(self) -> int:
        """Frames put into backlogs so far, each counted for each subscriber."""
        return self._delivery.deliveries

    @property
    def delivered_bytes(self) -> int:
        """Bytes of those frames."""
        return self._delivery.delivered_bytes

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
        for entry in self._queue:
            if isinstance(entry, Regrouping):
                self._audience.forgo(entry)
        self._queue.clear()
        self._delivery.drop()
        self.published = self.position = self._begun = position
        self.memory.begin(position)
        self._not_full.set()
        for subscriber in self.subscribers:
            self._cut(subscriber)

    def renew(self, epoch: str, position: int) -> None:
        """Go on in another log, after `position`, which may be below the present one. Cut off every subscriber: its
        client comes back with a cursor of the log before, and gets a snapshot. Raises ValueError as `Hub`."""
        self.epoch = check_epoch(epoch)
        self.restart(position)
        for listener in self._on_renewed:
            listener()

    def _add(self, row: LogRow) -> None:
        """Take a row of which nothing is made ready yet, or that changes more than streams."""
        entry = entry_of(self.epoch, row)
        if isinstance(entry, Frame) and SYSTEM not in row.topics:
            self._take(entry)
        else:
            self._enqueue(entry)
        if row.type == PersonErased.TYPE:
            self.memory.forget(row.position)  # the log has other words now
        if isinstance(entry, Regrouping):
            self._audience.expect(entry)
        if SYSTEM in row.topics:
            self._tell_listeners(row)

    def _take(self, frame: Frame) -> None:
        """Push a frame that only streams need; or let it wait, if a turn is due, which has others to push before."""
        if self._turn_is_due:
            self._enqueue(frame)
            return
        self.memory.window.add(frame)
        self.published = self._begun = frame.position
        self.events += 1
        self._settle(frame)
        if self._delivery.frame is not None:
            self._schedule()

    def _enqueue(self, entry: Entry) -> None:
        if isinstance(entry, Frame):
            self.memory.window.add(entry)
        self.published = entry.position
        self.events += 1
        self._queue.append(entry)
        self._schedule()

    def _pass_over(self, position: int, marks: Iterable[int]) -> None:
        self.memory.pass_over(position, marks)
        self.published = position
        self.events += 1
        if self._queue or self._delivery.frame is not None:
            self._queue.append(Silence(position))
        else:
            self.position = self._begun = position

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
        wait_s = self._delivery.flush(started, idle=not self._queue)
        if len(self._queue) <= QUEUE_EVENTS_MAX // 2:
            self._not_full.set()
        if self._queue or wait_s == 0:
            self._schedule()
        elif wait_s is not None:
            self._ring_in(wait_s)

    def _ring_in(self, wait_s: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + wait_s
        if self._alarm is not None:
            if self._alarm.when() <= at:
                return
            self._alarm.cancel()  # it was for patient frames, and something else is due before
        self._alarm = loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._schedule()

    def _push_until(self, deadline: float) -> None:
        delivery = self._delivery
        while delivery.frame is not None or self._begin():
            if delivery.frame is not None:
                delivery.push()
            if delivery.frame is None:
                self.position = self._begun
            if perf_counter() >= deadline:
                return

    def _begin(self) -> bool:
        """Settle the audience of the next event that has one; return False if there is no such event."""
        while self._queue:
            entry = self._queue.popleft()
            self._begun = entry.position
            if isinstance(entry, Frame):
                if self._settle(entry):
                    return True
                continue
            if isinstance(entry, Regrouping):
                # In log order: every event before the change has its audience already, and no event after it has.
                self._audience.regroup(entry)
            self.position = entry.position
        return False

    def _settle(self, frame: Frame) -> bool:
        """Settle the audience of the event that comes next, and push it to one subscriber at once; return False if it
        has none."""
        hearers = self._audience.of(frame.topics)
        if len(hearers) > 1:
            self._delivery.begin(frame, hearers)
            return True
        for hearer in hearers:
            self._delivery.push_to_one(frame, hearer)
        self.position = frame.position
        return bool(hearers)

    def _cut(self, subscriber: Subscriber) -> None:
        self.cut_off += 1
        sink = subscriber.sink
        self.unsubscribe(subscriber)
        try:
            sink.cut()
        except Exception:
            logger.exception("a stream could not be cut off")

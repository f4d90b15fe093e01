"""The delivery: puts one frame after the other into the backlogs of its audience, and decides who is flushed when.

    begin ──► push, in parts ──► backlogs ──┬─ a small audience ──► few ──────────────────► flush, in this turn
                                            ├─ a large one ───────► crowd ──► round ──────► flush, in slices
                                            │                         ▲  ▲      │
                                            │                         │  └─ rest ◄─┘  for as long as the round took
                                            └─ patient frames ──► patient  for a second, or until another frame comes

A stream is flushed once for all frames that gathered meanwhile: that costs least in a burst. A crowd therefore waits
until there is nothing left to push, or for 20 ms. After a round of flushes through it, it is left alone for as long as
the round took: meanwhile more frames gather, and the loop has time for other work. Few streams are flushed at once,
round or not (decision 0024).

What a stall changes on its menu goes to everybody, and a tap on "sold out" is worth no write to each of 100,000 phones.
Such a frame is patient: it waits up to a second for others like it, or for whatever else the stream gets, and is
written with them, in log order (decision 0054).
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from festival_push.domain.stalls.events import MenuUpdated, VendorUpdated
from festival_push.push.hub.backlog import Backlog, Subscriber, Waiting
from festival_push.push.hub.frames import Frame

_PUSHES: Final = 256  # between two looks at the clock; also the largest audience that is flushed at once
_FLUSHES: Final = 128  # in one loop turn; each is a write of some 7 us, or wakes a task, which takes some 20 us
_HOLD_S: Final = 0.020  # a crowd waits no longer than this for more events to share its flush
_PATIENCE_S: Final = 1.0  # a patient frame waits no longer than this
_PATIENT: Final = frozenset({MenuUpdated.TYPE, VendorUpdated.TYPE})
_REST_S_MAX: Final = 1.0  # bounds the rest after a round: a stopped process would make a round look very long

logger = logging.getLogger(__name__)


class Delivery:
    """Pushes one frame at a time, and keeps who is still to be flushed. It has no timer: the hub calls it each turn.

    Args:
        cut: Cuts off a subscriber for whom too much waits, or whose sink has failed.

    Attributes:
        frame: The frame that is being pushed; None if the last one has reached its whole audience.
        deliveries: Frames put into backlogs so far, each counted for each subscriber.
        delivered_bytes: Their size.
    """

    def __init__(self, cut: Callable[[Subscriber], None]) -> None:
        self.frame: Frame | None = None
        self.deliveries = 0
        self.delivered_bytes = 0
        self._cut = cut
        self._hearers: Sequence[Subscriber] = ()  # the audience of `frame`
        self._pushed = 0  # how many of them have got it
        self._grown: dict[Waiting | None, Waiting] = {}  # a backlog → the same with `frame`
        self._few: deque[Subscriber] = deque()  # to be flushed at once
        self._crowd: deque[Subscriber] = deque()  # to be flushed in rounds
        self._patient: deque[Subscriber] = deque()  # for whom only patient frames wait
        self._patient_since = 0.0  # when the first of them began to wait
        self._crowd_since = 0.0  # when the first of the crowd began to wait
        self._round = 0  # how many of the crowd this round still has to flush
        self._round_began = self._round_at = 0.0  # when this round began; the earliest start of the next one

    def begin(self, frame: Frame, hearers: Sequence[Subscriber]) -> None:
        """Take the next frame and its audience, which is not empty. The one before has been pushed to its end."""
        self.frame, self._hearers, self._pushed = frame, hearers, 0

    def push_to_one(self, frame: Frame, subscriber: Subscriber) -> None:
        """Take the next frame, and put it into the backlog of its only hearer: most events are for one person."""
        size = len(frame.chunk)
        self.deliveries += 1
        self.delivered_bytes += size
        before = subscriber.backlog
        if size + (0 if before is None else before.size) > subscriber.backlog_bytes_max:
            self._cut(subscriber)
            return
        subscriber.backlog = frame if before is None else Backlog(before, frame)
        if not subscriber.in_few:
            subscriber.in_few = True
            self._few.append(subscriber)

    @property
    def is_due(self) -> bool:
        """True if somebody waits to be flushed in the next turn."""
        return bool(self._few)

    def drop(self) -> None:
        """Push the present frame to nobody any more."""
        self.frame, self._hearers = None, ()
        self._grown.clear()

    def push(self) -> None:
        """Put the frame into the backlogs of the next part of its audience."""
        frame, hearers = self.frame, self._hearers
        assert frame is not None
        part = hearers[self._pushed : self._pushed + _PUSHES]
        self._pushed += len(part)
        self.deliveries += len(part)
        self.delivered_bytes += len(part) * frame.size
        grown, few = self._grown, self._few if len(hearers) <= _PUSHES else None
        crowd = self._gather(frame) if few is None else self._crowd
        for subscriber in part:
            if subscriber.closed:
                continue
            before = subscriber.backlog
            if (backlog := grown.get(before)) is None:
                backlog = grown[before] = frame if before is None else Backlog(before, frame)
            if backlog.size > subscriber.backlog_bytes_max:
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
            self.drop()

    def _gather(self, frame: Frame) -> deque[Subscriber]:
        """Return the queue for the large audience of a frame. What is patient goes with the next frame that is not."""
        if frame.type in _PATIENT:
            if not self._patient:
                self._patient_since = perf_counter()
            return self._patient
        return self._hurry()

    def _hurry(self) -> deque[Subscriber]:
        """Let the patient wait no longer than the crowd does: they join it. Return the crowd."""
        if not self._crowd:
            self._crowd_since = perf_counter()
        self._crowd.extend(self._patient)
        self._patient.clear()
        return self._crowd

    def flush(self, now: float, *, idle: bool) -> float | None:
        """Flush one slice of those who wait.

        Args:
            now: When this turn began.
            idle: True if the hub has no further event to push.
        Returns:
            Seconds until there is more to do here: 0 if there is more at once, None if there is nothing.
        """
        flushed = min(len(self._few), _FLUSHES)
        self._flush_first(self._few, flushed)
        idle = idle and self.frame is None
        if self._patient and now - self._patient_since >= _PATIENCE_S:
            self._hurry()
        if not self._round and now >= self._round_at and (idle or now - self._crowd_since >= _HOLD_S):
            self._round, self._round_began = len(self._crowd), now
        if some := min(self._round, _FLUSHES - flushed):
            self._flush_first(self._crowd, some)
            self._round -= some
            if not self._round:
                ended = perf_counter()
                self._round_at = ended + min(ended - self._round_began, _REST_S_MAX)
        if self.frame is not None or self._few or self._round:
            return 0.0
        if self._crowd:
            return max(0.0, self._round_at - perf_counter())
        return max(0.0, self._patient_since + _PATIENCE_S - perf_counter()) if self._patient else None

    def _flush_first(self, waiting: deque[Subscriber], count: int) -> None:
        first = waiting.popleft
        for _ in range(count):
            subscriber = first()
            subscriber.in_few = False
            if subscriber.backlog is None:  # taken already, or closed
                continue
            try:
                subscriber.sink.flush()
            except Exception:  # one stream's bug must not stop the flush of the others
                logger.exception("a stream failed")
                self._cut(subscriber)

"""The window: the newest events of the log in memory, by topic, so that short replays need no database.

What one person follows is quiet: a few events a minute. So the window keeps the past of quiet topics for long, and
lets busy ones, as a stall's or the organisers', have only so much of it. Each topic is covered from a position of its
own: every event of that topic after it is here.

    add ──► everything, in log order ──► evicted when the bytes are used up: `covered_from` rises
        └─► by topic: a list; a busy topic: a queue with a bound of its own, which forgets its oldest events before that
"""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from typing import Final

from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic
from festival_push.push.hub.frames import Frame

EVENT_BYTES: Final = 630
"""What an event takes in memory beside its chunk, as `bench.scaling.absences` measures it: the other fields of its
frame, and its places in here."""
MEAN_BYTES: Final = 880
"""What an event of a festival takes in memory, on the average."""
_QUIET_MAX: Final = 64  # events of one topic in a list; taking its first one out moves the others
_BUSY_SHARE: Final = 64  # a busy topic may take one part in so many of all bytes
_AT_ONCE_SHARE: Final = 4_096  # one part in so many is evicted at once, as a call has its cost: some 25 events


class _Busy:
    """The newest events of a busy topic, in log order; never empty.

    Attributes:
        size: Of these events, in bytes.
        since: Every event of the topic after this position is here.
    """

    __slots__ = ("frames", "since", "size")

    def __init__(self, frames: Iterable[Frame]) -> None:
        self.frames = deque(frames)
        self.size = sum(frame.size + EVENT_BYTES for frame in self.frames)
        self.since = 0


class Window:
    """Holds the newest events of each topic, and knows from where on they are all of them.

    Args:
        start: Position after which the window begins to cover the log.
        bytes_max: Bytes that the events may take, each counted with EVENT_BYTES; above it the oldest ones go.

    Attributes:
        covered_from: Every event of a quiet topic after this position is here; no topic is covered from before it.
    """

    def __init__(self, start: int, *, bytes_max: int) -> None:
        self.covered_from = start
        self._bytes_max = bytes_max
        self._busy_bytes_max = bytes_max // _BUSY_SHARE
        self._bytes = 0
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._by_topic: dict[Topic, list[Frame] | _Busy] = {}

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def frames(self) -> Collection[Frame]:
        """The events, in log order."""
        return self._frames.values()

    def frame(self, position: int) -> Frame | None:
        """Return the event at a position; None if it isn't here."""
        return self._frames.get(position)

    @property
    def bytes(self) -> int:
        """What the events take, each counted with EVENT_BYTES."""
        return self._bytes

    def add(self, frame: Frame) -> None:
        """Append an event after all others; positions between that are left out have no event that a stream gets.
        Evict the oldest ones above the bounds."""
        size = len(frame.chunk) + EVENT_BYTES
        self._frames[frame.position] = frame
        self._bytes += size
        by_topic = self._by_topic
        for topic in frame.topics:
            kept = by_topic.get(topic)
            if kept is None:
                if topic != SYSTEM:  # no stream may follow `system`
                    by_topic[topic] = [frame]
            elif isinstance(kept, list):
                kept.append(frame)
                if len(kept) > _QUIET_MAX:
                    by_topic[topic] = busy = _Busy(kept)
                    self._shorten(topic, busy)
            else:
                kept.frames.append(frame)
                kept.size += size
                if kept.size > self._busy_bytes_max:
                    self._shorten(topic, kept)
        if self._bytes > self._bytes_max:
            self._evict()

    def covers(self, topics: Iterable[Topic], after: int) -> bool:
        """Return True if every event of the topics after this position is in memory."""
        if after < self.covered_from:
            return False
        found = map(self._by_topic.get, topics)
        return all(kept.since <= after for kept in found if isinstance(kept, _Busy))

    def replay(self, topics: Iterable[Topic], after: int, up_to: int) -> list[Frame] | None:
        """Return the events with `after < position <= up_to` that carry one of the topics, each once, in order; None
        if the window doesn't cover the topics after `after`."""
        if after < self.covered_from:
            return None
        found: dict[int, Frame] = {}
        for topic in topics:
            kept = self._by_topic.get(topic)
            if kept is None:
                continue
            if isinstance(kept, _Busy) and after < kept.since:
                return None
            for frame in reversed(kept if isinstance(kept, list) else kept.frames):
                if frame.position <= after:
                    break
                if frame.position <= up_to:
                    found[frame.position] = frame
        return [found[position] for position in sorted(found)]

    def _shorten(self, topic: Topic, busy: _Busy) -> None:
        """Forget the oldest sixteenth of a busy topic; those that no other topic has are gone."""
        frames, target = busy.frames, self._busy_bytes_max * 15 // 16
        while busy.size > target and len(frames) > 1:
            oldest = frames.popleft()
            size = oldest.size + EVENT_BYTES
            busy.size -= size
            busy.since = oldest.position
            if len(oldest.topics) == 1 or not self._has_elsewhere(oldest, topic):
                self._frames.pop(oldest.position)
                self._bytes -= size

    def _has_elsewhere(self, frame: Frame, topic: Topic) -> bool:
        """Return True if another of its topics has the event: a topic has all of its events after its first one."""
        for other in frame.topics:
            kept = self._by_topic.get(other)
            if kept is not None and other != topic:
                first = kept[0] if isinstance(kept, list) else kept.frames[0]
                if first.position <= frame.position:
                    return True
        return False

    def _evict(self) -> None:
        """Forget the oldest events of all."""
        by_topic, target = self._by_topic, self._bytes_max - self._bytes_max // _AT_ONCE_SHARE
        while self._bytes > target:
            self.covered_from, oldest = self._frames.popitem(last=False)
            size = oldest.size + EVENT_BYTES
            self._bytes -= size
            for topic in oldest.topics:
                kept = by_topic.get(topic)
                if kept is None:
                    continue
                if isinstance(kept, list):
                    if kept[0] is oldest:
                        del kept[0]
                        if not kept:
                            del by_topic[topic]
                elif kept.frames[0] is oldest:  # else the topic has forgotten it before
                    kept.size -= size
                    kept.frames.popleft()
                    if not kept.frames:
                        del by_topic[topic]

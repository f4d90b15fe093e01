"""The window: the newest events of the log in memory, by topic, so that short replays need no database."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic
from festival_push.push.hub.frames import Frame

_FEW: Final = 4  # up to so many events, as of one order, stay in a tuple: even an empty deque takes 600 bytes


class Window:
    """Holds every event after `covered_from`, up to the last one that was added.

    Args:
        start: Position after which the window begins to cover the log.
        events_max: Events to keep; above it the oldest ones go.
        bytes_max: Bytes of the events' data to keep; above it the oldest ones go.
    """

    def __init__(self, start: int, *, events_max: int, bytes_max: int) -> None:
        self.covered_from = start
        self._events_max = events_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._frames: deque[Frame] = deque()
        self._by_topic: dict[Topic, tuple[Frame, ...] | deque[Frame]] = {}

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: Frame) -> None:
        """Append the next event, and evict the oldest ones above the bounds."""
        self._frames.append(frame)
        self._bytes += frame.size
        for topic in frame.topics:
            if topic != SYSTEM:  # no stream may follow `system`
                self._append(topic, frame)
        while len(self._frames) > self._events_max or self._bytes > self._bytes_max:
            self._evict()

    def replay(self, topics: Iterable[Topic], after: int, up_to: int) -> list[Frame] | None:
        """Return the events with `after < position <= up_to` that carry one of the topics, each once, in order; None
        if the window doesn't reach back to `after`."""
        if after < self.covered_from:
            return None
        found: dict[int, Frame] = {}
        for topic in topics:
            for frame in reversed(self._by_topic.get(topic, ())):
                if frame.position <= after:
                    break
                if frame.position <= up_to:
                    found[frame.position] = frame
        return [found[position] for position in sorted(found)]

    def _append(self, topic: Topic, frame: Frame) -> None:
        frames = self._by_topic.get(topic, ())
        if isinstance(frames, deque):
            frames.append(frame)
        else:
            more = (*frames, frame)
            self._by_topic[topic] = more if len(more) <= _FEW else deque(more)

    def _evict(self) -> None:
        oldest = self._frames.popleft()
        self.covered_from = oldest.position
        self._bytes -= oldest.size
        for topic in oldest.topics:
            if topic == SYSTEM:
                continue
            frames = self._by_topic[topic]  # in log order, so the oldest of all comes first here too
            if isinstance(frames, deque):
                frames.popleft()
            else:
                frames = self._by_topic[topic] = frames[1:]
            if not frames:
                del self._by_topic[topic]

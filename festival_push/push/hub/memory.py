"""The memory: what a process holds of the newest log, by topic, and knows to lack because it has passed it over."""

from collections.abc import Iterable, Sequence
from typing import Final

from festival_push.domain.values import Topic
from festival_push.push.hub.frames import Frame
from festival_push.push.hub.unheard import Unheard
from festival_push.push.hub.window import MEAN_BYTES, Window

WINDOW_BYTES_MAX: Final = 64 * 1024 * 1024  # some 76,000 events


class Memory:
    """Holds the newest events, and answers short replays.

    Args:
        start: Position after which it begins.
        window_bytes_max: Bytes of memory for the events; see `Window`.

    Attributes:
        events_held: How many events it holds when it is full, on the average.
        passed_over: Events so far that nobody here followed when they came.
    """

    def __init__(self, start: int, *, window_bytes_max: int) -> None:
        self._window_bytes_max = window_bytes_max
        self.events_held = window_bytes_max // MEAN_BYTES
        self.passed_over = 0
        self.begin(start)

    def begin(self, start: int) -> None:
        """Begin after a position, with nothing."""
        self._unheard = Unheard(start)
        self.forget(start)

    def forget(self, position: int) -> None:
        """Forget all events up to a position."""
        self.window = Window(position, bytes_max=self._window_bytes_max)

    def frame(self, position: int) -> Frame | None:
        """Return the event at a position; None if it isn't held."""
        return self.window.frame(position)

    def pass_over(self, position: int, marks: Iterable[int]) -> None:
        """Note an event that is not held, because nobody follows topics with these marks; positions rise."""
        self._unheard.add(position, marks)
        self.passed_over += 1

    def last_passed_over(self, topics: Iterable[Topic]) -> int:
        """Return a position after which no event of these topics was passed over."""
        return self._unheard.last(topics)

    def covers(self, topics: Sequence[Topic], after: int) -> bool:
        """Return whether every event of these topics after a position is here."""
        return self.window.covers(topics, after) and after >= self._unheard.last(topics)

    def replay(self, topics: Sequence[Topic], after: int, up_to: int) -> list[Frame] | None:
        """Return the events with `after < position <= up_to` that carry one of the topics, each once, in order; None
        if some of these topics after `after` may not be here."""
        return self.window.replay(topics, after, up_to) if after >= self._unheard.last(topics) else None

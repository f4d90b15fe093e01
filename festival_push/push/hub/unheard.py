"""What a process has passed over: the last event of each topic that nobody here followed when it came, so that a client
who follows it now is told from the log what the window lacks."""

from collections.abc import Iterable
from typing import Final

from festival_push.domain.values import Topic
from festival_push.push.hub.interest import mark_of

MARKS_MAX: Final = 50_000
"""Marks in one generation; there are two, of 5 MB each."""


class Unheard:
    """Knows, for each mark of a topic, the last event that was passed over.

    Args:
        start: Nothing after this position was passed over yet.
        marks_max: After so many marks, those of the generation before are forgotten.

    Attributes:
        known_from: What was passed over up to this position is forgotten.
    """

    def __init__(self, start: int, *, marks_max: int = MARKS_MAX) -> None:
        self.known_from = start
        self._marks_max = marks_max
        self._newer: dict[int, int] = {}
        self._older: dict[int, int] = {}
        self._newer_from = start  # the events in `_newer` come after this position

    def add(self, position: int, marks: Iterable[int]) -> None:
        """Note an event that is passed over; positions rise."""
        newer = self._newer
        for mark in marks:
            newer[mark] = position
        if len(newer) > self._marks_max:
            self.known_from, self._newer_from = self._newer_from, position
            self._older, self._newer = newer, {}

    def last(self, topics: Iterable[Topic]) -> int:
        """Return a position after which no event of these topics was passed over."""
        newer, older = self._newer, self._older
        found = self.known_from
        if newer or older:
            for topic in topics:
                mark = mark_of(topic)
                found = max(found, newer.get(mark, 0), older.get(mark, 0))
        return found

"""The interest of a process: which topics somebody follows here. Other processes tell of each event by the marks of its
topics, so that one that nobody here follows is passed over unread."""

import time
from collections.abc import Callable, Iterable, Set
from typing import Final
from zlib import crc32

from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Topic

LINGER_S: Final = 60.0
"""A topic that nobody follows any more is heard for so long, unless more than MARKS_MAX are left meanwhile, and from
then on until somebody leaves another one: phones come back after a tunnel."""
MARKS_MAX: Final = 50_000
_FOR_EVER: Final = 1 << 62


def mark_of(topic: str) -> int:
    """Return the mark of a topic, 0..2^32-1: short, and the same in every process. Topics may share one, which only
    means that an event is read in vain. Making it takes 0.1 µs, hardly more than a cache would."""
    return crc32(topic.encode())


class Interest:
    """The marks of what is followed here, and of what was until a moment ago.

    Args:
        monotonic: Seconds that never go back.

    Attributes:
        marks: An event with none of these is for nobody here. The topic `system` always is one of them.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        # Mark → how many follow a topic that has it; 0 as long as it lingers.
        self._followers = {mark_of(SYSTEM): _FOR_EVER}
        self.marks: Set[int] = self._followers.keys()
        self._left: set[int] = set()  # nobody's since the last change of generations, and nobody's since the one before
        self._left_before: set[int] = set()
        self._changes_at = monotonic() + LINGER_S

    def follow(self, topics: Iterable[Topic]) -> None:
        """Note one more follower of each topic: its events are heard from now on."""
        for topic in topics:
            mark = mark_of(topic)
            self._followers[mark] = self._followers.get(mark, 0) + 1

    def leave(self, topics: Iterable[Topic], *, lingers: bool = True) -> None:
        """Note one follower less of each topic, which must have one.

        Args:
            lingers: Whether the topic is heard for a while even if nobody follows it any more.
        """
        for topic in topics:
            mark = mark_of(topic)
            left = self._followers[mark] = self._followers[mark] - 1
            if left:
                continue
            if lingers:
                self._left.add(mark)
            elif mark not in self._left and mark not in self._left_before:
                del self._followers[mark]
        if self._monotonic() >= self._changes_at or len(self._left) > MARKS_MAX:
            self._change_generations()

    def _change_generations(self) -> None:
        for mark in self._left_before - self._left:
            if not self._followers[mark]:
                del self._followers[mark]
        self._left_before, self._left = self._left, set()
        self._changes_at = self._monotonic() + LINGER_S

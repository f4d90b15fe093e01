"""The headcount: how many streams of this process each person and display has open, in parts that are told singly."""

from collections import Counter
from typing import Final
from zlib import crc32

PARTS: Final = 256
"""A person's part hangs on their id. At 20,000 people each has some 80, 2 kB when told."""

Who = tuple[str, str]
"""A person's or a display's id, and their user type."""


class Headcount:
    """Open streams by person and display; kept up to date by the registry, stream by stream.

    Attributes:
        parts: The people of each part, and how many streams they have; never 0.
        changed: Numbers of the parts that differ from what was told last; who tells them empties it.
        total: All streams.
    """

    def __init__(self) -> None:
        self.parts: tuple[dict[Who, int], ...] = tuple({} for _ in range(PARTS))
        self.changed: set[int] = set()
        self.total = 0

    def add(self, who: Who) -> None:
        """Count one more stream."""
        number = part_of(who)
        part = self.parts[number]
        part[who] = part.get(who, 0) + 1
        self.changed.add(number)
        self.total += 1

    def remove(self, who: Who) -> None:
        """Count one stream less; it was counted before."""
        number = part_of(who)
        part = self.parts[number]
        if part[who] == 1:
            del part[who]
        else:
            part[who] -= 1
        self.changed.add(number)
        self.total -= 1

    def streams(self) -> Counter[Who]:
        """Return the open streams of everybody: a copy, in less than a millisecond for 20,000 people."""
        everybody: dict[Who, int] = {}
        for part in self.parts:
            everybody.update(part)  # each person is in one part only
        return Counter(everybody)


def part_of(who: Who) -> int:
    """Return the number of the part that a person belongs to."""
    return crc32(who[0].encode()) % PARTS

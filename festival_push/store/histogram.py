"""A histogram that metrics read: plain numbers, which cost nothing to keep."""

from bisect import bisect_left


class Histogram:
    """How many values lay at or below each bound, and their sum.

    Args:
        bounds: Rising. What lies above the last one is counted too.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # of each bound alone, not of those below it
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

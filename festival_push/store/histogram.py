"""A histogram for metrics, of plain numbers, so that counting costs next to nothing."""

from bisect import bisect_left


class Histogram:
    """Counts values by bounds, and sums them up.

    Args:
        bounds: In rising order; a value is counted at the lowest bound that is not below it. Values above the last
            bound are counted too.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # of each bound alone, without the lower bounds' counts
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

"""What the committer counts, for metrics."""

from collections import Counter
from typing import Final

from festival_push.store.errors import CommandFailed
from festival_push.store.histogram import Histogram
from festival_push.store.writing.answers import StoredAnswer

_SIZES: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Stats:
    """Counters since the start of the process, for metrics."""

    def __init__(self) -> None:
        self.overloaded = 0  # commands that were not accepted
        self.sizes = Histogram(_SIZES)  # commands a batch
        self.durations = Histogram(_SECONDS)  # seconds a batch
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """Commands by kind and outcome: `done`, `refused`, `replayed` (its first answer given again) or `failed`."""


def named(outcome: object) -> str:
    """Return the name of a command's outcome in `Stats.outcomes`."""
    match outcome:
        case StoredAnswer(replayed=True):
            return "replayed"
        case CommandFailed():
            return "failed"
        case Exception():
            return "refused"
        case StoredAnswer(status=status) if status >= 400:
            return "refused"
    return "done"

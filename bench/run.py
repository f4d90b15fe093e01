"""One measurement after the other: what is found is kept at once, and one that fails costs the others nothing."""

import json
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.fan_out import Figures
from bench.results import Outcome, Results

_REASON_CHARS: Final = 240


class Run:
    """Fills `results`.

    Args:
        results: As far as they are known before anything is measured.
        file: Where they are written after each measurement.
        within_s: For one round of a measurement; then it counts as failed.
    """

    def __init__(self, results: Results, file: Path, *, within_s: int) -> None:
        self.results = results
        self._file = file
        self._within_s = within_s
        self._begun_s = time.monotonic()

    def measure(self, name: str, measure: Callable[[], Figures]) -> None:
        """One round of a measurement."""
        self._take(name, self.results.rounds.setdefault(name, []), lambda: [measure()])

    def measure_at(self, what: str, size: int, measure: Callable[[], Iterable[Figures]]) -> None:
        """All rounds of one point of a series."""
        points = self.results.growth.setdefault(what, {})
        self._take(f"{size:,} {what}", points.setdefault(size, []), measure)

    def _take(self, name: str, outcomes: list[Outcome], measure: Callable[[], Iterable[Figures]]) -> None:
        try:
            with _at_most(self._within_s):
                for figures in measure():
                    outcomes.append(figures)
                    _say(name, json.dumps({key: round(figure, 2) for key, figure in figures.items()}))
                    signal.alarm(self._within_s)  # the next round has as long again
        except Exception as error:  # whatever became of this one, the others are worth having
            traceback.print_exc()
            outcomes.append(_reason(error))
            _say(name, f"failed: {outcomes[-1]}")
        self.results.seconds = time.monotonic() - self._begun_s
        self.results.save(self._file)


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Raise TimeoutError when it takes longer. For the main thread."""

    def ring(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _reason(error: Exception) -> str:
    """In one line of a table; with the last words of a server's log, which are a note of the error."""
    notes = [f" ({note.splitlines()[-1]})" for note in getattr(error, "__notes__", []) if note]
    text = " ".join(f"{type(error).__name__}: {error}{''.join(notes)}".split()).replace("|", "/")
    return text if len(text) <= _REASON_CHARS else text[: _REASON_CHARS - 1] + "…"


def _say(name: str, text: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {name}: {text}", flush=True)  # noqa: DTZ005 (for whoever waits beside it)

"""What a run has found so far: every round of every measurement, or why there is none."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from bench.fan_out import Figures

Outcome = Figures | str
"""Of one round: its figures; or, in words, why it has none."""


class Spread(NamedTuple):
    """Several rounds of one figure: the smallest, the median, the largest."""

    low: float
    middle: float
    high: float


def spread_of(values: Iterable[float]) -> Spread:
    """At least one value."""
    ordered = sorted(values)
    return Spread(ordered[0], median(ordered), ordered[-1])


class Results(msgspec.Struct, kw_only=True):
    """All of one run; a JSON file.

    Attributes:
        seconds: How long it took.
        streams: Open while events fanned out.
        peers: Version of each one that was measured, by name.
        missing: Why a peer could not be measured, by name.
        rounds: Outcomes of each server, and of our `orders`, `push` and `storm`.
        growth: Outcomes of each series, by the size at which they were measured.
    """

    at: str
    command: str
    commit: str
    machine: dict[str, str]
    software: dict[str, str]
    streams: int
    seconds: float = 0
    peers: dict[str, str] = {}
    missing: dict[str, str] = {}
    rounds: dict[str, list[Outcome]] = {}
    growth: dict[str, dict[int, list[Outcome]]] = {}

    def outcomes(self, name: str, size: int | None = None) -> list[Outcome]:
        """Of a measurement, or (with a size) of a point of a series; nothing when it was not tried."""
        return self.rounds.get(name, []) if size is None else self.growth.get(name, {}).get(size, [])

    def spread(self, name: str, key: str, size: int | None = None) -> Spread | None:
        """Of one figure over the rounds that have it; None when none has."""
        values = [found[key] for found in self.outcomes(name, size) if isinstance(found, dict) and key in found]
        return spread_of(values) if values else None

    def failures(self) -> list[str]:
        """A line for each round that has no figures."""
        parts = list(self.rounds.items())
        parts += [
            (f"{what}, {size:,}", found) for what, points in self.growth.items() for size, found in points.items()
        ]
        return [
            f"{name}, round {number}: {outcome}"
            for name, outcomes in parts
            for number, outcome in enumerate(outcomes, 1)
            if isinstance(outcome, str)
        ]

    def save(self, path: Path) -> None:
        """Write it all, or leave the file as it was."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")
        fresh.replace(path)


def load_results(path: Path) -> Results:
    """Read them again. Raises OSError, msgspec.DecodeError."""
    return msgspec.json.decode(path.read_bytes(), type=Results)

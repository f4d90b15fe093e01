"""One row of the table: break something under load, heal it, and judge what everybody was told."""

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from tests.faults.table.load import Load, Size
from tests.faults.table.setups import PAIR, Field, Setup
from tests.support.checker import judge, read_records
from tests.support.wire.history import Try

_ABANDONED: Final = re.compile(r"^.*Fatal error on SSL protocol.*TCPTransport closed=True.*$", re.MULTILINE)
"""What uvloop says, with a traceback, of a TLS connection that was given up while it was being made: that of the rate
limits, which wait for some milliseconds only. Nothing is wrong then."""
READY_WITHIN_S: Final = 150.0
TOLD_WITHIN_S: Final = 45.0


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long and how often things are broken.

    Attributes:
        size: Of the load.
        turns: How often a fault that comes and goes is repeated.
        commands: Commands that are decided before a fault, while it lasts if any are, and after it.
        lasts_s: Seconds that a fault lasts at least.
        crowd: How many come at once where a crowd comes.
    """

    size: Size
    turns: int
    commands: int
    lasts_s: float
    crowd: int

    def hold(self, load: Load, parts: int = 1) -> None:
        """Go on as the healthy rest does, for a while, or for one of so many parts of it."""
        until_s = time.monotonic() + self.lasts_s / parts
        load.goes_on(self.commands)
        load.until(lambda: time.monotonic() >= until_s, "the fault has lasted long enough")

    def hold_up(self, load: Load, *servers: int) -> None:
        """Go on until each of these servers has turned a command away, and for a while."""
        until_s, begin = time.monotonic() + self.lasts_s, len(load.tries)

        def refused() -> bool:
            vain = {each.server for each in load.tries[begin:] if each.outcome in {"not-now", "unknown"}}
            return vain >= set(servers)

        load.until(refused, f"servers {servers} turn commands away")
        load.until(lambda: time.monotonic() >= until_s, "the fault has lasted long enough")


SHORT: Final = Pace(size=Size(pause_s=0.05), turns=1, commands=12, lasts_s=0.0, crowd=40)

Deed = Callable[[Field, Load, Pace], None]


def _nothing(field: Field, load: Load, pace: Pace) -> None:
    """Break nothing: the set-up itself is what the row is about."""
    pace.hold(load)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault, and what may come of it. Whatever is not named here must hold as if nothing were broken.

    Attributes:
        inflict: Breaks something, and waits until it has lasted long enough.
        heal: Undoes it; the servers have to find back by themselves. It is called even if `inflict` fails.
        not_now: Commands may be answered "not now" (503); otherwise none is, on a machine that does nothing else.
        fails_over: Commits are lost: the log has another epoch afterwards, and clients get snapshots. Nothing else can
            be done with the field then.
        gap_s: The longest time without any decided command that the product promises, on an idle machine; None: as long
            as the fault lasts.
        back_s: The longest time until both servers take a command and tell it, counted from the healing.
    """

    name: str
    inflict: Deed = _nothing
    heal: Deed = lambda *_: None
    setup: Setup = PAIR
    not_now: bool = False
    fails_over: bool = False
    gap_s: float | None = 2.0
    back_s: float = 5.0


@dataclass(kw_only=True)
class Outcome:
    """What a row has shown.

    Attributes:
        wishes: Commands; `tries` is how often they were sent.
        gap_s: The longest time without any decided command.
        back_s: From the healing until every server is ready, takes a command, and tells it on both.
        findings: What did not hold, in words.
    """

    name: str
    wishes: int = 0
    tries: int = 0
    events: int = 0
    connects: int = 0
    not_now: int = 0
    unknown: int = 0
    gap_s: float = 0.0
    back_s: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def was_only_late(self) -> bool:
        """Whether nothing else was found but commands that were answered "not now"."""
        return self.findings == [self._not_now()]

    def find_not_now(self) -> None:
        """Find it wrong that commands were answered "not now", if any were."""
        if self.not_now:
            self.findings.append(self._not_now())

    def _not_now(self) -> str:
        return f"{self.not_now} tries were answered 'not now'"


def run(row: Row, field: Field, pace: Pace, dice: random.Random) -> Outcome:
    """Run one row; what it leaves behind is as healthy as it was, unless there are findings."""
    outcome = Outcome(name=row.name)
    name = f"{len(field.tries)}"
    size = replace(pace.size, forgives=row.fails_over)
    with Load(name, field.urls, field.cast, field.tries, dice=dice, size=size) as load:
        load.goes_on(pace.commands)
        begin_s, lost_before = time.monotonic(), None
        try:
            row.inflict(field, load, pace)
        finally:
            row.heal(field, load, pace)
            # An answer may be read a while after its commit; only from now on must it be the new primary's.
            lost_before = time.monotonic() if row.fails_over else None
        outcome.back_s = _back(field, load)
        end_s = time.monotonic()
        load.goes_on(pace.commands)
        load.finish()
        records = asyncio.run(read_records(field.database_url))
        load.catch_up(records, TOLD_WITHIN_S)
    watched = [watcher.watched for watcher in load.watchers]
    outcome.findings = [
        *judge(field.tries, watched, records, before=field.before, lost_before=lost_before),
        *(strange for watcher in load.watchers for strange in watcher.strange),
        *load.findings,
        *_log_findings(field),
    ]
    _count(outcome, load, (begin_s, end_s))
    if not row.not_now:
        outcome.find_not_now()
    return outcome


def twice_if_late(attempt: Callable[[], Outcome]) -> Outcome:
    """Run a row, and again if it was only late: so is a machine that does much else, now and then; a fault of ours is
    there each time."""
    outcome = attempt()
    return attempt() if outcome.was_only_late else outcome


def _back(field: Field, load: Load) -> float:
    healed_s = time.monotonic()
    load.until(lambda: not field.unready(), "all servers are ready", READY_WITHIN_S)
    for server in range(len(field.servers)):
        load.is_told(server)
    return time.monotonic() - healed_s


def _count(outcome: Outcome, load: Load, between_s: tuple[float, float]) -> None:
    outcome.tries = len(load.own)
    outcome.wishes = len({each.command for each in load.own})
    outcome.events = sum(len(watcher.watched.received) for watcher in load.watchers)
    outcome.connects = sum(len(watcher.watched.opened) for watcher in load.watchers)
    outcome.not_now = sum(1 for each in load.own if each.outcome == "not-now")
    outcome.unknown = sum(1 for each in load.own if each.outcome == "unknown")
    outcome.gap_s = longest_gap(load.own, *between_s)


def longest_gap(tries: Sequence[Try], begin_s: float, end_s: float) -> float:
    """Return the longest time without a decided command between two moments, in seconds."""
    decided = sorted(
        each.answered_s for each in tries if each.outcome in {"done", "refused"} and begin_s < each.answered_s < end_s
    )
    return max(after - before for before, after in pairwise([begin_s, *decided, end_s]))


def _log_findings(field: Field) -> list[str]:
    found = []
    for number, server in enumerate(field.servers):
        said = _ABANDONED.sub("", server.read_log())
        at = said.find("Traceback (most recent call last)")
        if at >= 0:
            found.append(f"server {number} logged a traceback: …{said[max(0, at - 300) : at + 1500]}")
    return found

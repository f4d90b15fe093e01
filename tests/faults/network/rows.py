"""What is cut, what must go on meanwhile, and what those who are cut off must say."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.faults.network.field import NetworkField
from tests.faults.table.load import Load
from tests.faults.table.row import Deed, Pace, Row
from tests.faults.table.setups import Field
from tests.faults.table.watcher import Watcher

A: Final = 0  # the server that is cut off
B: Final = 1
FLAPS: Final = 2


@dataclass
class Cut:
    """A cut of the network, while people go on."""

    field: NetworkField
    load: Load
    pace: Pace

    def misses_redis(self, *servers: int) -> None:
        """Wait until these servers say that they can't reach Redis; they take commands as before."""
        for server in servers:
            self.load.until(lambda: self.field.health(server)["redis"] == "unavailable", f"{server} misses Redis")  # noqa: B023 - called here

    def refuses(self, *servers: int) -> None:
        """Wait until these servers turn commands away and say that they are not ready."""
        self.pace.hold_up(self.load, *servers)
        self.load.until(lambda: self.field.unready().keys() >= {self.field.urls[each] for each in servers}, "unready")

    def takes_and_tells(self, *servers: int) -> None:
        """Let a command be taken at each of these servers, and be told to the streams of both."""
        for server in servers:
            self.load.is_told(server)

    def goes_on(self) -> None:
        """Let commands of all kinds be decided, wherever they are."""
        self.load.goes_on(self.pace.commands)

    def ends_streams(self, server: int) -> None:
        """Wait until all streams of a server were told `stale`, and were ended."""
        self.load.until(lambda: all(map(was_sent_away, self.pinned(server))), f"server {server} ends its streams")

    def keeps_streams(self, server: int) -> None:
        """See that no stream of a server was told anything of it."""
        ended = [each.watched.name for each in self.pinned(server) if "stale" in events(each)]
        self.load.findings += [f"{name} was told `stale`" for name in ended]

    def is_alone(self) -> None:
        """See that the server which is cut off from both engines turns everybody away, and the other goes on."""
        self.refuses(A)
        self.ends_streams(A)
        self.goes_on()
        self.keeps_streams(B)

    def pinned(self, server: int) -> Sequence[Watcher]:
        """The streams that are opened at this server only."""
        return [each for each in self.load.watchers if each.habit.at == server]


def events(watcher: Watcher) -> list[str]:
    """What a stream has told, in order."""
    return [received.frame.event for received in watcher.watched.received]


def was_sent_away(watcher: Watcher) -> bool:
    """Whether a stream was told that it may be stale, and then that it ends."""
    told = events(watcher)
    return "stale" in told and "error" in told[told.index("stale") :]


def _from_redis(cut: Cut) -> None:
    cut.field.network.cut("a", "redis")
    cut.misses_redis(A)
    cut.takes_and_tells(A, B)
    cut.goes_on()
    cut.keeps_streams(A)


def _from_postgres(cut: Cut) -> None:
    """Its streams live on by what the other tells over Redis."""
    cut.field.network.cut("a", "postgres")
    cut.refuses(A)
    cut.takes_and_tells(B)
    cut.goes_on()
    cut.keeps_streams(A)


def _from_both(cut: Cut) -> None:
    cut.field.network.cut("a", "postgres", "redis")
    cut.is_alone()


def _hears_nothing(cut: Cut) -> None:
    """Its questions arrive, and so may its commits; no answer comes back."""
    for engine in ("postgres", "redis"):
        cut.field.network.mute(engine, "a")
    cut.is_alone()


def _is_not_heard(cut: Cut) -> None:
    """Nothing that it sends arrives, not even that it has heard something."""
    for engine in ("postgres", "redis"):
        cut.field.network.mute("a", engine)
    cut.is_alone()


def _both_from_redis(cut: Cut) -> None:
    cut.field.network.cut("redis", "a", "b")
    cut.misses_redis(A, B)
    cut.takes_and_tells(A, B)
    cut.goes_on()


def _redis_says_nothing(cut: Cut) -> None:
    for server in ("a", "b"):
        cut.field.network.mute("redis", server)
    cut.misses_redis(A, B)
    cut.takes_and_tells(A, B)
    cut.goes_on()


def _both_from_postgres(cut: Cut) -> None:
    cut.field.network.cut("postgres", "a", "b")
    cut.refuses(A, B)


def _comes_and_goes(cut: Cut) -> None:
    """Again and again, at other moments of what both servers do."""
    for _ in range(FLAPS):
        cut.field.network.cut("a", "postgres", "redis")
        cut.goes_on()
        cut.field.network.heal()
        cut.goes_on()


def _cutting(deed: Callable[[Cut], None]) -> Deed:
    def inflict(field: Field, load: Load, pace: Pace) -> None:
        assert isinstance(field, NetworkField)
        deed(Cut(field, load, pace))

    return inflict


def _heal(field: Field, load: Load, pace: Pace) -> None:
    assert isinstance(field, NetworkField)
    field.network.heal()


ROWS: Final = [
    Row(name=name, inflict=_cutting(deed), heal=_heal, not_now=not_now, gap_s=gap_s)
    for name, deed, not_now, gap_s in (
        ("one server from Redis", _from_redis, False, 2.0),
        ("one server from PostgreSQL", _from_postgres, True, 2.0),
        ("one server from both", _from_both, True, 2.0),
        ("one server hears nothing", _hears_nothing, True, 2.0),
        ("one server is not heard", _is_not_heard, True, 2.0),
        ("both servers from Redis", _both_from_redis, False, 2.0),
        ("Redis says nothing", _redis_says_nothing, False, 2.0),
        ("both servers from PostgreSQL", _both_from_postgres, True, math.inf),
        ("one server from both, again and again", _comes_and_goes, True, 2.0),
    )
]

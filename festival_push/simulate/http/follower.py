"""Follow one stream over any number of connections, and check each event as it comes."""

import asyncio
import random
import time
from bisect import bisect_left
from collections.abc import Callable
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from festival_push.simulate.facts import Fact, fact_of
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Client
from festival_push.simulate.http.known import Read
from festival_push.simulate.http.stream import Connection, StreamError
from festival_push.simulate.http.wire import Told

STAY_S: Final = (3.0, 12.0)  # after the head of its answer; then the connection is cut, in the middle of anything
AWAY_S: Final = (0.0, 0.6)
_SILENCE_S: Final = 50.0  # three heartbeats
_RETRY_S: Final = 1.0  # twice as long after each failure
_RETRY_S_MAX: Final = 8.0
_UNLOGGED: Final = frozenset({"connected", "session-expiring", "stale", "error", "message"})


class Event(NamedTuple):
    """One event of the log as it came."""

    position: int
    name: str
    data: str
    fact: Fact | None
    came_s: float  # monotonic
    connected_s: float  # when its connection got `connected`


class Follower:
    """One stream, with everything that came on it.

    Attributes:
        owner: Whose stream it is.
        began: The cursor of the snapshot: all events come after it.
        connection: The present one, if any.
        held: Clear it, and the next connection waits until it is set.
        listener: Called with each event's name and data as soon as they come.
    """

    def __init__(self, client: Client, owner: str, bearer: dict[str, str], path: str, dice: random.Random) -> None:
        self.owner = owner
        self.began = ""
        self.events: list[Event] = []
        self.connections = 0
        self.connection: Connection | None = None
        self.held = asyncio.Event()
        self.held.set()
        self.greeted = asyncio.Event()
        self.news = asyncio.Event()
        self.listener: Callable[[str, Told], None] = lambda _name, _told: None
        self._client = client
        self._findings = client.findings
        self._bearer = bearer
        self._path = path
        self._dice = dice
        self._cursor = ""
        self._position = 0
        self._connected_s = 0.0
        self._failures = 0
        self._lost_s = 0.0

    @property
    def position(self) -> int:
        """The position of the last event that came."""
        return self._position

    async def run(self) -> None:
        """Follow until cancelled; cut the connection at random times, and resume after the last event."""
        while True:
            await self.held.wait()
            try:
                pause_s = await self._follow()
            except StreamError:
                pause_s = None
            if pause_s is None:  # ended by the server, or never begun
                self._lost_s = self._lost_s or time.monotonic()
                pause_s = min(_RETRY_S * 2**self._failures, _RETRY_S_MAX) * (0.5 + self._dice.random())
                self._failures = min(self._failures + 1, 10)
            await asyncio.sleep(pause_s)

    async def _follow(self) -> float | None:
        """Hold one connection; return the seconds to stay away after it was cut, None if the server ended it."""
        headers = (
            self._bearer | {"Accept": "text/event-stream"} | ({"Last-Event-ID": self._cursor} if self._cursor else {})
        )
        connection = await self._client.stream(self._path, headers, self._opened, self.take)
        self.connection = connection
        try:
            while True:
                done, _ = await asyncio.wait({connection.closed}, timeout=_SILENCE_S)
                if done:
                    connection.closed.result()
                    return self._dice.uniform(*AWAY_S) if connection.was_cut else None
                if connection.silent_s() > _SILENCE_S:
                    return None
        finally:
            self.connection = None
            connection.cut()

    def _opened(self, connection: Connection, status: int) -> None:
        if status in {429, 503}:
            self._client.waited += 1
        elif self._findings.check(Law.ANSWERS, status == 200, f"stream of {self.owner}: {status}"):
            self.connections += 1
            self._failures = 0
            stay_s = self._dice.uniform(*STAY_S) * self._client.calm
            asyncio.get_running_loop().call_later(stay_s, connection.cut)

    def take(self, name: str, data: str, event_id: str) -> None:
        """Check one frame. `event_id` is the last id that came on this connection, or empty."""
        if not data:
            return
        try:
            if name == "connected":
                self._greet(data, event_id)
            elif self.is_logged(name, event_id) and self._advance(name, event_id):
                read = self._client.known.get(name, data) or self._read(name, data)
                event = Event(self._position, name, read.data, read.fact, time.monotonic(), self._connected_s)
                self.events.append(event)
                self.look_at(name, read.told)
                self.listener(name, read.told)
        except msgspec.DecodeError as error:
            self._findings.check(Law.ANSWERS, False, f"{self.owner}: {name} can't be read: {error}")  # noqa: FBT003
        self.news.set()

    def begin(self, data: str) -> bool | None:
        """Take the data of a `connected`: the snapshot in it, the first time.

        Return True for a snapshot, None if the stream was resumed, False for neither.
        """
        raise NotImplementedError

    def look_at(self, name: str, told: Told) -> None:
        """Check what an event says."""
        raise NotImplementedError

    def is_logged(self, name: str, event_id: str) -> bool:  # noqa: ARG002 - for displays
        """Return whether an event is one of the log, which has a position of its own."""
        return name not in _UNLOGGED

    def _read(self, name: str, data: str) -> Read:
        told = msgspec.json.decode(data, type=Told)
        return self._client.known.keep(Read(name, data, told, fact_of(name, told)))

    def _greet(self, data: str, event_id: str) -> None:
        self._connected_s = time.monotonic()
        if self._lost_s and self._cursor:
            self._client.away_s.append(self._connected_s - self._lost_s)
        self._lost_s = 0.0
        began = self.begin(data)
        if not self._cursor and began:
            self._cursor = self.began = event_id
            self._position = _position_in(event_id)
            self.greeted.set()
            return
        resumed = began is None and not event_id
        self._findings.check(Law.COMPLETE, resumed, f"{self.owner} was not resumed after {self._cursor}: {data[:200]}")

    def _advance(self, name: str, event_id: str) -> bool:
        """Advance to an event's id; return False for one that came before or too late, which is not checked further."""
        position = _position_in(event_id) if event_id.startswith(self.began.rpartition(".")[0] + ".") else 0
        text = f"{self.owner}: {name} {event_id} came after {self._cursor}"
        if not self._findings.check(Law.ONCE, position > self._position or not self._has(position), text):
            return False
        if not self._findings.check(Law.ORDER, position > self._position, text):
            return False
        self._cursor, self._position = event_id, position
        return True

    def _has(self, position: int) -> bool:
        place = bisect_left(self.events, position, key=attrgetter("position"))
        return place < len(self.events) and self.events[place].position == position


def _position_in(event_id: str) -> int:
    """Return the position in an id; 0 if it is none, which is never a next position."""
    number = event_id.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0

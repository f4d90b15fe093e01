"""Follow one person's stream over any number of connections, and check each event as it comes."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import httpx2
import msgspec

from festival_push.simulate.facts import Fact, fact_of
from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.wire import Told

STAY_S: Final = (3.0, 12.0)  # after the head of its answer; then the connection is cut, in the middle of anything
_AWAY_S: Final = (0.0, 0.6)
_SILENCE_S: Final = 50.0  # three heartbeats
_RETRY_S: Final = 1.0
_UNLOGGED: Final = frozenset({"connected", "session-expiring", "stale", "error", "message"})
_STEPS: Final = {
    None: {"pending", "preparing", "completed"},
    "pending": {"confirmed", "preparing", "ready", "cancelled"},
    "confirmed": {"confirmed", "preparing", "ready", "cancelled"},
    "preparing": {"preparing", "ready", "cancelled"},
    "ready": {"preparing", "completed", "cancelled"},
    "completed": {"ready"},
}
"""The statuses that may follow each status; None: before the order was placed. The same again is a new estimate."""


class Event(NamedTuple):
    """One event of the log as it came."""

    position: int
    name: str
    data: str
    fact: Fact | None
    came_s: float  # monotonic
    connected_s: float  # when its connection got `connected`


class Watch:
    """One person's stream, with everything that came on it, and one account that it tells of.

    Attributes:
        owner: Whose account is watched: the person, by their wallet, or the stall, by its till.
        stall: The stall whose till is watched; None: the person's wallet.
        balance: The account's balance by the snapshot and the events since then.
        refreshes: How often a balance came that was asked for.
        listener: Called with each event's name and data as soon as they come.
    """

    def __init__(self, client: Client, person: Person, dice: random.Random, *, stall: str | None = None) -> None:
        self.person = person
        self.owner = stall or person.user_id
        self.stall = stall
        self.began = ""
        """The cursor of the snapshot: all events come after it."""
        self.events: list[Event] = []
        self.balance = 0
        self.refreshes = 0
        self.connections = 0
        self.greeted = asyncio.Event()
        self.news = asyncio.Event()
        self.listener: Callable[[str, Told], None] = lambda _name, _told: None
        self._client = client
        self._findings = client.findings
        self._dice = dice
        self._cursor = ""
        self._position = 0
        self._seen: set[int] = set()
        self._statuses: dict[str, str] = {}
        self._connected_s = 0.0

    @property
    def position(self) -> int:
        """The position of the last event that came."""
        return self._position

    async def run(self) -> None:
        """Follow until cancelled; cut the connection at random times, and resume after the last event."""
        while True:
            try:
                async with asyncio.timeout(None) as stay:
                    await self._follow(stay)
                await asyncio.sleep(_RETRY_S * (0.5 + self._dice.random()))  # ended by the server
            except TimeoutError:
                await asyncio.sleep(self._dice.uniform(*_AWAY_S))
            except httpx2.TransportError:
                await asyncio.sleep(_RETRY_S * (0.5 + self._dice.random()))

    async def refreshed(self, count: int) -> None:
        """Wait until a requested balance has come `count` times."""
        while self.refreshes < count:
            self.news.clear()
            await self.news.wait()

    async def _follow(self, stay: asyncio.Timeout) -> None:
        headers = self.person.bearer | ({"Last-Event-ID": self._cursor} if self._cursor else {})
        timeout = httpx2.Timeout(_SILENCE_S, pool=None)
        url = self._client.at_next("/v1/stream")
        async with self._client.streams.stream("GET", url, headers=headers, timeout=timeout) as response:
            if response.status_code in {429, 503}:
                return
            if not self._findings.check(
                Law.ANSWERS, response.status_code == 200, f"stream of {self._who}: {response.status_code}"
            ):
                return
            self.connections += 1
            stay.reschedule(asyncio.get_running_loop().time() + self._dice.uniform(*STAY_S))
            async for frame in httpx2.EventSource(response):
                self.take(frame.event, frame.data, frame.id)

    @property
    def _who(self) -> str:
        return self.owner

    def take(self, name: str, data: str, event_id: str) -> None:
        """Check one frame. `event_id` is the last id that came on this connection, or empty."""
        if not data:
            return  # a frame that holds only `retry:`
        try:
            told = msgspec.json.decode(data, type=Told)
        except msgspec.DecodeError as error:
            self._findings.check(Law.ANSWERS, False, f"{self._who}: {name} can't be read: {error}")  # noqa: FBT003
            return
        if name == "connected":
            self._greet(told, event_id)
        elif name not in _UNLOGGED and self._advance(name, event_id):
            event = Event(self._position, name, data, fact_of(name, told), time.monotonic(), self._connected_s)
            self.events.append(event)
            self._look_at(name, told)
            self.listener(name, told)
        self.news.set()

    def _greet(self, told: Told, event_id: str) -> None:
        self._connected_s = time.monotonic()
        if not self._cursor and told.snapshot is not None:
            self._cursor = self.began = event_id
            self._position = _position_in(event_id)
            self.balance = told.snapshot.balance_of(self.stall)
            self.greeted.set()
            return
        resumed = told.resumed is True and not event_id
        self._findings.check(Law.COMPLETE, resumed, f"{self._who} was not resumed after {self._cursor}: {told.reason}")

    def _advance(self, name: str, event_id: str) -> bool:
        """Advance to an event's id; return False for one that came before or too late, which is not checked further."""
        position = _position_in(event_id) if event_id.startswith(self.began.rpartition(".")[0] + ".") else 0
        text = f"{self._who}: {name} {event_id} came after {self._cursor}"
        if not self._findings.check(Law.ONCE, position not in self._seen, text):
            return False
        if not self._findings.check(Law.ORDER, position > self._position, text):
            return False
        self._seen.add(position)
        self._cursor, self._position = event_id, position
        return True

    def _is_told(self, told: Told) -> bool:
        """Return whether a balance is that of the account which is watched."""
        if self.stall is None:
            return told.account == "wallet" and told.user_id == self.owner
        return told.account == "till" and told.vendor_id == self.stall

    def _look_at(self, name: str, told: Told) -> None:
        if name == "balance-updated" and self._is_told(told):
            old, amount, new = told.old_balance or 0, told.amount or 0, told.new_balance or 0
            text = f"{self._who}: {old} {amount:+} = {new}, after a balance of {self.balance}"
            self._findings.check(Law.BALANCES, old == self.balance and old + amount == new, text)
            self.balance = new
            self.refreshes += told.reason == "refresh"
        elif name == "order-status-changed" and told.order_id and told.status:
            before = self._statuses.get(told.order_id)
            text = f"{self._who}: order {told.order_id} went from {before} to {told.status}"
            self._findings.check(Law.STEPS, told.status in _STEPS.get(before, ()), text)
            self._statuses[told.order_id] = told.status


def _position_in(event_id: str) -> int:
    """Return the position in an id; 0 if it is none, which is never a next position."""
    number = event_id.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0

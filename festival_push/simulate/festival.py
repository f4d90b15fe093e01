"""The people, stalls and counters of one simulation, shared by all parts of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from festival_push.simulate.findings import Findings
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.display import Display
from festival_push.simulate.http.follower import Follower
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.machine.meter import Meter
from festival_push.simulate.model import Model
from festival_push.simulate.pace import Pace
from festival_push.simulate.plan import Plan


@dataclass(eq=False, kw_only=True)
class Stall:
    """A stall, its keeper and its menu.

    Attributes:
        watch: The keeper's stream, and the till.
        display: The pickup board's.
        prices: Minor units by item id.
        deposits: Minor units by item id, of those that have a deposit.
        rates: Rates of tax in basis points by item id.
        stock: How many there were at the beginning, by item id, of those that are counted.
        at_once: It hands over what is paid.
        sold_out: Item ids that are sold out, each with a number that differs every time that something runs out.
    """

    vendor_id: str
    keeper: Person
    watch: Watch
    prices: dict[str, int]
    deposits: dict[str, int] = field(default_factory=dict)
    rates: dict[str, int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    at_once: bool = False
    sold_out: dict[str, int] = field(default_factory=dict)
    display: Display | None = None


@dataclass(eq=False, kw_only=True)
class Guest:
    """A customer, their stream, and the ids of the orders that they placed, newest last."""

    person: Person
    watch: Watch
    orders: list[str] = field(default_factory=list)


@dataclass
class Visit:
    """When somebody began to join a room, and to leave it (monotonic clock)."""

    joined_s: float
    left_s: float = float("inf")


@dataclass(eq=False, kw_only=True)
class Festival:
    """One simulation.

    Attributes:
        tag: Makes names and keys of this run different from those of every other.
        pace: When the orders are due; all at once until the sale begins.
        meter: What the simulation takes of its machine.
        stopping: Set when nobody may begin anything any more.
        attempts: Orders that are placed or being placed.
        visits: Of the organiser to the rooms of orders, by order id.
        requests: How many payment requests were made.
        inflicted: How often each fault was inflicted, by its name.
        back_s: How long it took each time until all streams were back after a stampede.
        refused: How many requests were rightly refused.
        repeats: How many commands were sent twice with the same key.
    """

    plan: Plan
    tag: str
    client: Client
    findings: Findings
    model: Model
    organiser: Person
    organiser_watch: Watch
    currency: str
    currency_digits: int
    tax_rates_bp: list[int]
    pace: Pace = field(default_factory=Pace)
    meter: Meter = field(default_factory=Meter)
    stalls: list[Stall] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    attempts: int = 0
    visits: dict[str, Visit] = field(default_factory=dict)
    requests: int = 0
    inflicted: Counter[str] = field(default_factory=Counter)
    back_s: list[float] = field(default_factory=list)
    refused: int = 0
    repeats: int = 0
    _keys: int = 0
    _guests: dict[str, Guest] = field(default_factory=dict)
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    def guest(self, user_id: str) -> Guest:
        """Return the guest with this id."""
        if len(self._guests) < len(self.guests):
            self._guests = {guest.person.user_id: guest for guest in self.guests}
        return self._guests[user_id]

    def stall(self, vendor_id: str) -> Stall:
        """Return the stall with this id."""
        return next(stall for stall in self.stalls if stall.vendor_id == vendor_id)

    @property
    def followers(self) -> Sequence[Follower]:
        """All streams: of people, and of displays."""
        return [*self.watches, *(stall.display for stall in self.stalls if stall.display is not None)]

    @property
    def watches(self) -> list[Watch]:
        """The streams of people: the organiser's, the stalls' and the guests'."""
        return [self.organiser_watch, *self.wallet_watches]

    @property
    def wallet_watches(self) -> list[Watch]:
        """The streams of all who have money here: stalls and guests."""
        return [*(stall.watch for stall in self.stalls), *(guest.watch for guest in self.guests)]

    @property
    def selling(self) -> bool:
        """Whether there are orders left to place."""
        return not self.stopping.is_set() and self.attempts < self.plan.orders

    @property
    def expected(self) -> int | None:
        """How many orders should have been placed by now; None without a pace, before the sale and after it."""
        return None if self.stopping.is_set() else self.pace.expected()

    async def take_order(self) -> bool:
        """Wait until the next order is due, and count it as an attempt; return False if none is left to place."""
        # One guest waits for the next order, the others wait in line. Nobody waits for one that is due already: it
        # was refused to somebody, or the guests are behind.
        if self.selling and self.pace.rest_s(self.attempts):
            async with self._line:
                if self.selling:
                    await self.pace.until_due(self.attempts, self.stopping)
        if not self.selling:
            return False
        self.attempts += 1
        return True

    def new_key(self) -> str:
        """Make an idempotency key, or another name that nobody has used before."""
        self._keys += 1
        return f"{self.tag}-{self._keys}"

    def dice(self, name: str) -> random.Random:
        """Return a random generator for one participant, made from the seed and their name."""
        return random.Random(f"{self.plan.seed} {name}")  # noqa: S311 - a plan, no secret

    async def pause(self, dice: random.Random, shortest_s: float, longest_s: float) -> None:
        """Wait for a random time between the two bounds; when the simulation stops, only for a moment."""
        try:
            async with asyncio.timeout(dice.uniform(shortest_s, longest_s)):
                await self.stopping.wait()
        except TimeoutError:
            return
        await asyncio.sleep(dice.random() * _HURRY_S)


_HURRY_S: Final = 0.05

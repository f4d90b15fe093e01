"""Everybody and everything of one simulation, as all who act in it see it."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Final

from festival_push.simulate.findings import Findings
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.model import Model
from festival_push.simulate.plan import Plan


@dataclass(eq=False, kw_only=True)
class Stall:
    """A stall, its keeper and its menu.

    Attributes:
        prices: Minor units by item id.
        sold_out: Items that can't be had, each with the number of the time that it ran out.
    """

    keeper: Person
    watch: Watch
    accepts_by_hand: bool
    prices: dict[str, int]
    sold_out: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False, kw_only=True)
class Guest:
    """A customer, their phone and the orders they placed, newest last."""

    person: Person
    watch: Watch
    orders: list[str] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Festival:
    """The ground.

    Attributes:
        tag: Makes names and keys of this run different from those of every other.
        stopping: Nobody begins anything any more.
        attempts: Orders that are placed or being placed.
        refused: How often something was refused that had to be.
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
    stalls: list[Stall] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    attempts: int = 0
    refused: int = 0
    repeats: int = 0
    _keys: int = 0

    @property
    def watches(self) -> list[Watch]:
        """Every stream."""
        return [self.organiser_watch, *self.wallet_watches]

    @property
    def wallet_watches(self) -> list[Watch]:
        """The streams of all who have money here."""
        return [*(stall.watch for stall in self.stalls), *(guest.watch for guest in self.guests)]

    @property
    def selling(self) -> bool:
        """Whether there are orders left to place."""
        return not self.stopping.is_set() and self.attempts < self.plan.orders

    def new_key(self) -> str:
        """An idempotency key, or another name that nobody has used before."""
        self._keys += 1
        return f"{self.tag}-{self._keys}"

    def dice(self, name: str) -> random.Random:
        """Somebody's own source of whims, drawn from the seed."""
        return random.Random(f"{self.plan.seed} {name}")  # noqa: S311 - a plan, no secret

    async def pause(self, dice: random.Random, shortest_s: float, longest_s: float) -> None:
        """Let some time pass, less when everybody is to go home."""
        try:
            async with asyncio.timeout(dice.uniform(shortest_s, longest_s)):
                await self.stopping.wait()
        except TimeoutError:
            return
        await asyncio.sleep(dice.random() * _HURRY_S)


_HURRY_S: Final = 0.05

"""Follow one person's stream, and one account that it tells of."""

import random
from typing import Final

import msgspec

from festival_push.simulate.findings import Law
from festival_push.simulate.http.client import Client, Person
from festival_push.simulate.http.follower import Follower
from festival_push.simulate.http.wire import Greeting, Told

_STEPS: Final = {
    None: {"pending", "preparing", "completed"},
    "pending": {"confirmed", "preparing", "ready", "cancelled"},
    "confirmed": {"confirmed", "preparing", "ready", "cancelled"},
    "preparing": {"preparing", "ready", "cancelled"},
    "ready": {"preparing", "completed", "cancelled"},
    "completed": {"ready"},
}
"""The statuses that may follow each status; None: before the order was placed. The same again is a new estimate."""


class Watch(Follower):
    """One person's stream, with everything that came on it, and one account that it tells of.

    Attributes:
        owner: Whose account is watched: the person, by their wallet, or the stall, by its till.
        stall: The stall whose till is watched; None: the person's wallet.
        balance: The account's balance by the snapshot and the events since then.
        refreshes: How often a balance came that was asked for.
        looks_on: It hears of some orders only from some step on.
    """

    def __init__(self, client: Client, person: Person, dice: random.Random, *, stall: str | None = None) -> None:
        super().__init__(client, stall or person.user_id, person.bearer, "/v1/stream", dice)
        self.person = person
        self.stall = stall
        self.balance = 0
        self.refreshes = 0
        self.looks_on = False
        self._statuses: dict[str, str] = {}

    async def refreshed(self, count: int) -> None:
        """Wait until a requested balance has come `count` times."""
        while self.refreshes < count:
            self.news.clear()
            await self.news.wait()

    def begin(self, data: str) -> bool | None:
        """Take the balance of the snapshot."""
        greeting = msgspec.json.decode(data, type=Greeting)
        if not self.began and greeting.snapshot is not None:
            self.balance = greeting.snapshot.balance_of(self.stall)
        return None if greeting.resumed is True else greeting.snapshot is not None

    def look_at(self, name: str, told: Told) -> None:
        """Check that balances add up, and that orders go step by step."""
        if name == "balance-updated" and self._is_told(told):
            old, amount, new = told.old_balance or 0, told.amount or 0, told.new_balance or 0
            text = f"{self.owner}: {old} {amount:+} = {new}, after a balance of {self.balance}"
            self._findings.check(Law.BALANCES, old == self.balance and old + amount == new, text)
            self.balance = new
            self.refreshes += told.reason == "refresh"
        elif name == "order-status-changed" and told.order_id and told.status:
            before = self._statuses.get(told.order_id)
            text = f"{self.owner}: order {told.order_id} went from {before} to {told.status}"
            follows = told.status in _STEPS.get(before, ()) or (self.looks_on and before is None)
            self._findings.check(Law.STEPS, follows, text)
            self._statuses[told.order_id] = told.status

    def _is_told(self, told: Told) -> bool:
        """Return whether a balance is that of the account which is watched."""
        if self.stall is None:
            return told.account == "wallet" and told.user_id == self.owner
        return told.account == "till" and told.vendor_id == self.stall

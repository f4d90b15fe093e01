"""Commands in a steady flow, from a seed: people order, stalls serve, money comes in, until told to stop."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx2

from tests.support.ground import Ground, Person, Stall
from tests.support.timing.waiting import until

Send = Callable[[], Awaitable[httpx2.Response]]


@dataclass
class Traffic:
    """Several clients at once; each does one thing after the other, and repeats with its key what got no answer.

    Args:
        customer: Pays for everything; needs funds.
        dice: Decides what is done, and at which of the ground's servers.
        clients: How many at once.
    """

    ground: Ground
    stall: Stall
    customer: Person
    dice: random.Random
    clients: int = 6
    placed: dict[str, str] = field(default_factory=dict)
    """Order ids by idempotency key, as acknowledged."""
    unanswered: int = 0
    """Requests whose connection broke."""
    position: int = 0
    """How long the log is at least, as the answers have told."""

    async def run(self, enough: Callable[[], bool]) -> None:
        """Go on until `enough`; then finish what was begun."""
        seeds = [self.dice.randrange(2**32) for _ in range(self.clients)]
        async with asyncio.TaskGroup() as group:
            for number, seed in enumerate(seeds):
                group.create_task(self._client(number, random.Random(seed), enough))  # noqa: S311 - a plan, no secret

    async def _client(self, number: int, dice: random.Random, enough: Callable[[], bool]) -> None:
        turn = 0
        while not enough():
            turn += 1
            server, key = dice.randrange(len(self.ground.servers)), f"traffic-{number}-{turn}"
            if dice.random() < 0.3:
                await self._top_up(key, server)
            else:
                await self._order_and_serve(key, server)

    async def _top_up(self, key: str, server: int) -> None:
        answer = await self.insist(lambda: self.ground.try_top_up(self.customer, 1, key=key, server=server))
        assert answer.status_code == 201, answer.text

    async def _order_and_serve(self, key: str, server: int) -> None:
        answer = await self.insist(lambda: self.ground.order(self.customer, self.stall, key=key, server=server))
        assert answer.status_code == 201, answer.text
        order_id = answer.json()["order"]["orderId"]
        self.placed[key] = order_id
        await self._step(order_id, "ready", server)
        await self._step(order_id, "completed", server)

    async def _step(self, order_id: str, status: str, server: int) -> None:
        answer = await self.insist(lambda: self.ground.step(self.stall, order_id, status, server=server))
        assert answer.status_code == 200, answer.text

    async def insist(self, send: Send) -> httpx2.Response:
        """Send until there is an answer other than "not now": a server that was killed is started again."""

        async def answered() -> httpx2.Response | None:
            try:
                answer = await send()
            except httpx2.ConnectError:  # nobody listens: it has not been sent
                return None
            except httpx2.TransportError:
                self.unanswered += 1
                return None
            # A response is truthy whatever its status.
            return None if answer.status_code == 503 else answer

        answer = await until(answered, within_s=240, message="an answer")
        if answer.is_success:
            self.position = max(self.position, answer.json()["position"])
        return answer

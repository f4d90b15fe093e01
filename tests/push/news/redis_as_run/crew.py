"""Two processes' worth of what uses Redis, at work on one URL: news, presence and limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from festival_push.push.headcount import Who
from festival_push.push.news.redis_presence import PresenceTimes, RedisPresence
from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.redis_limits import RedisRateLimiter
from tests.push.fake_log import row
from tests.push.news.test_brokers import Listener, redis_broker
from tests.push.news.test_brokers import at_work as listened_to
from tests.push.news.test_presence import at_work, presence_of
from tests.support.timing.waiting import until

ANNA: Final[Who] = ("anna", "customer")
PREFIX: Final = "test"
_TIMES: Final = PresenceTimes(every_s=0.05, ttl_s=60, write_s=1, read_s=1)


class Crew:
    """Of each kind two, one a process."""

    def __init__(
        self, listeners: list[Listener], presences: list[RedisPresence], limiters: list[RedisRateLimiter]
    ) -> None:
        self.listeners = listeners
        self.presences = presences
        self.limiters = limiters
        self._position = 0
        self._period = 0

    async def works(self) -> None:
        """Return when everything passes between the two; it is tried until then."""
        await self.passes_news()
        await self.counts_all()
        await self.shares_limits()

    async def passes_news(self) -> None:
        """Each hears what the other publishes, and both are well."""
        self._position += 1
        here, there = self.listeners
        await until(lambda: self._is_heard(here, there))
        await until(lambda: self._is_heard(there, here))

    async def counts_all(self) -> None:
        """Each counts the other's streams, and says that nobody is missing."""

        async def all_counted() -> bool:
            found = [await presence.everywhere() for presence in self.presences]
            return [(each.total, each.processes, each.complete) for each in found] == [(2, 2, True)] * 2

        await until(all_counted)

    async def shares_limits(self) -> None:
        """Of a budget of two, each takes one, and then nothing is left."""

        async def is_shared() -> bool:
            self._period += 1
            here, there = self.limiters
            key = f"user:anna:{self._period}"
            left = [(await each.take(key, 2, period_s=3_600)).remaining for each in (here, there)]
            return left == [1, 0] and here.shared and there.shared

        await until(is_shared)

    def _is_heard(self, sender: Listener, listener: Listener) -> bool:
        sender.broker.publish([row(self._position)])
        return bool(listener.batches) and listener.batches[-1] == (row(self._position),) and listener.broker.healthy


@asynccontextmanager
async def crew_on(url: str, *, heartbeat_s: float = 60, deadline_s: float = 60) -> AsyncIterator[Crew]:
    """A crew at work."""
    async with AsyncExitStack() as stack:
        brokers = [redis_broker(url, heartbeat_s=heartbeat_s) for _ in range(2)]
        listeners = await stack.enter_async_context(listened_to(*brokers))
        presences = []
        for _ in range(2):
            presence = presence_of(url, [ANNA], _TIMES)
            stack.push_async_callback(presence.close)
            presences.append(await stack.enter_async_context(at_work(presence)))
        limiters = [await stack.enter_async_context(limiter_on(url, deadline_s)) for _ in range(2)]
        yield Crew(listeners, presences, limiters)


@asynccontextmanager
async def limiter_on(url: str, deadline_s: float = 60) -> AsyncIterator[RedisRateLimiter]:
    """Limits that are shared as soon as Redis answers."""
    limiter = RedisRateLimiter(url, prefix=PREFIX, local=LocalRateLimiter(), deadline_s=deadline_s, probe_s=0.02)
    task = asyncio.create_task(limiter.run())
    try:
        yield limiter
    finally:
        task.cancel()
        await asyncio.wait((task,))
        await limiter.close()

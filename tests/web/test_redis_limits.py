"""Shared budgets, on a real Redis that also stops answering."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from festival_push.web.limits import LocalRateLimiter
from festival_push.web.redis_limits import DEADLINE_S, RedisRateLimiter
from tests.support.redis_server import RedisServer
from tests.support.waiting import until


@asynccontextmanager
async def limiter_on(url: str) -> AsyncIterator[RedisRateLimiter]:
    limiter = RedisRateLimiter(url, prefix="test", local=LocalRateLimiter())
    await limiter.start()
    try:
        yield limiter
    finally:
        await limiter.close()


async def test_two_processes_share_one_budget(redis_url: str) -> None:
    async with limiter_on(redis_url) as one, limiter_on(redis_url) as two:
        await until(lambda: one.shared and two.shared)
        budgets = await asyncio.gather(*(limiter.take("user:anna", 60) for _ in range(50) for limiter in (one, two)))
        assert one.shared
        assert two.shared
        allowed = sum(budget.allowed for budget in budgets)
        assert 60 <= allowed <= 61  # the minute goes on meanwhile
        assert (await one.take("user:ben", 60)).remaining == 59


async def test_the_shared_budget_counts_as_the_local_one(redis_url: str) -> None:
    async with limiter_on(redis_url) as shared:
        await until(lambda: shared.shared)
        local = LocalRateLimiter(clock_s=lambda: 0.0)
        for _ in range(8):
            ours, theirs = local.take_now("a", 7, 9_000.0), await shared.take("a", 7, period_s=9_000.0)
            assert (ours.allowed, ours.remaining) == (theirs.allowed, theirs.remaining)
            assert abs(ours.reset_s - theirs.reset_s) <= 1
            assert abs(ours.retry_after_s - theirs.retry_after_s) <= 1


async def test_a_frozen_redis_costs_one_short_wait_and_then_nothing(own_redis: RedisServer) -> None:
    async with limiter_on(own_redis.url) as limiter:
        await until(lambda: limiter.shared)
        await limiter.take("user:anna", 60)
        own_redis.pause()
        started_s = time.perf_counter()
        budgets = await asyncio.gather(*(limiter.take(f"user:{number}", 60) for number in range(500)))
        assert time.perf_counter() - started_s < 2  # one after the other would take 7.5 s
        assert all(budget.allowed for budget in budgets)
        assert not limiter.shared
        started_s = time.perf_counter()
        for _ in range(100):
            await limiter.take("user:anna", 1_000)
        assert time.perf_counter() - started_s < 0.75  # a wait for each would take 1.5 s
        own_redis.resume()
        await until(lambda: limiter.shared)
        assert (await limiter.take("user:anna", 60)).allowed


async def test_the_one_wait_has_an_end(own_redis: RedisServer) -> None:
    assert DEADLINE_S < 0.05
    async with limiter_on(own_redis.url) as limiter:
        await until(lambda: limiter.shared)
        await limiter.take("user:anna", 60)
        own_redis.pause()
        started_s = time.perf_counter()
        assert (await limiter.take("user:anna", 60)).allowed
        assert time.perf_counter() - started_s < 0.5 + DEADLINE_S  # a busy machine adds to it


async def test_no_answer_reaches_somebody_elses_question(own_redis: RedisServer) -> None:
    async with limiter_on(own_redis.url) as limiter:
        await until(lambda: limiter.shared)
        gone = [asyncio.create_task(limiter.take(f"user:{number}", 2)) for number in range(20)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        own_redis.pause()
        await limiter.take("user:late", 2)
        own_redis.resume()
        await until(lambda: limiter.shared)
        budgets = [await limiter.take("user:new", 5) for _ in range(6)]
        assert [budget.remaining for budget in budgets] == [4, 3, 2, 1, 0, 0]
        assert [budget.allowed for budget in budgets] == [True] * 5 + [False]


async def test_without_redis_it_starts_locally_and_joins_later(own_redis: RedisServer) -> None:
    own_redis.kill()
    async with limiter_on(own_redis.url) as limiter:
        assert not limiter.shared
        assert (await limiter.take("user:anna", 1)).allowed
        assert not (await limiter.take("user:anna", 1)).allowed
        own_redis.start()
        await until(lambda: limiter.shared)


async def test_what_is_kept_in_redis_goes_away_by_itself(redis_url: str) -> None:
    async with limiter_on(redis_url) as limiter:
        await until(lambda: limiter.shared)
        await limiter.take("user:anna", 1_000, period_s=0.05)

        async def empty() -> bool:
            return int(await limiter._redis.dbsize()) == 0

        await until(empty)

"""Shared budgets, on a real Redis that also stops answering.

A deadline of PATIENT_S is only missed by a Redis that never answers; one of SHORT_S is set where Redis is paused, so
that a late answer is impossible and only the waiting is short.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.redis_limits import DEADLINE_S, RedisRateLimiter
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

PATIENT_S = 60.0
SHORT_S = 0.05
HOUR_S = 3600.0  # a period so long that no budget comes back while a test runs


@asynccontextmanager
async def limiter_on(url: str) -> AsyncIterator[RedisRateLimiter]:
    local = LocalRateLimiter(clock_s=lambda: 0.0)
    limiter = RedisRateLimiter(url, prefix="test", local=local, deadline_s=PATIENT_S, probe_s=0.02)
    running = asyncio.create_task(limiter.run())
    try:
        yield limiter
        assert not running.done(), running
    finally:
        running.cancel()
        await asyncio.wait((running,))
        await limiter.close()


class Calls:
    """Counts the script calls for a limiter's takes, and lets all calls through."""

    def __init__(self, limiter: RedisRateLimiter, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._run = limiter._run
        monkeypatch.setattr(limiter, "_run", self)

    async def __call__(self, keys: list[str], costs: list[int]) -> list[int]:
        self.count += "probe" not in keys[0]
        return await self._run(keys, costs)


async def test_two_processes_share_one_budget(redis_url: str) -> None:
    async with limiter_on(redis_url) as one, limiter_on(redis_url) as two:
        await until(lambda: one.shared and two.shared)
        takes = [limiter.take("user:anna", 60, period_s=HOUR_S) for _ in range(50) for limiter in (one, two)]
        budgets = await asyncio.gather(*takes)
        assert one.shared
        assert two.shared
        assert sum(budget.allowed for budget in budgets) == 60
        assert (await one.take("user:ben", 60, period_s=HOUR_S)).remaining == 59


async def test_the_shared_budget_counts_as_the_local_one(redis_url: str) -> None:
    async with limiter_on(redis_url) as shared:
        await until(lambda: shared.shared)
        local = LocalRateLimiter(clock_s=lambda: 0.0)
        began_s = time.monotonic()
        for _ in range(8):
            ours, theirs = local.take_now("a", 7, 9_000.0), await shared.take("a", 7, period_s=9_000.0)
            assert (ours.allowed, ours.remaining) == (theirs.allowed, theirs.remaining)
            passed_s = time.monotonic() - began_s + 1  # rounded up; the local clock stands still
            assert 0 <= ours.reset_s - theirs.reset_s <= passed_s
            assert 0 <= ours.retry_after_s - theirs.retry_after_s <= passed_s


async def test_a_frozen_redis_costs_one_wait_for_all_and_then_nothing(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with limiter_on(own_redis.url) as limiter:
        await until(lambda: limiter.shared)
        calls = Calls(limiter, monkeypatch)
        own_redis.pause()
        limiter._deadline_s = SHORT_S
        budgets = await asyncio.gather(*(limiter.take(f"user:{number}", 60) for number in range(500)))
        assert all(budget.allowed for budget in budgets)
        assert not limiter.shared
        for _ in range(100):
            assert (await limiter.take("user:anna", 1_000)).allowed
        assert calls.count == 1, "and Redis never answered it"
        limiter._deadline_s = PATIENT_S
        own_redis.resume()
        await until(lambda: limiter.shared)
        assert (await limiter.take("user:anna", 60)).allowed
        assert calls.count == 2


def test_requests_do_not_wait_noticeably() -> None:
    assert DEADLINE_S <= 0.015


async def test_no_answer_reaches_somebody_elses_question(own_redis: RedisServer) -> None:
    async with limiter_on(own_redis.url) as limiter:
        await until(lambda: limiter.shared)
        await ask_and_go_away(limiter)
        await spend(limiter, "user:new")
        own_redis.pause()
        limiter._deadline_s = SHORT_S
        await ask_and_go_away(limiter)
        await limiter.take("user:late", 2, period_s=HOUR_S)
        assert not limiter.shared
        limiter._deadline_s = PATIENT_S
        own_redis.resume()  # now it answers all that it was asked
        await until(lambda: limiter.shared)
        await spend(limiter, "user:newer")


async def ask_and_go_away(limiter: RedisRateLimiter) -> None:
    gone = [asyncio.create_task(limiter.take(f"user:{number}", 2, period_s=HOUR_S)) for number in range(20)]
    await asyncio.sleep(0)  # all of them wait now
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)


async def spend(limiter: RedisRateLimiter, key: str) -> None:
    """Take a whole budget and one more; it is as it should be."""
    budgets = [await limiter.take(key, 5, period_s=HOUR_S) for _ in range(6)]
    assert limiter.shared
    assert [budget.remaining for budget in budgets] == [4, 3, 2, 1, 0, 0]
    assert [budget.allowed for budget in budgets] == [True] * 5 + [False]


async def test_without_redis_it_starts_locally_and_joins_later(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    own_redis.kill()
    async with limiter_on(own_redis.url) as limiter:
        assert (await limiter.take("user:anna", 1)).allowed
        assert not (await limiter.take("user:anna", 1)).allowed
        assert not limiter.shared
        own_redis.start()
        await until(lambda: limiter.shared)
        assert "rate limits are shared" in caplog.text


async def test_what_is_kept_in_redis_goes_away_by_itself(redis_url: str) -> None:
    async with limiter_on(redis_url) as limiter, Redis.from_url(redis_url) as client:
        await until(lambda: limiter.shared)
        await limiter.take("user:anna", 1_000, period_s=0.05)
        assert limiter.shared

        async def empty() -> bool:
            return int(await client.dbsize()) == 0

        await until(empty)


async def test_a_redis_that_takes_long_to_connect_to_is_used_all_the_same(redis_url: str) -> None:
    limiter = RedisRateLimiter(redis_url, prefix="far", local=LocalRateLimiter(), deadline_s=1e-6)
    assert await limiter.probe()
    assert limiter.shared
    await limiter.close()


async def test_a_read_only_replica_shares_nothing_and_that_is_said_once(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers a ping, so only the script itself may be the probe."""
    caplog.set_level(logging.INFO)
    with RedisServer() as primary:
        own_redis.replicate(primary)
        limiter = RedisRateLimiter(own_redis.url, prefix="test", local=LocalRateLimiter(), deadline_s=PATIENT_S)
        for _ in range(5):
            assert not await limiter.probe()
            assert (await limiter.take("user:anna", 60)).allowed
        await limiter.close()
    assert [record.getMessage() for record in caplog.records if "rate limits" in record.getMessage()] == [
        "rate limits are local for now: it is a read-only replica (ReadOnlyError)"
    ]


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        (("-evalsha", "-eval", "allkeys"), "the command +evalsha"),
        (("-set", "allkeys"), "one of +get, +set and +time"),
        (("~other:*",), "our keys, ~{<redis.prefix>}:*"),
    ],
)
async def test_a_missing_right_is_named(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture, rules: tuple[str, ...], named: str
) -> None:
    limiter = RedisRateLimiter(
        own_redis.url_for("+@all", *rules), prefix="test", local=LocalRateLimiter(), deadline_s=PATIENT_S
    )
    assert not await limiter.probe()
    await limiter.close()
    assert f"its user has no right to {named}" in caplog.text


async def test_probes_become_rarer_while_the_script_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a probe works and the takes behind it fail again and again."""
    limiter = RedisRateLimiter("redis://127.0.0.1:1/0", prefix="test", local=LocalRateLimiter(), probe_s=1.0)
    waits_s: list[float] = []

    async def probed() -> bool:
        limiter._state.worked()
        return True

    async def waited(wait_s: float) -> None:
        waits_s.append(wait_s)
        if len(waits_s) < 8:
            limiter._state.failed("slow")
        elif len(waits_s) == 10:
            raise asyncio.CancelledError

    monkeypatch.setattr(limiter, "probe", probed)
    monkeypatch.setattr(asyncio, "sleep", waited)
    with pytest.raises(asyncio.CancelledError):
        await limiter.run()
    assert waits_s == [2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 1.0, 1.0]
    await limiter.close()


@pytest.mark.parametrize(
    "forged", [b"95617584000000000", b"999999999999999999999", b"nan", b"inf", b"-inf", b"junk", b"0x1p99"]
)
async def test_whoever_writes_to_redis_can_not_lock_anybody_out_for_longer_than_a_period(
    redis_url: str, forged: bytes
) -> None:
    async with limiter_on(redis_url) as limiter, Redis.from_url(redis_url) as client:
        await until(lambda: limiter.shared)
        await client.set("{test}:limit:user:anna", forged)
        budget = await limiter.take("user:anna", 60)
        assert limiter.shared
        assert budget.retry_after_s <= 1
        await client.delete("{test}:limit:user:anna")
        await client.rpush("{test}:limit:user:anna", "of another type")
        assert (await limiter.take("user:anna", 60)).allowed
        assert limiter.shared


async def test_a_late_answer_is_said_when_it_is_not_the_only_one(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = RedisRateLimiter(redis_url, prefix="late", local=LocalRateLimiter(), deadline_s=PATIENT_S)
    try:
        assert await limiter.probe()
        for late in range(1, 4):
            limiter._deadline_s = 0.0  # an answer can't be in time
            assert (await limiter.take("user:anna", 60)).allowed
            assert not limiter.shared
            said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
            assert [bool("does not answer in time" in line) for line in said] == [True] * (late == 3)
            assert await limiter.probe()
        limiter._deadline_s = PATIENT_S
        await limiter.take("user:anna", 60)
        limiter._deadline_s = 0.0
        await limiter.take("user:anna", 60)
        assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    finally:
        await limiter.close()

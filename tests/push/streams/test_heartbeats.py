"""Silence on the channel, to the second: in virtual time, between a broker and a Redis that is made up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from festival_push.domain.log import LogRow
from festival_push.push.news.broker import Doubt
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.sealed import Notice, Seal
from tests.push.fake_log import row

SEALER = Seal(b"s" * 32, epoch="e1", channel="test:log")
HEARTBEAT_S = 3.0
SUBSCRIBED: dict[str, Any] = {"type": "subscribe"}
BEAT: dict[str, Any] = {"type": "message", "data": SEALER.heartbeat(0)}
NOISE: dict[str, Any] = {"type": "message", "data": b"noise"}


def broker() -> RedisBroker:
    return RedisBroker("redis://127.0.0.1:1/0", prefix="test", epoch="e1", secret=b"s" * 32, heartbeat_s=HEARTBEAT_S)


class Inbox:
    """Gives each message so long after the one before; then nothing."""

    def __init__(self, *plan: tuple[float, dict[str, Any]]) -> None:
        self._plan = list(plan)

    async def get_message(self, *, timeout: float) -> dict[str, Any] | None:  # noqa: ASYNC109 - redis-py's own name
        if not self._plan or self._plan[0][0] > timeout:
            await asyncio.sleep(timeout)
            return None
        after_s, message = self._plan.pop(0)
        await asyncio.sleep(after_s)
        return message


class Outlet:
    """Notes what is published, and when."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, Notice | None]] = []
        self._began_s = asyncio.get_running_loop().time()

    async def publish(self, channel: str, sealed: bytes) -> int:
        assert channel == "test:log"
        self.sent.append((asyncio.get_running_loop().time() - self._began_s, SEALER.open(sealed)))
        return 1  # subscriber heard it


async def heard(broker: RedisBroker, inbox: Inbox) -> tuple[list[tuple[LogRow, ...] | Doubt], float]:
    """All that the broker hears until it takes the connection for broken, and how long that took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    news = [each async for each in broker._listen(cast(PubSub, inbox))]
    return news, loop.time() - began_s


async def test_a_quiet_channel_stays_healthy_as_long_as_it_beats() -> None:
    there = broker()
    news, took_s = await heard(there, Inbox((0, SUBSCRIBED), *[(2.9, BEAT)] * 12))
    assert (news, there.received) == ([Doubt()], 12)
    assert took_s == pytest.approx(12 * 2.9 + HEARTBEAT_S)


async def test_noise_is_no_sign_of_life() -> None:
    there = broker()
    news, took_s = await heard(there, Inbox((0, SUBSCRIBED), (1, BEAT), *[(0.5, NOISE)] * 100))
    assert (news, there.received) == ([Doubt()], 1)
    assert took_s == pytest.approx(1 + HEARTBEAT_S)


async def test_without_an_acknowledgement_it_is_given_up() -> None:
    news, took_s = await heard(broker(), Inbox())
    assert news == []
    assert took_s == pytest.approx(HEARTBEAT_S)


@asynccontextmanager
async def publishing(broker: RedisBroker) -> AsyncIterator[Outlet]:
    outlet = Outlet()
    task = asyncio.create_task(broker._publish_all(cast(Redis, outlet)))
    try:
        yield outlet
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def beats(outlet: Outlet) -> Sequence[float]:
    return [round(at_s, 3) for at_s, notice in outlet.sent if notice is not None and not notice.rows]


async def test_a_heartbeat_may_be_lost_without_a_silence() -> None:
    async with publishing(broker()) as outlet:
        await asyncio.sleep(2.5 * HEARTBEAT_S)
    assert beats(outlet) == [0, 1, 2, 3, 4, 5, 6, 7]


async def test_batches_go_out_at_once_and_put_no_heartbeat_off() -> None:
    here = broker()
    async with publishing(here) as outlet:
        for position in range(1, 8):
            await asyncio.sleep(0.4)
            here.publish([row(position)])
        await asyncio.sleep(0.1)
    batches = [(round(at_s, 3), notice.last) for at_s, notice in outlet.sent if notice is not None and notice.rows]
    assert batches == [(round(0.4 * position, 3), position) for position in range(1, 8)]
    assert beats(outlet) == [0, 1, 2]

"""Silence on the channel, to the second: in virtual time, between a broker and a Redis that is made up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from festival_push.push.news.broker import Doubt, News
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.redis_calls import Calls
from festival_push.push.news.redis_link import Command, Link, Reply
from festival_push.push.news.sealed import Notice, Seal
from tests.push.fake_log import row

SEALER = Seal(b"s" * 32, epoch="e1", channel="test:notices")
HEARTBEAT_S = 3.0
SUBSCRIBED: Reply = [b"subscribe", b"test:notices", 1]
BEAT: Reply = [b"message", b"test:notices", SEALER.heartbeat(0)]
NOISE: Reply = [b"message", b"test:notices", b"noise"]


def broker() -> RedisBroker:
    return RedisBroker("redis://127.0.0.1:1/0", prefix="test", epoch="e1", secret=b"s" * 32, heartbeat_s=HEARTBEAT_S)


class Line:
    """Stands for a connection: says each thing so long after the one before; and notes what is published."""

    def __init__(self, *plan: tuple[float, Reply]) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.sent: list[tuple[float, Notice | None]] = []
        self._plan = plan
        self._began_s = loop.time()

    def send(self, command: Command) -> None:
        assert command == ("SUBSCRIBE", "test:notices")

    async def say(self, there: RedisBroker) -> None:
        for after_s, reply in self._plan:
            await asyncio.sleep(after_s)
            there._hearing.take(reply)

    async def ask(self, command: str, channel: str, sealed: bytes) -> int:
        assert (command, channel) == ("PUBLISH", "test:notices")
        self.sent.append((asyncio.get_running_loop().time() - self._began_s, SEALER.open(sealed)))
        return 1  # subscriber heard it


async def heard(there: RedisBroker, *plan: tuple[float, Reply]) -> tuple[list[News], float]:
    """All that the broker hears until it takes the connection for broken, and how long that took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    line = Line(*plan)
    news: list[News] = []
    saying = asyncio.create_task(line.say(there))
    await there._hearing.listen(cast(Link, line), news.append)
    saying.cancel()
    return news, loop.time() - began_s


async def test_a_quiet_channel_stays_healthy_as_long_as_it_beats() -> None:
    there = broker()
    news, took_s = await heard(there, (0, SUBSCRIBED), *[(2.9, BEAT)] * 12)
    assert (news, there.received) == ([Doubt()], 12)
    assert took_s == pytest.approx(12 * 2.9 + HEARTBEAT_S)


async def test_noise_is_no_sign_of_life() -> None:
    there = broker()
    news, took_s = await heard(there, (0, SUBSCRIBED), (1, BEAT), *[(0.5, NOISE)] * 100)
    assert (news, there.received) == ([Doubt()], 1)
    assert took_s == pytest.approx(1 + HEARTBEAT_S)


async def test_without_an_acknowledgement_it_is_given_up() -> None:
    news, took_s = await heard(broker())
    assert news == []
    assert took_s == pytest.approx(HEARTBEAT_S)


@asynccontextmanager
async def publishing(broker: RedisBroker) -> AsyncIterator[Line]:
    outlet = Line()
    task = asyncio.create_task(broker._publish_all(cast(Calls, outlet)))
    try:
        yield outlet
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def beats(outlet: Line) -> Sequence[float]:
    return [round(at_s, 3) for at_s, notice in outlet.sent if notice is not None and not notice.events]


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
    batches = [(round(at_s, 3), notice.last) for at_s, notice in outlet.sent if notice is not None and notice.events]
    assert batches == [(round(0.4 * position, 3), position) for position in range(1, 8)]
    assert beats(outlet) == [0, 1, 2]

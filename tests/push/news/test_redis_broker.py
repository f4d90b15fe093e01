"""Redis may die, freeze, vanish or lie: a Doubt tells, the fast path comes back, and forgery has no effect."""

import asyncio
import hmac
from hashlib import blake2b

import msgspec
import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from festival_push.push.news.sealed import NOTICE_BYTES_MAX, Seal
from tests.push.fake_log import row
from tests.push.news.test_brokers import Listener, at_work, redis_broker, running
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until
from tests.support.wire.proxy import Proxy

CHANNEL = "test:log"
IMPATIENT_S = 1.0
"""Silence for so long is doubted, where a Redis that is silent for ever is part of the test. A busy machine may be
silent for longer: then there are more doubts, and more connections, and all is well again afterwards."""


async def passes_again(listener: Listener, sender: Listener, position: int) -> None:
    """Batches travel from one to the other, after at most a few that are lost in the transition."""

    def arrived() -> bool:
        sender.broker.publish([row(position)])
        return bool(listener.batches) and listener.batches[-1] == (row(position),)

    await until(arrived, within_s=60)


@pytest.mark.parametrize("fault", ["restart", "kill-clients", "pause"])
async def test_a_fault_is_doubted_and_healed(own_redis: RedisServer, fault: str) -> None:
    here, there = (redis_broker(own_redis.url, heartbeat_s=IMPATIENT_S) for _ in range(2))
    async with running(here, there) as (sender, listener):
        await passes_again(listener, sender, 1)
        doubts = listener.doubts
        if fault == "restart":
            own_redis.kill()
            await until(lambda: not there.healthy)
            own_redis.start()
        elif fault == "pause":
            own_redis.pause()
            await until(lambda: not there.healthy)
            own_redis.resume()
        else:
            async with Redis.from_url(own_redis.url) as client:
                await client.client_kill_filter(_type="pubsub")
        await until(lambda: listener.doubts > doubts and there.healthy, within_s=60)
        await passes_again(listener, sender, 2)


async def test_a_black_hole_is_noticed_by_silence(own_redis: RedisServer) -> None:
    async with Proxy(own_redis.port) as proxy:
        there = redis_broker(f"redis://127.0.0.1:{proxy.port}/0", heartbeat_s=IMPATIENT_S)
        here = redis_broker(own_redis.url)
        async with running(here, there) as (sender, listener):
            await passes_again(listener, sender, 1)
            doubts, known = listener.doubts, sender.doubts
            proxy.mode = "black-hole"
            await until(lambda: not there.healthy and listener.doubts > doubts)
            assert (here.healthy, sender.doubts) == (True, known)
            proxy.mode = "pass"
            await passes_again(listener, sender, 2)


async def test_a_cut_connection_is_doubted(own_redis: RedisServer) -> None:
    async with Proxy(own_redis.port) as proxy:
        broker = redis_broker(f"redis://127.0.0.1:{proxy.port}/0")
        async with running(broker) as (listener,):
            doubts = listener.doubts
            proxy.cut()
            await until(lambda: listener.doubts > doubts and broker.healthy)
            await passes_again(listener, listener, 1)


async def test_a_subscription_is_a_doubt(redis_url: str) -> None:
    """Between the loss, or the start, and the acknowledgement nothing can be heard."""
    async with running(redis_broker(redis_url)) as (listener,):
        await until(lambda: listener.doubts == 2)


async def test_a_transport_that_closes_under_redis_py_is_a_loss_like_any_other(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop raises RuntimeError there, which once took the whole process with it."""
    subscribe, calls = PubSub.subscribe, iter((1, 2))

    async def closing(inbox: PubSub, *channels: str) -> None:
        if next(calls, None) == 1:
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")
        await subscribe(inbox, *channels)

    monkeypatch.setattr(PubSub, "subscribe", closing)
    async with running(redis_broker(redis_url)) as (listener,):
        await passes_again(listener, listener, 1)


async def test_heartbeats_come_back_to_who_sends_them(redis_url: str) -> None:
    """How they keep a quiet channel healthy is in test_heartbeats."""
    broker = redis_broker(redis_url, heartbeat_s=IMPATIENT_S)
    async with running(broker):
        await until(lambda: broker.received >= 3 and broker.healthy)


async def test_a_redis_that_is_not_there_at_the_start_is_waited_for(own_redis: RedisServer) -> None:
    own_redis.kill()
    broker = redis_broker(own_redis.url)
    async with at_work(broker) as (listener,):
        await until(lambda: broker.reconnects >= 2)
        assert not broker.healthy
        own_redis.start()
        await until(lambda: broker.healthy)
        await passes_again(listener, listener, 1)


async def test_publishing_while_redis_hangs_takes_bounded_memory(own_redis: RedisServer) -> None:
    """It takes no time either: `publish` is no coroutine, so it can't wait for anybody."""
    broker = redis_broker(own_redis.url, heartbeat_s=IMPATIENT_S)
    async with running(broker) as (listener,):
        own_redis.pause()
        for position in range(1, 3_001):
            broker.publish([row(position)])
        assert (broker.dropped, len(broker._queue)) == (2_000, 1_000)
        own_redis.resume()
        await passes_again(listener, listener, 3_001)


async def test_a_heartbeat_tells_of_a_batch_that_was_dropped(redis_url: str) -> None:
    here, there = (redis_broker(redis_url, heartbeat_s=IMPATIENT_S) for _ in range(2))
    async with running(here, there) as (_, listener):
        doubts = listener.doubts
        here._queue_batches_max = 0
        here.publish([row(1)])
        await until(lambda: there._head == 1 and listener.doubts > doubts)
        assert listener.batches == []


async def test_what_an_intruder_publishes_has_no_effect(redis_url: str) -> None:
    here, there = redis_broker(redis_url), redis_broker(redis_url)
    body = msgspec.msgpack.encode(["e1", 1, 1, [row(1)]])
    forged = [
        b"", b"x", b"\x00" * 64, body, b"\x00" * 32 + body, blake2b(body, digest_size=32).digest() + body,
        hmac.digest(b"guess", body, "sha256") + body, b"x" * (NOTICE_BYTES_MAX + 1),
        Seal(b"t" * 32, epoch="e1", channel=CHANNEL).batch([row(1)]),
        Seal(b"s" * 32, epoch="e0", channel=CHANNEL).batch([row(1)]),
        Seal(b"s" * 32, epoch="e1", channel="elsewhere:log").batch([row(1)]),
        Seal(b"t" * 32, epoch="e1", channel=CHANNEL).heartbeat(10**9),
    ]  # fmt: skip
    async with running(here, there) as (_, listener), Redis.from_url(redis_url) as intruder:
        heard = len(listener.heard)
        for message in forged:
            await intruder.publish(CHANNEL, message)
        here.publish([row(1)])
        await until(lambda: listener.batches)
        assert listener.heard[heard:] == [(row(1),)]
        assert there.ignored == len(forged)


async def test_an_intruder_who_floods_the_channel_does_not_make_it_look_alive(own_redis: RedisServer) -> None:
    """Garbage is no sign of life: only our own notices are."""
    there = redis_broker(own_redis.url, heartbeat_s=IMPATIENT_S)
    async with at_work(there, publish=False), Redis.from_url(own_redis.url) as intruder:

        async def given_up() -> bool:
            await intruder.publish(CHANNEL, b"noise")
            return there.reconnects > 0

        await until(lambda: there.healthy)
        await until(given_up)
        assert there.ignored


async def test_a_password_in_the_url_is_used_and_never_logged(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Redis.from_url(own_redis.url) as client:
        await client.config_set("requirepass", "hunter2")
    wrong = redis_broker(own_redis.url.replace("//", "//:sesame@"))
    async with at_work(wrong):
        await until(lambda: wrong.reconnects >= 1)
    async with running(redis_broker(own_redis.url.replace("//", "//:hunter2@"))) as (right,):
        await passes_again(right, right, 1)
    assert "sesame" not in caplog.text
    assert "AuthenticationError" in caplog.text


async def test_it_ends_when_it_is_cancelled_in_the_middle_of_sending(redis_url: str) -> None:
    """A cancellation that some layer below swallows would keep the process from ending."""
    for number in range(60):
        broker = redis_broker(redis_url)
        task = asyncio.create_task(broker.run())
        while broker.published < 1 + number % 5:
            broker.publish([row(1)])
            await asyncio.sleep(0)
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=60)
        assert done
        await broker.close()

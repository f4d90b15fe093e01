"""Redis may die, freeze, vanish or lie: a Doubt tells, the fast path comes back, and forgery has no effect."""

import asyncio
import hmac
import logging
import random
from hashlib import blake2b
from types import SimpleNamespace

import msgspec
import pytest
from redis.asyncio import Redis

import festival_push.push.news.pauses as pauses_module
import festival_push.push.news.redis_broker as redis_broker_module
from festival_push.push.hub.entries import unread
from festival_push.push.news.broker import Told
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.redis_link import Command, Link
from festival_push.push.news.sealed import NOTICE_BYTES_MAX, Seal
from tests.push.fake_log import row
from tests.push.news.test_brokers import Listener, at_work, redis_broker, running
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until
from tests.support.wire.proxy import Proxy

CHANNEL = "test:notices"
IMPATIENT_S = 1.0
"""Silence for so long is doubted, where a Redis that is silent for ever is part of the test. A busy machine may be
silent for longer: then there are more doubts, and more connections, and all is well again afterwards."""


async def passes_again(listener: Listener, sender: Listener, position: int) -> None:
    """Batches travel from one to the other, after at most a few that are lost in the transition."""

    def arrived() -> bool:
        sender.broker.publish([row(position)])
        return bool(listener.batches) and listener.batches[-1] == (row(position),)

    await until(arrived, within_s=60)


async def comes_back(broker: RedisBroker) -> None:
    """What it publishes is heard where it came from, after at most a few batches that are lost in the transition."""
    published, received = broker.published, broker.received

    def came() -> bool:
        broker.publish([row(1)])
        return broker.published > published and broker.received > received

    await until(came, within_s=60)


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
            await comes_back(broker)


async def test_a_subscription_is_a_doubt(redis_url: str) -> None:
    """Between the loss, or the start, and the acknowledgement nothing can be heard."""
    async with running(redis_broker(redis_url)) as (listener,):
        await until(lambda: listener.doubts == 2)


async def test_a_transport_that_closes_is_a_loss_like_any_other(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop raises RuntimeError there, which once took the whole process with it."""
    send, calls = Link.send, iter((1, 2))

    def closing(link: Link, command: Command) -> None:
        if next(calls, None) is not None:
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")
        send(link, command)

    monkeypatch.setattr(Link, "send", closing)
    broker = redis_broker(redis_url)
    async with running(broker):
        await comes_back(broker)


async def test_heartbeats_come_back_to_who_sends_them(redis_url: str) -> None:
    """How they keep a quiet channel healthy is in test_heartbeats."""
    broker = redis_broker(redis_url, heartbeat_s=IMPATIENT_S)
    async with running(broker):
        await until(lambda: broker.received >= 3 and broker.healthy)


async def test_a_redis_that_is_not_there_at_the_start_is_waited_for(own_redis: RedisServer) -> None:
    own_redis.kill()
    broker = redis_broker(own_redis.url)
    async with at_work(broker):
        await until(lambda: broker.reconnects >= 2)
        assert not broker.healthy
        own_redis.start()
        await until(lambda: broker.healthy)
        await comes_back(broker)


async def test_publishing_while_redis_hangs_takes_bounded_memory(own_redis: RedisServer) -> None:
    """It takes no time either: `publish` is no coroutine, so it can't wait for anybody."""
    broker = redis_broker(own_redis.url, heartbeat_s=IMPATIENT_S)
    async with running(broker):
        own_redis.pause()
        for position in range(1, 3_001):
            broker.publish([row(position)])
        assert (broker.dropped, len(broker._queue)) == (2_000, 1_000)
        own_redis.resume()
        await comes_back(broker)


async def test_a_heartbeat_tells_of_a_batch_that_was_dropped(redis_url: str) -> None:
    here, there = (redis_broker(redis_url, heartbeat_s=IMPATIENT_S) for _ in range(2))
    async with running(here, there) as (_, listener):
        doubts = listener.doubts
        here._queue_batches_max = 0
        here.publish([row(1)])
        await until(lambda: there._hearing.head == 1 and listener.doubts > doubts)
        assert listener.batches == []


async def test_what_an_intruder_publishes_has_no_effect(redis_url: str) -> None:
    here, there = redis_broker(redis_url), redis_broker(redis_url)
    body = msgspec.msgpack.encode(["e1", "x", 1, 1, [unread("e1", row(1))]])
    forged = [
        b"", b"x", b"\x00" * 64, body, b"\x00" * 16 + body, blake2b(body, digest_size=16).digest() + body,
        hmac.digest(b"guess", body, "sha256") + body, b"x" * (NOTICE_BYTES_MAX + 1),
        Seal(b"t" * 32, epoch="e1", channel=CHANNEL).batch([row(1)]),
        Seal(b"s" * 32, epoch="e0", channel=CHANNEL).batch([row(1)]),
        Seal(b"s" * 32, epoch="e1", channel="elsewhere:notices").batch([row(1)]),
        Seal(b"t" * 32, epoch="e1", channel=CHANNEL).heartbeat(10**9),
    ]  # fmt: skip
    async with running(here, there) as (_, listener), Redis.from_url(redis_url) as intruder:
        heard = len(listener.heard)
        for message in forged:
            await intruder.publish(CHANNEL, message)
        here.publish([row(1)])
        await until(lambda: listener.batches)
        assert listener.heard[heard:] == [Told(1, (unread("e1", row(1)),))]
        assert there.ignored == len(forged)


async def test_an_intruder_who_floods_the_channel_does_not_make_it_look_alive(own_redis: RedisServer) -> None:
    """Garbage is no sign of life: only our own notices are."""
    there = redis_broker(own_redis.url, heartbeat_s=IMPATIENT_S)
    async with at_work(there, publish=False), Redis.from_url(own_redis.url) as intruder:

        async def given_up() -> bool:
            await intruder.publish(CHANNEL, b"noise")
            return there.reconnects > 0

        await until(given_up)
        assert (there.healthy, there.received) == (False, 0)
        assert there.ignored


async def test_a_password_in_the_url_is_used_and_never_logged(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Redis.from_url(own_redis.url) as client:
        await client.config_set("requirepass", "hunter2")
    wrong = redis_broker(own_redis.url.replace("//", "//:sesame@"))
    async with at_work(wrong):
        await until(lambda: wrong.reconnects >= 1)
    right = redis_broker(own_redis.url.replace("//", "//:hunter2@"))
    async with running(right):
        await comes_back(right)
    assert "sesame" not in caplog.text
    assert "it refuses the user or the password of redis.url (AuthenticationError)" in caplog.text


@pytest.mark.parametrize(
    ("lacking", "named", "refused"),
    [
        ("-publish", "the command +publish", {"publish to"}),
        ("-subscribe", "the command +subscribe", {"hear from"}),
        ("resetchannels", "our channels, &<redis.prefix>:*", {"publish to", "hear from"}),
    ],
)
async def test_a_missing_right_is_named_once_and_asked_for_ever_less_often(
    own_redis: RedisServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    lacking: str,
    named: str,
    refused: set[str],
) -> None:
    """Such a user may connect and ping."""
    caplog.set_level(logging.INFO)
    pauses_s: list[float] = []
    next_s = pauses_module.Pauses.next_s

    def noted(pauses: pauses_module.Pauses) -> float:
        """Wait for nothing, and at last for ever: a task that is cancelled while it connects leaves a socket open."""
        pauses_s.append(next_s(pauses))
        return 0.0 if len(pauses_s) < 40 else 3_600.0

    monkeypatch.setattr(pauses_module.Pauses, "next_s", noted)
    broker = redis_broker(own_redis.url_for("+@all", "allkeys", "allchannels", lacking))
    async with at_work(broker):
        await until(lambda: len(pauses_s) >= 39 + len(refused), within_s=60)
        assert not broker.healthy
    reason = f"its user has no right to {named} (NoPermissionError)"
    messages = [record.getMessage() for record in caplog.records if record.name == redis_broker_module.__name__]
    assert sorted(messages) == sorted(f"can't {does} Redis: {reason}" for does in refused)
    assert sum(pause_s >= 0.5 for pause_s in pauses_s) >= 20  # of the two, one alone or both at a second, jittered


async def test_a_right_that_is_given_heals_it_and_that_is_said_once(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    broker = redis_broker(own_redis.url_for("+@all", "allkeys", "resetchannels"))
    async with at_work(broker):
        await until(lambda: broker.reconnects >= 2 and len(caplog.records) >= 2)
        own_redis.url_for("allchannels")
        await until(lambda: broker.healthy, within_s=60)
        await comes_back(broker)
    assert caplog.text.count("publishing to Redis again") == 1
    assert caplog.text.count("hearing from Redis again") == 1


async def test_a_channel_without_our_own_heartbeats_is_not_healthy(redis_url: str) -> None:
    """To be subscribed proves nothing: it is healthy when what was published comes back."""
    broker = redis_broker(redis_url)
    async with at_work(broker, publish=False) as (listener,):
        await until(lambda: listener.doubts == 2)
        assert not broker.healthy


def test_a_connection_that_works_for_a_moment_makes_no_pause_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: SimpleNamespace(time=lambda: now_s))
    monkeypatch.setattr(random, "uniform", lambda *_: 1.0)
    pauses = pauses_module.Pauses()

    def ends_after(lasted_s: float, *, worked: bool) -> float:
        nonlocal now_s
        pauses.begin()
        now_s += lasted_s
        pauses.end(worked=worked)
        return pauses.next_s()

    assert [ends_after(0.9, worked=True) for _ in range(6)] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0]
    assert ends_after(30.0, worked=False) == 1.0
    assert ends_after(1.1, worked=True) == 0.05


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

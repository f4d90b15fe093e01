"""What stands where Redis should be: whatever it answers, the tasks that talk to it go on, and so does the process."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from festival_push.push.headcount import Headcount
from festival_push.push.news.redis_broker import RedisBroker
from festival_push.push.news.redis_client import close_quietly, redis_client
from festival_push.push.news.redis_presence import PresenceTimes, RedisPresence
from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.redis_limits import RedisRateLimiter
from tests.support.timing.waiting import until
from tests.support.wire.listener import listening

NONSENSE = [
    b":twelve\r\n",
    b"$many\r\n",
    b"*\r\n",
    b"*0\r\n",
    b"*1\r\n$4\r\npong\r\n",
    b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:5\r\n",
    b"*2\r\n:1\r\n:2\r\n",
    b"-NOSCRIPT\r\n",
    b"+" + b"a" * 100_000 + b"\r\n",
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
]
SOON_S = 0.01


class Peer:
    """Answers every command with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(10_000):
            self.asked += 1
            writer.write(self._answer)


async def goes_on(work: Coroutine[Any, Any, None], peer: Peer) -> None:
    """Run it until it has asked the peer several times, and see that it still runs."""
    task = asyncio.create_task(work)
    try:
        await until(lambda: task.done() or peer.asked >= 3)
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def hear(broker: RedisBroker) -> None:
    await broker.receive(lambda _news: None)


async def test_a_redis_on_a_unix_socket_is_reached(tmp_path: Path) -> None:
    peer = Peer(b"+PONG\r\n")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer(reader, writer)
        writer.close()

    async with await asyncio.start_unix_server(serve, tmp_path / "redis.sock"):
        client = redis_client(f"unix://{tmp_path}/redis.sock", prefix="test")
        assert await client.ping()
        await client.aclose()


@pytest.mark.parametrize("steps", range(6))
async def test_a_connection_is_closed_by_whoever_is_cancelled_meanwhile(steps: int) -> None:
    async with listening(Peer(b"+PONG\r\n")) as port:
        client = redis_client(f"redis://127.0.0.1:{port}/0", prefix="test")
        assert await client.ping()
        (connection,) = client.connection_pool._available_connections
        task = asyncio.create_task(close_quietly(client))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait((task,))
        assert connection.is_connected == (steps == 0), "before its first step nobody has begun to close it"
        await client.aclose()


@pytest.mark.parametrize("answer", NONSENSE)
async def test_no_answer_ends_a_task(answer: bytes) -> None:
    peer = Peer(answer)
    async with listening(peer) as port:
        url = f"redis://127.0.0.1:{port}/0"
        broker = RedisBroker(url, prefix="test", epoch="e", secret=b"s" * 32, heartbeat_s=0.2)
        presence = RedisPresence(Headcount(), url, prefix="test", secret=b"s" * 32, times=PresenceTimes(every_s=SOON_S))
        limiter = RedisRateLimiter(url, prefix="test", local=LocalRateLimiter(), probe_s=SOON_S)
        for work in (broker.run(), hear(broker), presence.run(), limiter.run()):
            peer.asked = 0
            await goes_on(work, peer)
        await asyncio.gather(broker.close(), presence.close(), limiter.close())


async def test_one_that_answers_nothing_is_given_up() -> None:
    """As a Redis that is stopped while we connect: the kernel takes the connection."""

    async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silence) as port:
        broker = RedisBroker(f"redis://127.0.0.1:{port}/0", prefix="test", epoch="e", secret=b"s" * 32, heartbeat_s=0.1)
        task = asyncio.create_task(hear(broker))
        await until(lambda: broker.reconnects >= 2)
        task.cancel()
        await asyncio.wait((task,))
        await broker.close()


@pytest.mark.parametrize("answer", NONSENSE)
async def test_a_request_is_limited_all_the_same(answer: bytes) -> None:
    async with listening(Peer(answer)) as port:
        limiter = RedisRateLimiter(f"redis://127.0.0.1:{port}/0", prefix="test", local=LocalRateLimiter())
        for _ in range(3):
            limiter._state.worked()
            assert (await limiter.take("user:anna", 2)).limit == 2
        await limiter.close()

"""The Redis of the tests is real and can be killed, paused and restarted on its port."""

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.support.servers.redis_server import RedisServer


def client_of(url: str, *, within_s: float = 60.0) -> "Redis":
    """A client that hides nothing: no retries, and a bound for each answer."""
    return Redis.from_url(url, socket_timeout=within_s, retry=Retry(NoBackoff(), 0), decode_responses=True)


@pytest.mark.parametrize("_again", [1, 2])
async def test_each_test_gets_an_empty_redis(redis_url: str, _again: int) -> None:
    async with client_of(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")


async def test_messages_travel_between_two_clients(redis_url: str) -> None:
    async with client_of(redis_url) as sender, client_of(redis_url) as receiver, receiver.pubsub() as inbox:
        await inbox.subscribe("news")
        assert (await inbox.get_message(timeout=60) or {})["type"] == "subscribe"
        await sender.publish("news", "hello")
        assert (await inbox.get_message(timeout=60) or {})["data"] == "hello"


async def test_a_killed_redis_refuses_and_comes_back_empty_on_its_port(own_redis: RedisServer) -> None:
    url = own_redis.url
    async with client_of(url) as client:
        await client.set("gone", "soon")
        own_redis.kill()
        assert not own_redis.is_running
        with pytest.raises(RedisConnectionError):
            await client.ping()
        own_redis.restart()
        assert own_redis.url == url
        assert await client.get("gone") is None


async def test_a_paused_redis_does_not_answer_until_it_is_resumed(own_redis: RedisServer) -> None:
    async with client_of(own_redis.url) as client, client_of(own_redis.url, within_s=0.05) as impatient:
        own_redis.pause()
        assert own_redis.is_running
        with pytest.raises(RedisTimeoutError):
            await impatient.ping()
        own_redis.resume()
        assert await client.ping()


def test_a_paused_redis_can_be_stopped(own_redis: RedisServer) -> None:
    own_redis.pause()
    own_redis.stop()
    assert not own_redis.is_running

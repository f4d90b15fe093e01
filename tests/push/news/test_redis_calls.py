"""Calls: each answer goes to its question, whoever has gone away; and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, ReadOnlyError, ResponseError

from festival_push.push.news import redis_calls
from festival_push.push.news.redis_calls import Calls, Script
from festival_push.push.news.redis_client import REDIS_FAILURES, redis_client
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

COUNT = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


@asynccontextmanager
async def calls_to(server: RedisServer) -> AsyncIterator[Calls]:
    calls = Calls(redis_client(server.url, prefix="test"), within_s=20)
    try:
        await calls.connect()
        yield calls
    finally:
        await calls.close()


async def test_answers_go_to_their_questions_in_order(own_redis: RedisServer) -> None:
    async with calls_to(own_redis) as calls:
        asked = [calls.ask("INCR", "a") for _ in range(200)]
        assert await asyncio.gather(*asked) == list(range(1, 201))
        assert await calls.ask("ECHO", b"\r\n\xff") == b"\r\n\xff"


async def test_who_goes_away_takes_no_answer_of_others_along(own_redis: RedisServer) -> None:
    async with calls_to(own_redis) as calls:
        own_redis.pause()
        asked = [calls.ask("INCR", "a") for _ in range(20)]
        for gone in asked[::2]:
            gone.cancel()
        own_redis.resume()
        assert await asyncio.gather(*asked[1::2]) == list(range(2, 21, 2))


async def test_an_error_is_its_questions_alone(own_redis: RedisServer) -> None:
    own_redis.url_for("+@all", "allkeys", "-get")
    calls = Calls(redis_client(own_redis.url_for("+@all", "allkeys", "-get"), prefix="test"), within_s=20)
    try:
        await calls.connect()
        refused, wrong, fine = calls.ask("GET", "a"), calls.ask("INCR"), calls.ask("INCR", "a")
        assert await fine == 1
        for asked, kind in ((refused, NoPermissionError), (wrong, ResponseError)):
            with pytest.raises(kind):
                await asked
    finally:
        await calls.close()


async def test_a_script_that_was_forgotten_is_told_again(own_redis: RedisServer) -> None:
    async with calls_to(own_redis) as calls:
        assert [await calls.run_script(COUNT, ["a"], [2]) for _ in range(3)] == [2, 4, 6]
        assert await calls.ask("SCRIPT", "FLUSH") == b"OK"
        assert await calls.run_script(COUNT, ["a"], [3]) == 9


@pytest.mark.parametrize("how", ["killed", "closed"])
async def test_nobody_waits_for_a_connection_that_has_ended(own_redis: RedisServer, how: str) -> None:
    async with calls_to(own_redis) as calls:
        own_redis.pause()
        asked = [calls.ask("PING") for _ in range(3)]
        if how == "killed":
            own_redis.kill()
        else:
            await calls.close()
        answers = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 60)
        assert [isinstance(answer, REDIS_FAILURES) for answer in answers] == [True] * 3
        assert not calls.open
        with pytest.raises(RedisConnectionError):
            calls.ask("PING")
        if how == "closed":
            own_redis.resume()


async def test_a_server_that_is_a_replica_by_now_is_left(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take what is published, and tell nobody but its own subscribers."""
    with RedisServer() as primary:
        async with calls_to(own_redis) as calls:
            assert await calls.ask("PUBLISH", "c", "x") == 0
            own_redis.replicate(primary)
            monkeypatch.setattr(redis_calls, "ROLE_EVERY_S", 0.0)
            asked = calls.ask("PUBLISH", "c", "x")
            with pytest.raises(ReadOnlyError):
                await calls.ended
            with pytest.raises(ReadOnlyError):
                await asked


async def test_a_place_where_it_would_not_connect_to_any_more_is_left(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with calls_to(own_redis) as calls:
        assert calls._connection is not None
        moved = SimpleNamespace(is_elsewhere=lambda address: address == ("127.0.0.1", own_redis.port))
        monkeypatch.setattr(calls._connection, "_finder", moved)
        assert await calls.ask("PING") == b"PONG", "it is looked at once a second"
        monkeypatch.setattr(redis_calls, "ROLE_EVERY_S", 0.0)
        with pytest.raises(RedisConnectionError):
            calls.ask("PING")
        monkeypatch.setattr(calls._connection, "_finder", None)
        await until(lambda: not calls.open)

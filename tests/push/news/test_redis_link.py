"""A link hands on what Redis says, whole and in order, and says why it ends."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, NoPermissionError

from festival_push.push.news.redis_client import REDIS_FAILURES, close_quietly, redis_client
from festival_push.push.news.redis_link import Link, Reply
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.virtual_time import run
from tests.support.timing.waiting import until

SAID = b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\n\r\n$1\r\r\n:7\r\n$-1\r\n"
HEARD: list[Reply] = [[b"message", b"c", b"\r\n$1\r"], 7, None]


@given(st.lists(st.integers(1, len(SAID)), max_size=12))
def test_replies_come_whole_however_they_are_cut(cuts: list[int]) -> None:
    async def hear() -> None:
        heard: list[Reply] = []
        link = Link(redis_client("redis://127.0.0.1:1/0", prefix="test"), heard.append, within_s=1)
        places = sorted({0, *cuts, len(SAID)})
        for start, end in itertools.pairwise(places):
            link.data_received(SAID[start:end])
        assert heard == HEARD

    run(hear())


async def test_it_speaks_and_hears_until_it_is_cut(own_redis: RedisServer) -> None:
    client, heard = redis_client(own_redis.url, prefix="test"), list[Reply]()
    async with Link(client, heard.append, within_s=20) as link:
        link.send(("SUBSCRIBE", "a"))
        link.send(("SUBSCRIBE", b"\xff"))
        await until(lambda: heard == [[b"subscribe", b"a", 1], [b"subscribe", b"\xff", 2]])
        own_redis.kill()
        await asyncio.wait((link.ended,))
        assert isinstance(link.ended.exception(), REDIS_FAILURES)
        with pytest.raises(RedisConnectionError):
            link.send(("PING",))
    await close_quietly(client)


async def test_its_connection_is_closed_with_its_client(redis_url: str) -> None:
    client, other, heard = redis_client(redis_url, prefix="test"), redis_client(redis_url, prefix="test"), list[Reply]()
    async with Link(client, heard.append, within_s=20) as link:
        link.send(("CLIENT", "ID"))
        await until(lambda: heard)
    await close_quietly(client)

    async def is_gone() -> bool:
        return not await other.client_list(client_id=heard)

    await until(is_gone)
    await close_quietly(other)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(b"-NOPERM no\r\n", NoPermissionError), (b"?\r\n", InvalidResponse), (b"*1\r\n:1\r\n", LookupError)],
)
async def test_it_ends_with_what_its_hearer_raises(answer: bytes, kind: type[Exception]) -> None:
    def hear(reply: Any) -> None:
        if isinstance(reply, Exception):
            raise reply
        assert reply[1] is None

    link = Link(redis_client("redis://127.0.0.1:1/0", prefix="test"), hear, within_s=1)
    link.data_received(answer)
    assert isinstance(link.ended.exception(), kind)

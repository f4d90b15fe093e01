"""Through Sentinels: the primary is found, the next one followed, and one that is a replica by now is left."""

import asyncio
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError

from festival_push.push.news.redis_client import redis_client
from festival_push.web.identity.limits import LocalRateLimiter
from festival_push.web.identity.redis_limits import RedisRateLimiter
from tests.push.news.redis_as_run.crew import PREFIX, crew_on
from tests.push.news.redis_as_run.failovers import fail_over
from tests.push.news.redis_as_run.sentinels import Sentinels
from tests.support.timing.waiting import until
from tests.support.wire.listener import listening

IMPATIENT_S = 1.0
"""Silence for so long is doubted; a busy machine may be silent for longer, and all is well again afterwards."""
DECIDED_WITHIN_S = 180
"""Sentinels on a machine so busy that their clocks seem to jump decide nothing for half a minute."""


@pytest.fixture(scope="module")
def sentinels() -> Iterator[Sentinels]:
    with Sentinels() as running:
        yield running


async def role_of(port: int) -> bytes:
    async with Redis(port=port) as client:
        return bytes((await client.role())[0])


@pytest.mark.parametrize("fault", ["kill", "pause", "ask"])
async def test_all_follow_a_failover_and_leave_the_old_primary(sentinels: Sentinels, fault: str) -> None:
    """And again, when it has come back as a replica."""
    old, new, channel = sentinels.primary(), sentinels.other(), f"{PREFIX}:notices"
    async with crew_on(sentinels.url, heartbeat_s=IMPATIENT_S, deadline_s=2) as crew:
        await crew.works()
        if fault == "kill":
            old.kill()
        elif fault == "pause":
            old.pause()
        else:
            await fail_over(lambda: sentinels.ask_for_failover(new), lambda: sentinels.primary() is new)
        await until(lambda: sentinels.primary() is new, DECIDED_WITHIN_S)
        await crew.works()
        if fault == "kill":
            old.start()
        elif fault == "pause":
            old.resume()

        async def is_replica() -> bool:
            return await role_of(old.port) == b"slave"

        await until(is_replica, DECIDED_WITHIN_S)
        await crew.works()

        async def both_listen() -> bool:  # a connection that was doubted may be listened to for a moment longer
            async with Redis(port=new.port) as client:
                return await client.pubsub_numsub(channel) == [(channel.encode(), 2)]

        await until(both_listen, message="both receivers are at the new primary, and nobody else")
    await until(lambda: sentinels.primary() is new, DECIDED_WITHIN_S)


async def test_one_that_is_demoted_is_left_although_it_takes_what_is_published(sentinels: Sentinels) -> None:
    """PUBLISH is no write for a replica: it takes it, and tells its own subscribers alone."""
    primary, other = sentinels.primary(), sentinels.other()
    client = redis_client(primary.url, prefix=PREFIX)
    assert await client.publish("anything", b"1") == 0
    replica = redis_client(other.url, prefix=PREFIX)
    with pytest.raises(ReadOnlyError, match="it is a replica"):
        await replica.publish("anything", b"1")
    await replica.aclose()
    await fail_over(lambda: sentinels.ask_for_failover(other), lambda: sentinels.primary() is other)

    async def is_refused() -> bool:
        try:
            await client.publish("anything", b"1")
        except ReadOnlyError:
            return True
        except RedisConnectionError:  # Sentinels cut those who are connected to it, too
            return False
        return False

    await until(is_refused, DECIDED_WITHIN_S)
    await client.aclose()


async def test_a_sentinel_that_is_gone_costs_nothing(sentinels: Sentinels) -> None:
    """The others are the most; one that answers nothing is not waited for."""

    async def silence(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    first, _, rest = sentinels.url.partition(",")
    scheme, _, _ = first.rpartition("127.0.0.1")
    async with listening(silence) as port:
        client = redis_client(f"{scheme}127.0.0.1:{port},{rest}", prefix=PREFIX)
        assert await client.ping()
        await client.aclose()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/festival/", "/carnival/"), "the Sentinels know no service of that name"),
        (("sentinel_password=s", "sentinel_password=t"), "invalid username-password"),
    ],
)
async def test_what_the_sentinels_refuse_is_said(sentinels: Sentinels, change: tuple[str, str], said: str) -> None:
    client = redis_client(sentinels.url.replace(*change), prefix=PREFIX)
    with pytest.raises(Exception, match=said):
        await client.ping()
    await client.aclose()


async def test_where_nobody_answers_that_is_said() -> None:
    client = redis_client("redis+sentinel://127.0.0.1:1,127.0.0.1:2/festival", prefix=PREFIX)
    with pytest.raises(Exception, match=r"none of the hosts in redis\.url answers"):
        await client.ping()
    await client.aclose()


async def test_a_request_waits_for_no_sentinel_and_nothing_is_left_when_all_is_closed() -> None:
    """The limits' deadline covers the search too, which goes on behind it until the client is closed."""

    async def silence(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with listening(silence) as port:
        before = asyncio.all_tasks()
        url = f"redis+sentinel://127.0.0.1:{port}/festival"
        limiter = RedisRateLimiter(url, prefix=PREFIX, local=LocalRateLimiter(), deadline_s=0.001)
        for _ in range(3):
            limiter._state.worked()
            assert (await limiter.take("user:anna", 2)).limit == 2
        searching = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}  # type: ignore[union-attr]
        assert "Finder._searched" in searching
        await limiter.close()
        assert not [task for task in asyncio.all_tasks() - before if "Finder" in str(task)]

"""A cluster of several nodes: what needs keys goes to the node that has them, news to any, and both survive a node."""

from collections.abc import Iterator

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from festival_push.push.news.redis_client import key_name, redis_client
from tests.push.news.redis_as_run.cluster import Cluster
from tests.push.news.redis_as_run.crew import PREFIX, crew_on
from tests.push.news.redis_as_run.failovers import fail_over
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until

KEY = key_name(PREFIX, "any")
IMPATIENT_S = 1.0


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


async def replicas_of(primary: RedisServer) -> list[int]:
    async with Redis(port=primary.port) as client:
        replication = await client.info("replication")
        return [each["port"] for name, each in replication.items() if name.startswith("slave")]


@pytest.mark.parametrize("fault", ["kill", "pause"])
async def test_all_go_on_when_the_node_that_has_our_keys_is_gone(cluster: Cluster, fault: str) -> None:
    """And when any other is: connections for news may lead to each of them."""
    async with crew_on(cluster.url, heartbeat_s=IMPATIENT_S, deadline_s=2) as crew:
        await crew.works()
        old = cluster.owner(KEY)
        old.kill() if fault == "kill" else old.pause()
        await crew.works()
        if fault == "pause":
            old.resume()
        else:
            old.start()
        await until(cluster.is_well)
        assert cluster.owner(KEY) is not old
        await crew.works()
        for node in cluster.nodes:
            if node not in {old, cluster.owner(KEY)}:
                node.kill()
                await crew.passes_news()
                node.start()
                await until(cluster.is_well)


async def test_keys_that_move_are_followed(cluster: Cluster) -> None:
    """The node that had them answers MOVED, and is left."""
    async with crew_on(cluster.url) as crew:
        await crew.works()
        old = cluster.owner(KEY)
        [port] = await replicas_of(old)
        with SyncRedis(port=port) as replica:
            await fail_over(lambda: replica.cluster("FAILOVER"), lambda: cluster.owner(KEY) is not old)
        await crew.works()


async def test_news_passes_while_nobody_has_our_keys(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """Limits are local then, the count says that it is not complete, and the log says why."""
    async with crew_on(cluster.url, heartbeat_s=IMPATIENT_S, deadline_s=2) as crew:
        await crew.works()
        owner = cluster.owner(KEY)
        dead = [node for node in cluster.nodes if node is owner or node.port in await replicas_of(owner)]
        for node in dead:
            node.kill()
        await until(lambda: "it is a cluster that lacks the slot of our keys" in caplog.text)
        await crew.passes_news()
        assert not (await crew.presences[0].everywhere()).complete
        assert (await crew.limiters[0].take("user:anna", 2)).allowed
        assert not crew.limiters[0].shared
        for node in dead:
            node.start()


async def test_one_node_that_is_known_is_enough_to_begin_with(cluster: Cluster) -> None:
    for node in cluster.nodes:
        client = redis_client(f"redis+cluster://127.0.0.1:{node.port}", prefix=PREFIX)
        assert await client.set(KEY, node.port)
        await client.aclose()
    async with Redis(port=cluster.owner(KEY).port) as client:
        assert await client.get(KEY) == str(cluster.nodes[-1].port).encode()


async def test_a_plain_url_of_one_node_says_what_to_write(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    other = next(node for node in cluster.nodes if node is not cluster.owner(KEY))
    async with crew_on(other.url) as crew:
        await crew.passes_news()
        await until(lambda: "write redis+cluster:// in redis.url" in caplog.text)

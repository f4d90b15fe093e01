"""How a client stays in touch: over cuts, without streams, across servers; and how the server lets go."""

import json
import re
from pathlib import Path

import asyncpg

from tests.replaces.ear import listening
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower


async def test_a_cut_stream_goes_on_where_it_was(ground: Ground) -> None:
    anna = await ground.customer()
    follower = await Follower.from_now(ground.url(), anna.token)
    for amount in (100, 200, 300):
        await ground.top_up(anna, amount)
    await follower.follow(ground.url(), done=lambda: len(follower.of("balance-updated")) == 3)
    assert follower.greetings[-1]["resumed"] is True
    await ground.top_up(anna, 400)
    await follower.follow(ground.url(), done=lambda: len(follower.of("balance-updated")) == 4)
    assert [data["amount"] for data in follower.of("balance-updated")] == [100, 200, 300, 400]


async def test_long_poll_where_streams_are_swallowed(ground: Ground) -> None:
    anna = await ground.customer()
    first = (await ground.get("/v1/events?wait=0", who=anna)).json()
    await ground.top_up(anna, 700)
    told = (await ground.get(f"/v1/events?after={first['next']}&wait=25", who=anna)).json()
    assert "balance-updated" in {event["event"] for event in told["events"]}


async def test_who_leaves_is_forgotten(ground: Ground) -> None:
    anna, admin = await ground.customer(), await ground.admin()

    async def is_listed() -> bool:
        listed = (await ground.get("/v1/admin/connections?limit=200", who=admin)).json()["items"]
        return anna.user_id in {entry["userId"] for entry in listed}

    async with listening(ground, anna):
        assert await is_listed()

    async def is_gone() -> bool:
        return not await is_listed()

    await until(is_gone, message="the closed stream is off the list")


async def test_events_cross_servers_over_redis(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        ServerProcess(tmp_path / "one", database_url=postgres_url, redis_url=redis_url) as one,
        ServerProcess(tmp_path / "two", database_url=postgres_url, redis_url=redis_url) as two,
    ):
        async with Ground([one, two]) as ground:
            stall, anna = await ground.stall(), await ground.customer(funds=1000)
            async with listening(ground, anna, server=1) as phone:
                answer = await ground.order(anna, stall, server=0)
                order_id = answer.json()["order"]["orderId"]
                await phone.hear("balance-updated", orderId=order_id)

            async def is_published() -> bool:
                return await has_published(ground, one)

            # The other server would have read it in the log within a second: this is what Redis adds.
            await until(is_published, message="the batch was told through Redis")


async def test_database_connections_are_pooled(tmp_path: Path, postgres_url: str) -> None:
    with ServerProcess(tmp_path, database_url=postgres_url) as server:
        async with Ground([server]) as ground:
            people = [await ground.customer() for _ in range(12)]
            for person in people:
                assert await ground.balance(person) == 0
            link = await asyncpg.connect(postgres_url)
            try:
                query = (
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"
                )
                in_use = await link.fetchval(query, "festival-push")
            finally:
                await link.close()
            assert 1 <= in_use <= 5  # the writer and four readers, however many people there are


async def test_every_request_is_logged_without_secrets(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground:
            anna = await ground.customer()
            answer = await ground.get("/v1/me", who=anna)
            request_id = answer.headers["x-request-id"]
            await until(lambda: request_id in server.read_log(), message="the request is in the log")
            line = next(line for line in server.read_log().splitlines() if request_id in line)
            assert isinstance(json.loads(line), dict)
            assert anna.token not in server.read_log()


async def test_the_server_is_monitored(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground:
            anna = await ground.customer()
            async with listening(ground, anna):
                text = (await ground.http.get(f"{server.url}/metrics")).text
                assert re.search(r'^festival_push_streams\{.*role="customer".*\} 1(\.0)?$', text, re.MULTILINE), text
            assert (await ground.http.get(f"{server.url}/readyz")).is_success


async def has_published(ground: Ground, server: ServerProcess) -> bool:
    """Whether a server has told others of what it has committed, by its own count."""
    text = (await ground.http.get(f"{server.url}/metrics")).text
    counted = re.search(r"^festival_push_redis_batches_published_total(?:\{.*\})? (\S+)$", text, re.MULTILINE)
    assert counted is not None, text
    return float(counted[1]) >= 1

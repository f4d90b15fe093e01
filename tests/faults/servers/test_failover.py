"""PostgreSQL fails over to a standby: what it lacks is gone, and nobody is told otherwise."""

import asyncio
from contextlib import suppress

import pytest

from tests.faults.conftest import Serve, check_log
from tests.support.ground import Ground
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.standby import Standby
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower, StreamEnded


async def told(url: str, page: Follower) -> None:
    """Keep the page open, coming back as a browser does, until it has been given another log."""

    def is_told() -> bool:
        return any(greeting.get("reason") == "other-epoch" for greeting in page.greetings)

    async def has_been() -> bool:
        with suppress(StreamEnded, OSError):
            await page.follow(url, done=is_told)
        return is_told()

    await until(has_been, within_s=120, message="the page has been given another log")


@pytest.mark.parametrize("redis", [False, True], ids=["without Redis", "with Redis"])
async def test_open_pages_are_told_the_truth_when_commits_are_lost_though_nobody_orders(
    primary: PostgresServer,
    standby: Standby,
    serve: Serve,
    redis_url: str,
    redis: bool,  # noqa: FBT001
) -> None:
    url = redis_url if redis else ""
    servers = [serve(database_url=primary.url(), redis_url=url) for _ in range(2)]
    async with Ground(servers) as ground:
        anna = await ground.customer(funds=1_000)
        pages = [await Follower.from_now(ground.url(server), anna.token) for server in range(2)]
        following = [asyncio.create_task(told(ground.url(server), page)) for server, page in enumerate(pages)]
        await until(lambda: all(page.greetings for page in pages))
        standby.catch_up()
        standby.cut_off()
        for _ in range(5):
            await ground.top_up(anna, 100)
        await until(lambda: all(len(page.frames) >= 5 for page in pages), within_s=60)
        cursors = [page.cursor for page in pages]
        primary.kill()
        standby.promote(at_port=primary.port)

        await asyncio.gather(*following)
        for page, cursor in zip(pages, cursors, strict=True):
            greeting = page.greetings[-1]
            assert (greeting["resumed"], greeting["reason"]) == (False, "other-epoch")
            assert greeting["snapshot"]["balance"] == 1_000
            assert page.cursor is not None
            assert cursor is not None
            assert page.cursor.split(".")[0] != cursor.split(".")[0]
        assert len({page.cursor.split(".")[0] for page in pages if page.cursor}) == 1, "it is renewed once"

        await ground.top_up(anna, 1)
        for server, page in enumerate(pages):
            await page.until_events(ground.url(server), len(page.frames) + 1)
        assert await ground.balance(anna) == 1_001
        servers[0].audit()
        assert all(server.exit_code is None for server in servers), (
            "a server that ends at once with all others is an outage"
        )
        check_log(ground)


async def test_a_promoted_standby_is_another_log_even_if_nothing_is_lost(
    primary: PostgresServer, standby: Standby, serve: Serve
) -> None:
    async with Ground([serve(database_url=primary.url())]) as ground:
        anna = await ground.customer(funds=1_000)
        page = await Follower.from_now(ground.url(), anna.token)
        standby.catch_up()
        primary.kill()
        standby.promote(at_port=primary.port)
        following = asyncio.create_task(told(ground.url(), page))

        async def tops_up() -> bool:
            return (await ground.try_top_up(anna, 100, key="once")).is_success

        await until(tops_up, within_s=60, message="a command is taken again")
        await following
        assert await ground.balance(anna) == 1_100
        ground.servers[0].audit()

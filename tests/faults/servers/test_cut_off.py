"""A server that is cut off says so, and costs nobody else anything."""

import asyncio
import signal
from functools import partial
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from festival_push.store.errors import CommitUnknown, Unavailable
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.postgres import connection, writer
from tests.faults.conftest import Serve, check_log
from tests.support.ground import Ground
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower
from tests.support.wire.proxy import Proxy

QUICK = {"STREAM__STALE_S": "0.5", "STREAM__HEARTBEAT_S": "2", "REDIS__HEARTBEAT_S": "0.5"}
HURRY_S = 2.0  # enough for a busy machine to connect, and to take a step
LONG_S = 60.0

HOLDS_THE_HEAD = """
    SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
     WHERE l.relation = 'log_head'::regclass AND l.mode = 'RowShareLock' AND a.state = 'idle in transaction'
"""


def through(url: str, proxy: Proxy) -> str:
    """The URL of the same service, through a proxy."""
    return url.replace(f":{urlsplit(url).port}", f":{proxy.port}")


async def reasons(ground: Ground, server: int = 0) -> tuple[int, list[str]]:
    answer = await ground.get("/readyz", server=server)
    return answer.status_code, answer.json()["reasons"]


async def test_readiness_knows_that_no_command_can_be_taken_while_reads_are_fine(
    postgres_url: str, serve: Serve
) -> None:
    async with Ground([serve(database_url=postgres_url)]) as ground:
        anna = await ground.customer(funds=1_000)
        admin = await asyncpg.connect(postgres_url)
        try:
            await admin.execute("BEGIN; SELECT * FROM log_head FOR UPDATE")
            assert (await ground.try_top_up(anna, 1, key="k")).status_code == 503

            async def is_known() -> bool:
                return await reasons(ground) == (503, ["writer"])

            await until(is_known, within_s=60)
            assert await ground.balance(anna) == 1_000, "reads are fine"
            await admin.execute("ROLLBACK")
        finally:
            await admin.close()

        async def is_ready() -> bool:
            return (await reasons(ground))[0] == 200

        await until(is_ready, within_s=60)
        assert (await ground.try_top_up(anna, 1, key="k")).is_success
        check_log(ground)


async def test_a_server_that_hears_nobody_tells_its_streams_and_the_other_goes_on(
    postgres_url: str, redis_url: str, serve: Serve
) -> None:
    async with Proxy(urlsplit(postgres_url).port or 0) as sql, Proxy(urlsplit(redis_url).port or 0) as news:
        other = serve(database_url=postgres_url, redis_url=redis_url, settings=QUICK)
        urls = {"database_url": through(postgres_url, sql), "redis_url": through(redis_url, news)}
        cut = await asyncio.to_thread(partial(serve, settings=QUICK, **urls))  # the proxies are served by this loop
        async with Ground([other, cut]) as ground:
            anna = await ground.customer(funds=1_000)
            page = Follower(anna.token)
            following = asyncio.create_task(
                page.follow(ground.url(1), done=lambda: any(frame.event == "error" for frame in page.raw))
            )
            await until(lambda: bool(page.greetings))
            sql.mode = news.mode = "black-hole"
            assert (await ground.try_top_up(anna, 1, key="k", server=1)).status_code == 503
            assert (await ground.try_top_up(anna, 1, key="k", server=0)).is_success
            await following
            assert [frame.event for frame in page.raw if frame.id is None][-2:] == ["stale", "error"]
            assert page.of("error") == [
                {"code": "unavailable", "message": "The server can't serve this stream now. Reconnecting."}
            ]
            await page.until_events(ground.url(0), 1)  # at the healthy one, where it left off
            sql.mode = news.mode = "pass"
            sql.cut()
            news.cut()

            async def is_back() -> bool:
                return (await reasons(ground, 1))[0] == 200

            await until(is_back, within_s=120)
            assert (await ground.try_top_up(anna, 1, key="k2", server=1)).is_success
            check_log(ground)


async def test_streams_of_a_server_without_the_database_live_on_by_what_others_tell(
    postgres_url: str, redis_url: str, serve: Serve
) -> None:
    async with Proxy(urlsplit(postgres_url).port or 0) as sql:
        other = serve(database_url=postgres_url, redis_url=redis_url, settings=QUICK)
        urls = {"database_url": through(postgres_url, sql), "redis_url": redis_url}
        cut = await asyncio.to_thread(partial(serve, settings=QUICK, **urls))
        async with Ground([other, cut]) as ground:
            anna = await ground.customer(funds=1_000)
            page = Follower(anna.token)
            following = asyncio.create_task(
                page.follow(ground.url(1), done=lambda: len(page.of("balance-updated")) == 6)
            )
            await until(lambda: bool(page.greetings))
            sql.mode = "black-hole"
            for count in range(1, 7):
                await ground.top_up(anna, 1)
                await until(lambda count=count: len(page.of("balance-updated")) >= count)  # type: ignore[misc] # bound here
            await following
            assert page.of("stale") == []


async def test_who_is_stopped_in_a_transaction_holds_nobody_up(postgres_url: str) -> None:
    """As a server that is frozen, or cut off, between two steps: PostgreSQL itself ends its transaction."""
    first, second = await open_database(postgres_url), await open_database(postgres_url)
    try:
        await migrate(first)
        await first.writer().hurry(HURRY_S)
        await first.writer().begin()
        await second.writer().begin()
        await second.writer().commit()
        with pytest.raises((Unavailable, CommitUnknown)):
            await first.writer().commit()
    finally:
        await first.close()
        await second.close()


async def test_who_waits_behind_a_question_without_an_answer_does_not_ask_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_RETRY_MIN_S", LONG_S)  # that moment is not over before we ask
    async with Proxy(urlsplit(postgres_url).port or 0) as sql:
        database = await open_database(through(postgres_url, sql))
        try:
            await migrate(database)
            await database.writer().hurry(HURRY_S)
            await database.writer().begin()
            sql.mode = "black-hole"
            with pytest.raises(Unavailable, match="no answer in time"):
                await database.writer().select(("SELECT 1", ()))
            with pytest.raises(Unavailable, match="did not answer a moment ago"):
                await database.writer().begin()
        finally:
            await database.close()


async def test_a_lock_that_somebody_else_holds_is_no_silence(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server says that it has waited for the lock, before we give up on it."""
    monkeypatch.setattr(connection, "_ANSWER_S", LONG_S)  # however long its word takes on a busy machine
    database = await open_database(postgres_url)
    admin = await asyncpg.connect(postgres_url)
    try:
        await migrate(database)
        await database.writer().hurry(HURRY_S)
        await admin.execute("BEGIN; SELECT * FROM log_head FOR UPDATE")
        with pytest.raises(Unavailable, match="canceling statement due to"):
            await database.writer().begin()
        connections = database.writer().connections
        await admin.execute("ROLLBACK")
        await database.writer().begin()
        assert database.writer().connections == connections
    finally:
        await admin.close()
        await database.close()


async def test_a_server_that_is_frozen_while_it_holds_the_head_lets_it_go(postgres_url: str, serve: Serve) -> None:
    frozen, other = (serve(database_url=postgres_url, settings=QUICK) for _ in range(2))
    async with Ground([other, frozen]) as ground:
        anna = await ground.customer(funds=1_000)
        admin = await asyncpg.connect(postgres_url)
        tries: dict[str, asyncio.Task[httpx2.Response]] = {}
        try:

            async def is_frozen_with_the_head() -> bool:
                key = f"k{len(tries)}"
                tries[key] = asyncio.create_task(ground.try_top_up(anna, 1, key=key, server=1))
                await asyncio.wait((tries[key],), timeout=0.001)  # at some point of its transaction
                frozen.send(signal.SIGSTOP)
                if await admin.fetchval(HOLDS_THE_HEAD):
                    return True
                frozen.send(signal.SIGCONT)
                await tries[key]
                return False

            await until(is_frozen_with_the_head, within_s=120)
            assert (await ground.try_top_up(anna, 1, key="held-up")).status_code in {201, 503}

            async def is_taken() -> bool:
                return (await ground.try_top_up(anna, 1, key="mine")).is_success

            await until(is_taken, within_s=60)
            assert not await admin.fetchval(HOLDS_THE_HEAD)
        finally:
            frozen.send(signal.SIGCONT)
            await admin.close()
        for key, done in tries.items():
            answer = await done
            assert answer.status_code in {201, 503}
            again = await ground.try_top_up(anna, 1, key=key)
            assert again.status_code == 201, "the retry at the other server gets the first answer, or does it now"
            assert answer.status_code == 503 or again.json() == answer.json()
        ground.servers[0].audit()

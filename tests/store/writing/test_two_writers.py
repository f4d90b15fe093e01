"""Two processes over one database: one log without a gap, and money that adds up."""

import asyncio

from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.opening import open_database
from festival_push.store.writing.answers import Committed, StoredAnswer
from tests.store.world import PRICE, World, assert_lawful, once, outcomes
from tests.support.timing.waiting import until

ANNA = UserId("anna")


async def test_two_committers_share_one_log(database: Database, database_url: str) -> None:
    other_database = await open_database(database_url)
    try:
        async with World(database, batch_max=3) as one, World(other_database, batch_max=3) as other:
            await one.ground()
            await one.add_user(ANNA, money=40 * PRICE)
            found = await outcomes(
                *(world.committer.submit(world.order(ANNA)) for _ in range(30) for world in (one, other))
            )
            assert sum(isinstance(outcome, Committed) for outcome in found) == 40
            positions = [row.position for row in (*one.rows, *other.rows)]
            assert sorted(positions) == list(range(1, len(positions) + 1))
        await assert_lawful(database)
    finally:
        await other_database.close()


async def test_a_retry_that_reaches_the_other_process_is_not_done_again(database: Database, database_url: str) -> None:
    other_database = await open_database(database_url)
    try:
        async with World(database) as one, World(other_database) as other:
            await one.ground()
            await one.add_user(ANNA, money=10 * PRICE)
            answers: list[StoredAnswer] = await asyncio.gather(
                *(
                    world.committer.submit_once(world.order(ANNA), once("k"))
                    for _ in range(10)
                    for world in (one, other)
                )
            )
            assert len({answer.body for answer in answers}) == 1
            assert [answer.replayed for answer in answers].count(False) == 1
            assert await one.count("orders") == 1
    finally:
        await other_database.close()


async def test_what_comes_while_another_process_writes_is_committed_together(
    database: Database, database_url: str
) -> None:
    other_database = await open_database(database_url)
    try:
        async with World(database) as one, World(other_database) as other:
            await one.ground()
            await one.add_user(ANNA, money=10 * PRICE)
            await other.committer.submit(one.order(ANNA))
            await one.committer.submit(one.order(ANNA))  # knows now that it is not alone
            batches = sum(one.committer.stats.sizes.counts)
            await other_database.writer().begin()
            first = asyncio.create_task(one.committer.submit(one.order(ANNA)))
            await until(lambda: one.committer._groups._busy_since_s is not None)
            later = [asyncio.create_task(one.committer.submit(one.order(ANNA))) for _ in range(5)]
            await until(lambda: one.committer.waiting >= len(later))
            await other_database.writer().rollback()
            assert all(isinstance(outcome, Committed) for outcome in await outcomes(first, *later))
            assert sum(one.committer.stats.sizes.counts) == batches + 1
    finally:
        await other_database.close()

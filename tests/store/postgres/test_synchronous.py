"""What is acknowledged has reached the synchronous standby, also after the answer to a COMMIT was lost."""

import asyncio
from collections.abc import Iterator
from typing import Final

import pytest

from festival_push.domain.values import UserId
from festival_push.store.errors import Unavailable
from festival_push.store.opening import open_database
from festival_push.store.postgres.database import PostgresDatabase
from tests.store.world import PRICE, World, once, outcomes
from tests.support.servers.postgres import PostgresServer
from tests.support.timing.waiting import until

ANNA: Final = UserId("anna")
END: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def primary() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


def expect_standby(primary: PostgresServer, name: str) -> None:
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    primary.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("locked", [True, False])
async def test_a_lost_answer_is_no_proof_that_the_standby_has_it(primary: PostgresServer, *, locked: bool) -> None:
    """Somebody ends the wait for the standby: the rows are there, and it lacks them."""
    inner = await open_database(primary.migrated())
    assert isinstance(inner, PostgresDatabase)
    async with World(inner, settle_s=5.0) as one:
        await one.ground()
        await one.add_user(ANNA, money=100 * PRICE)
        await inner.writer().hurry(1.0)
        for _ in range(5):
            await one.committer.submit(one.top_up(ANNA, 1))
        if locked:
            inner.writer()._head.note_others()
        connections = inner.writer().connections
        expect_standby(primary, "nobody")
        try:
            waiting = asyncio.create_task(one.committer.submit_once(one.order(ANNA), once("k")))
            await until(lambda: inner.writer().connections > connections)  # it has given up, and asks what became of it
            primary.execute(END)
            [outcome] = await outcomes(waiting)
            assert isinstance(outcome, Unavailable)
            assert outcome.outcome_unknown
            [again] = await outcomes(one.committer.submit_once(one.order(ANNA), once("k")))
            assert isinstance(again, Unavailable), "the kept answer is not on the standby either"
        finally:
            expect_standby(primary, "")
        answer = await one.committer.submit_once(one.order(ANNA), once("k"))
        assert answer.replayed
    await inner.close()

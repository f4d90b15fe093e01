"""What is acknowledged has reached the synchronous standby, also after the answer to a COMMIT was lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest

from festival_push.store.errors import Unavailable
from festival_push.store.opening import open_database
from festival_push.store.postgres.database import PostgresDatabase
from tests.store.world import ANNA, PRICE, World, once, outcomes
from tests.support.servers.postgres import PostgresServer
from tests.support.timing.waiting import until

WAITS: Final = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
END: Final = "SELECT {}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def primary() -> Iterator[PostgresServer]:
    with PostgresServer({"client_min_messages": "error"}) as server:  # by default, it says no warnings
        yield server


def expect_standby(primary: PostgresServer, name: str) -> None:
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    primary.execute("SELECT pg_reload_conf()")


async def waits(primary: PostgresServer) -> bool:
    """Whether somebody waits for the standby."""
    return primary.execute(WAITS) == "1"


@pytest.fixture
async def inner(primary: PostgresServer) -> AsyncIterator[PostgresDatabase]:
    database = await open_database(primary.migrated())
    assert isinstance(database, PostgresDatabase)
    yield database
    await database.close()


@pytest.fixture
async def one(inner: PostgresDatabase) -> AsyncIterator[World]:
    async with World(inner, settle_s=5.0) as one:
        await one.ground()
        await one.add_user(ANNA, money=100 * PRICE)
        yield one


async def begin(one: World, inner: PostgresDatabase, *, locked: bool, within_s: float) -> None:
    """Bound each step; the next transaction locks the head first, or nothing."""
    await inner.writer().hurry(within_s)
    while not inner.writer()._head.is_ours:
        await one.committer.submit(one.top_up(ANNA, 1))
    if locked:
        inner.writer()._head.note_others()


@pytest.mark.parametrize("locked", [True, False])
async def test_a_lost_answer_is_no_proof_that_the_standby_has_it(
    primary: PostgresServer, inner: PostgresDatabase, one: World, *, locked: bool
) -> None:
    """Somebody ends the wait for the standby: the rows are there, and it lacks them."""
    await begin(one, inner, locked=locked, within_s=1.0)
    connections = inner.writer().connections
    expect_standby(primary, "nobody")
    try:
        waiting = asyncio.create_task(one.committer.submit_once(one.order(ANNA), once("k")))
        await until(lambda: inner.writer().connections > connections)  # it has given up, and asks what became of it
        primary.execute(END.format("pg_terminate_backend"))
        [outcome] = await outcomes(waiting)
        assert isinstance(outcome, Unavailable)
        assert outcome.outcome_unknown
        [again] = await outcomes(one.committer.submit_once(one.order(ANNA), once("k")))
        assert isinstance(again, Unavailable), "the kept answer is not on the standby either"
    finally:
        expect_standby(primary, "")
    answer = await one.committer.submit_once(one.order(ANNA), once("k"))
    assert answer.replayed


@pytest.mark.parametrize("locked", [True, False])
async def test_nor_is_an_answer_with_the_warning_that_the_standby_may_lack_it(
    primary: PostgresServer, inner: PostgresDatabase, one: World, *, locked: bool
) -> None:
    """Somebody cancels the statement: PostgreSQL warns, and then says that it is done."""
    await begin(one, inner, locked=locked, within_s=30.0)  # it does not give up by itself
    expect_standby(primary, "nobody")
    try:
        waiting = asyncio.create_task(one.committer.submit_once(one.order(ANNA), once("k")))
        await until(lambda: waits(primary))
        primary.execute(END.format("pg_cancel_backend"))
        [outcome] = await outcomes(waiting)
        assert isinstance(outcome, Unavailable)
        assert outcome.outcome_unknown
    finally:
        expect_standby(primary, "")
    answer = await one.committer.submit_once(one.order(ANNA), once("k"))
    assert answer.replayed

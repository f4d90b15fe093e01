"""Sessions of ours that hold the head and have lost their process within a statement are ended by who waits."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest

from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable
from festival_push.store.opening import open_database
from festival_push.store.postgres.connection import LOST
from tests.store.world import World, outcomes
from tests.support.timing.waiting import until

ANNA: Final = UserId("anna")
LOCK: Final = "SELECT id FROM log_head WHERE id = 1 FOR UPDATE"


SHORT_S: Final = 0.2
"""A machine that is busy may take longer for anything, so whatever waits so shortly is tried again."""


@pytest.fixture
async def world(migrated_postgres_url: str) -> AsyncIterator[World]:
    """Waits only shortly for a lock."""
    database = await open_database(migrated_postgres_url)
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA)
    await database.close()
    database = await until(lambda: opened(migrated_postgres_url))
    async with World(database) as world:
        yield world
    await database.close()


async def opened(url: str) -> Database | None:
    try:
        return await open_database(url, wait_s=SHORT_S)
    except Unavailable:
        return None


async def is_topped_up(world: World) -> bool:
    """Whether one attempt succeeds."""
    [outcome] = await outcomes(world.committer.submit(world.top_up(ANNA, 1)))
    assert isinstance(outcome, Unavailable) or not isinstance(outcome, Exception)
    return not isinstance(outcome, Unavailable)


async def session(url: str, name: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Somebody's, who holds the head in a transaction."""
    connection = await asyncpg.connect(url, server_settings={"application_name": name})
    await connection.execute("BEGIN")
    await connection.execute(LOCK)
    return connection


@pytest.mark.parametrize("hurried", [True, False])
@pytest.mark.parametrize("alone", [True, False])
async def test_one_that_is_cut_off_within_a_statement_lets_the_head_go(
    world: World, migrated_postgres_url: str, *, alone: bool, hurried: bool
) -> None:
    """The driver asks the server to parse a statement, and sends its values only then."""
    if hurried:  # as a server does
        await world.database.writer().hurry(SHORT_S)
    for _ in range(5 if alone else 0):
        await until(lambda: is_topped_up(world))
    cut_off = await session(migrated_postgres_url, "festival-push")
    await cut_off.prepare("SELECT 1")
    await until(lambda: is_topped_up(world))
    with pytest.raises((asyncpg.PostgresError, *LOST)):
        await cut_off.fetchval("SELECT 1")


async def test_somebody_elses_is_left_alone(world: World, migrated_postgres_url: str) -> None:
    somebody = await session(migrated_postgres_url, "psql")
    await somebody.prepare("SELECT 1")
    for _ in range(3):
        assert not await is_topped_up(world)
    assert await somebody.fetchval("SELECT 1") == 1
    await somebody.close()

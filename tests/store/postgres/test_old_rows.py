"""What PostgreSQL can't clean up, because somebody reads as of long ago, is told: each batch reads over it."""

from typing import Final

import asyncpg

from festival_push.store.checks import read_upkeep
from festival_push.store.opening import open_database
from tests.support.timing.waiting import until

COMMITS: Final = 300


async def old_heads(url: str) -> int:
    database = await open_database(url, read_only=True)
    try:
        upkeep = await read_upkeep(database)
    finally:
        await database.close()
    assert upkeep is not None
    return upkeep.old_heads


async def commit_often(url: str) -> None:
    """Give the head other versions; what the server counts of it is told at the end of the connection."""
    writer = await asyncpg.connect(url)
    for _ in range(COMMITS):
        await writer.execute("UPDATE log_head SET position = position")
    await writer.close()


async def test_versions_that_somebody_may_still_see_stay_and_are_counted(migrated_postgres_url: str) -> None:
    async def stay() -> bool:
        return await old_heads(migrated_postgres_url) >= COMMITS

    async def are_gone() -> bool:
        return await old_heads(migrated_postgres_url) < COMMITS // 2

    reader = await asyncpg.connect(migrated_postgres_url)
    async with reader.transaction(isolation="repeatable_read"):
        await reader.fetch("SELECT 1 FROM log_head")
        await commit_often(migrated_postgres_url)
        await until(stay)
    await reader.execute("VACUUM log_head")
    await reader.close()
    await until(are_gone)

"""Run as a process: a committer whose database file may not grow any more, and then may again."""

import asyncio
import resource
import sys
from pathlib import Path

from festival_push.store.database import Database
from festival_push.store.errors import Unavailable
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.writing.answers import Committed
from tests.store.world import ANNA, PRICE, World, assert_lawful, outcomes


async def main(url: str) -> None:
    """Raises AssertionError when a fault does more than fail its batch."""
    database = await open_database(url)
    try:
        await migrate(database)
        await fill_up(database, Path(url.removeprefix("sqlite:///")))
    finally:
        await database.close()  # else its threads would keep the process


async def fill_up(database: Database, path: Path) -> None:
    """Let writes fail, from where the files stand. Raises AssertionError if a fault does more than fail its batch."""
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=200 * PRICE)
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        placed = 0
        stands = max(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")))
        for limit in range(stands, stands + 500_000, 7_001):  # so that it strikes at many different places
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            found = await outcomes(*(world.committer.submit(world.order(ANNA)) for _ in range(2)))
            kinds = {type(outcome) for outcome in found}
            assert kinds in ({Committed}, {Unavailable}), found
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
            placed += 2 * (kinds == {Committed})
            assert await world.count("orders") == placed
            await assert_lawful(database)
        assert 0 < placed < 144, placed


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

"""Run as a process: a committer whose database file may not grow any more, and then may again."""

import asyncio
import resource
import sys

from festival_push.domain.values import UserId
from festival_push.store.errors import Unavailable
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.writing.answers import Committed
from tests.store.world import PRICE, World, assert_lawful, outcomes

ANNA = UserId("anna")


async def main(url: str) -> None:
    """Raises AssertionError when a fault does more than fail its batch."""
    database = await open_database(url)
    await migrate(database)
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=200 * PRICE)
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        placed = 0
        for limit in range(200_000, 700_000, 7_001):  # so that it strikes at many different places
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            found = await outcomes(*(world.committer.submit(world.order(ANNA)) for _ in range(2)))
            kinds = {type(outcome) for outcome in found}
            assert kinds in ({Committed}, {Unavailable}), found
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
            placed += 2 * (kinds == {Committed})
            assert await world.count("orders") == placed
            await assert_lawful(database)
        assert 0 < placed < 144, placed
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

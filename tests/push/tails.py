"""Tails at work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from festival_push.push.news.tail import Tail
from tests.support.timing.waiting import until


@asynccontextmanager
async def following(*tails: Tail) -> AsyncIterator[None]:
    """Run the tails, from the moment when each has made its first reading."""
    for tail in tails:
        await tail.start()
    tasks = [asyncio.create_task(tail.run()) for tail in tails]
    try:
        await until(lambda: all(tail._read_well >= 2 for tail in tails))
        yield
        assert [task.exception() for task in tasks if task.done()] == []
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

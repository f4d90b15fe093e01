"""A client that comes without a cursor while events flow: its snapshot and what follows are the whole truth."""

import asyncio
import json
import random
from typing import Final

from tests.faults.conftest import Serve, check_log
from tests.support.checker import Records, read_records, stream_findings
from tests.support.ground import Ground, Person
from tests.support.traffic import Traffic
from tests.support.wire.follower import Follower

NEWCOMERS: Final = 150
AT_ONCE: Final = 6
EVENTS_MAX: Final = 12


async def test_a_snapshot_and_the_events_after_it_leave_no_gap_and_no_double(
    serve: Serve, dice: random.Random, database_url: str | None
) -> None:
    server = serve(database_url=database_url, settings={"LIMITS__STREAMS_PER_USER": "1000"})
    async with Ground([server]) as ground:
        stall = await ground.stall(prices={"water": 1})
        anna = await ground.customer(funds=50_000)
        traffic = Traffic(ground, stall, anna, dice)
        newcomers = [Follower(anna.token) for _ in range(NEWCOMERS)]
        waiting, served = list(newcomers), []

        async def let_in() -> None:
            while waiting:
                follower = waiting.pop()
                await follower.until_events(server.url, dice.randrange(1, EVENTS_MAX))
                served.append(follower)

        async with asyncio.TaskGroup() as group:  # pytest bounds its time
            group.create_task(traffic.run(lambda: len(served) == NEWCOMERS))
            for _ in range(AT_ONCE):
                group.create_task(let_in())
        records = await read_records(server.database_url)
        for follower in newcomers:
            assert_whole_truth(follower, anna, records)
        check_log(ground)


def assert_whole_truth(follower: Follower, person: Person, records: Records) -> None:
    """The snapshot is the state at its position, and the events go on right after it."""
    (greeting,) = follower.greetings
    begun = int((follower.raw[0].id or "").rpartition(".")[2])
    assert greeting["snapshot"]["balance"] == balance_at(begun, person, records)
    assert stream_findings(follower.frames, records, person.topics, after=begun, up_to=follower.position) == []


def balance_at(position: int, person: Person, records: Records) -> int:
    """The person's balance as the log told it last, up to a position."""
    told = [
        entry.data
        for entry in records.log[:position]
        if entry.type == "balance-updated" and f"user:{person.user_id}" in entry.topics
    ]
    balance: int = json.loads(told[-1])["newBalance"]
    return balance

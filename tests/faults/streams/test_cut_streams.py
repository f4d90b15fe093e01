"""Clients that are cut off fifty times while a thousand events flow: each gets its events once, in order.

The flow, the cuts and the faults follow from one seed; with a failure it is shown, and one command repeats the plan.
"""

import asyncio
import math
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import httpx2

from tests.faults.conftest import Serve, check_log
from tests.push.news.redis_as_run.sentinels import Sentinels
from tests.support.checker import Records, broken_promises, last_position, read_records, stream_findings
from tests.support.ground import Ground
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import ServerProcess
from tests.support.timing.waiting import until
from tests.support.traffic import Traffic
from tests.support.wire.follower import Follower, knock

EVENTS_MIN: Final = 1_000
CUTS: Final = 50
_ROOMY: Final = {"LIMITS__STREAMS_PER_USER": "1000"}  # a cut stream counts until the server has noticed

_HEALED_WITHIN_S: Final = 180.0  # Sentinels on a machine so busy that clocks seem to jump decide nothing for 30 s


class Cut(NamedTuple):
    """Where a connection ends: after so many bytes of the response, its head included."""

    after_bytes: int
    reset: bool


@dataclass
class CutClient:
    """A follower, what it follows, and where it will be cut."""

    follower: Follower
    topics: frozenset[str]
    cuts: Sequence[Cut]
    done: int = 0

    async def run(self, servers: Sequence[ServerProcess], dice: random.Random) -> None:
        """Go through all cuts, at one server and the other, whatever the servers do meanwhile."""
        while self.done < len(self.cuts):
            cut, server = self.cuts[self.done], dice.choice(servers)
            stream = await knock(self.follower, server.url)
            with stream:
                if await self.follower.read_from(stream, cut.after_bytes):
                    self.done += 1
                if cut.reset:
                    stream.cut()

    async def catch_up(self, server: ServerProcess, records: Records) -> None:
        """Follow to the end of the log, which has come to rest."""
        await self.follower.reach(server.url, last_position(records, self.topics))


def plan_cuts(dice: random.Random, share_bytes: int) -> list[Cut]:
    """Some within the head or the first frame, some after a few events, some after dozens.

    Args:
        share_bytes: Roughly a fiftieth of what this client will receive, so that it is cut all along the way.
    """
    ends = (300, share_bytes, 4 * share_bytes)
    return [Cut(dice.randrange(dice.choice(ends)), dice.random() < 0.5) for _ in range(CUTS)]


@dataclass
class Run:
    """One run of the plan over running servers.

    The traffic tells how long the log is, not the clients: all of them may be done, and follow no more, before it is
    long enough.
    """

    traffic: Traffic
    clients: list[CutClient]

    async def reached(self, position: int) -> None:
        """Wait until the log is as long as this."""
        await until(lambda: self.traffic.position >= position, within_s=math.inf, message=f"{position} events")

    def enough(self) -> bool:
        """Whether the flow may end."""
        return self.traffic.position >= EVENTS_MIN and all(client.done == len(client.cuts) for client in self.clients)


async def run_plan(
    servers: Sequence[ServerProcess], dice: random.Random, faults: Callable[[Run], Coroutine[None, None, None]]
) -> None:
    """Let the events flow, cut the clients, do the faults; then compare what everyone received with the log."""
    async with Ground(servers) as ground:
        stall = await ground.stall(prices={"water": 1})
        anna = await ground.customer(funds=50_000)
        screen, admin = await ground.screen(stall), await ground.admin()
        begun = await read_records(servers[0].database_url)
        cursor, board = f"{begun.epoch}.{begun.head}", f"/v1/boards/{stall.vendor_id}/stream"
        clients = [
            CutClient(Follower(anna.token, cursor=cursor), anna.topics, plan_cuts(dice, 2_800)),
            CutClient(Follower(stall.token, cursor=cursor), stall.topics, plan_cuts(dice, 2_800)),
            CutClient(Follower(admin.token, cursor=cursor), admin.topics, plan_cuts(dice, 800)),
            CutClient(Follower(screen.token, board, cursor=cursor), screen.topics, plan_cuts(dice, 800)),
        ]
        traffic = Traffic(ground, stall, anna, dice)
        run = Run(traffic, clients)
        async with asyncio.TaskGroup() as group:  # pytest bounds its time
            group.create_task(traffic.run(run.enough))
            group.create_task(faults(run))
            for client in clients:
                group.create_task(client.run(servers, random.Random(dice.randrange(2**32))))  # noqa: S311 - a plan
        records = await read_records(servers[0].database_url)
        assert records.head >= EVENTS_MIN
        assert broken_promises(records) == []
        for client in clients:
            await client.catch_up(dice.choice(servers), records)
            assert stream_findings(client.follower.frames, records, client.topics, after=begun.head) == []
            assert all(greeting["resumed"] for greeting in client.follower.greetings)
        servers[0].audit()
        check_log(ground)


async def no_fault(run: Run) -> None:
    """Nothing happens but the cuts."""


async def test_one_server(serve: Serve, dice: random.Random) -> None:
    await run_plan([serve(settings=_ROOMY)], dice, no_fault)


async def test_two_servers_on_one_redis(serve: Serve, dice: random.Random, redis_url: str, postgres_url: str) -> None:
    servers = [serve(database_url=postgres_url, redis_url=redis_url, settings=_ROOMY) for _ in range(2)]
    await run_plan(servers, dice, no_fault)


async def test_two_servers_whose_redis_is_killed_and_restarted(
    serve: Serve, dice: random.Random, own_redis: RedisServer
) -> None:
    servers = [serve(redis_url=own_redis.url, settings=_ROOMY) for _ in range(2)]

    async def kill_redis_twice(run: Run) -> None:
        for kill_at, start_at in ((150, 400), (600, 800)):
            await run.reached(kill_at)
            own_redis.kill()
            await run.reached(start_at)
            own_redis.start()

    await run_plan(servers, dice, kill_redis_twice)


async def test_two_servers_whose_sentinels_make_another_redis_the_primary(serve: Serve, dice: random.Random) -> None:
    with Sentinels() as sentinels:
        servers = [serve(redis_url=sentinels.url, settings=_ROOMY) for _ in range(2)]

        async def all_use_redis() -> bool:
            async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
                answers = [await http.get(f"{each.url}/readyz") for each in servers]
            return all(answer.json()["redis"] == "ok" for answer in answers)

        async def fail_over(run: Run) -> None:
            await until(all_use_redis, _HEALED_WITHIN_S)
            await run.reached(300)
            old, new = sentinels.primary(), sentinels.other()
            old.kill()
            await until(lambda: sentinels.primary() is new, _HEALED_WITHIN_S)
            await until(all_use_redis, _HEALED_WITHIN_S)
            await run.reached(min(run.traffic.position + 300, EVENTS_MIN))

        await run_plan(servers, dice, fail_over)


async def test_a_server_that_is_killed_in_between(serve: Serve, dice: random.Random, database_url: str | None) -> None:
    server = serve(database_url=database_url, settings=_ROOMY)

    async def kill_thrice(run: Run) -> None:
        for position in (200, 500, 800):
            await run.reached(position + dice.randrange(100))
            server.kill()
            server.launch()
            await until(server.listens, within_s=120, message="the server listens again")

    await run_plan([server], dice, kill_thrice)

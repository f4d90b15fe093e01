"""A running festival leaves its SQLite file for PostgreSQL: nobody notices but by the minute in which it was closed."""

import asyncio
import random
from dataclasses import replace
from functools import partial

import pytest

from tests.faults.conftest import Serve
from tests.support.checker import broken_promises, read_records
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess
from tests.support.traffic import Traffic
from tests.support.wire.follower import Follower


def refused(server: ServerProcess, *arguments: str) -> str:
    with pytest.raises(AssertionError) as complaint:
        server.command(*arguments)
    return str(complaint.value)


def beside(server: ServerProcess) -> set[str]:
    """The names of the SQLite files in its folder; not those of locks."""
    names = {path.name for path in server.home.glob("festival.db*")}
    return {name for name in names if not name.endswith(".in-use") and ".writer" not in name}


def knows(client: Follower, balance: int) -> bool:
    """Whether a client was told of this balance last."""
    told = client.of("balance-updated")
    return bool(told) and told[-1]["newBalance"] == balance


async def test_streams_keys_and_money_go_on_in_postgres(serve: Serve, postgres_url: str, dice: random.Random) -> None:
    server = serve()
    async with Ground([server]) as ground:
        stall = await ground.stall(prices={"water": 100})
        anna = await ground.customer("Añna 🎪", funds=50_000)
        follower, board = await Follower.from_now(server.url, anna.token), await ground.screen(stall)
        traffic = Traffic(ground, stall, anna, dice, clients=4)
        running = asyncio.create_task(traffic.run(lambda: len(traffic.placed) >= 30))
        await running
        first = await ground.order(anna, stall, key="kept")
        seen_half = await Follower.from_now(server.url, anna.token)
        last = await ground.order(anna, stall, key="after")
        assert last.is_success
        assert "a server uses it: stop that first" in refused(server, "copy-to", postgres_url)
        assert server.terminate() == 0
        before = await read_records(server.database_url)
        assert "must begin with postgresql://" in refused(server, "copy-to", "sqlite:///other.db")

        printed = server.command("copy-to", postgres_url)
        epoch = before.epoch
        assert f"the log goes on as {epoch} after event {before.head}" in printed
        left = beside(server)
        assert {name.partition("-")[0] for name in left} == {"festival.db.moved"}
        for command in ("serve", "migrate", "audit"):
            assert f"has moved into PostgreSQL, and left {left.copy().pop()}" in refused(server, command)
        assert beside(server) == left, "nobody begins another festival in its place"
        server.database_url = server.environ["DATABASE_URL"] = postgres_url
        after = await read_records(postgres_url)
        assert replace(after, kept=sorted(after.kept)) == replace(before, kept=sorted(before.kept))
        assert broken_promises(after) == []
        server.start()

        again = await ground.order(anna, stall, key="kept")
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert (await ground.order(anna, stall, key="new")).status_code == 201
        await ground.top_up(anna, 17)
        balance = await ground.balance(anna)
        for client in (follower, seen_half):
            greeted = len(client.greetings)
            await client.follow(server.url, done=partial(knows, client, balance))
            assert client.greetings[greeted]["resumed"] is True
            positions = [int(str(frame.id).partition(".")[2]) for frame in client.frames]
            assert positions == sorted(set(positions)), "nothing twice, and in order"
        assert (
            await ground.http.get(
                f"{server.url}/v1/boards/{stall.vendor_id}", headers={"Authorization": f"Bearer {board.token}"}
            )
        ).is_success
        server.audit()


async def test_a_target_with_something_in_it_is_left_alone(serve: Serve, postgres_url: str) -> None:
    server = serve()
    async with Ground([server]) as ground:
        await ground.customer(funds=100)
        assert server.terminate() == 0
        server.command("copy-to", postgres_url)
        for name in beside(server):
            if name.startswith("festival.db.moved-"):
                (server.home / name).rename(server.home / "festival.db")
        before = await read_records(postgres_url)
        assert "give an empty database" in refused(server, "copy-to", postgres_url)
        assert await read_records(postgres_url) == before
        assert "festival.db" in beside(server)

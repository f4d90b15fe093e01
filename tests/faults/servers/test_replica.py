"""A replica that is far behind, or gone, lets nobody in who was sent away, and keeps nobody out."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.conftest import Serve
from tests.support.ground import Ground, Person
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.standby import Standby
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower


@pytest.fixture
async def ground(serve: Serve, primary: PostgresServer, standby: Standby) -> AsyncIterator[Ground]:
    """A server with a replica."""
    server = serve(database_url=primary.url(), settings={"DATABASE__READ_URL": standby.url()})
    async with Ground([server]) as ground:
        yield ground


async def history_of(ground: Ground, person: Person) -> list[int]:
    """The amounts of somebody's transactions, newest first."""
    answer = await ground.get("/v1/me/transactions", who=person)
    assert answer.status_code == 200, answer.text
    return [each["amount"] for each in answer.json()["items"]]


async def test_a_replica_that_lags_decides_nothing_and_hides_nothing(ground: Ground, standby: Standby) -> None:
    await ground.admin()
    standby.pause()  # from here on it shows nothing new, however long one waits
    anna = await ground.customer("Anna")
    assert (await ground.get("/v1/me", who=anna)).status_code == 200, "who has just registered is known"
    await ground.top_up(anna, 700)
    assert await ground.balance(anna) == 700
    assert await history_of(ground, anna) == [700], "one's own history includes one's own last deed"
    screen = await ground.screen(await ground.stall())
    board = await ground.http.get(
        f"{ground.url()}/v1/boards/{screen.vendor_id}", headers={"Authorization": f"Bearer {screen.token}"}
    )
    assert board.status_code == 200
    follower = Follower(anna.token)
    with await follower.connect(ground.url()) as stream:
        follower.take(await stream.read_until())
        await ground.top_up(anna, 50)
        follower.take(await stream.read_until(lambda frames: any(frame.event == "balance-updated" for frame in frames)))
        assert (await ground.post(f"/v1/admin/users/{anna.user_id}/suspend", {}, who=await ground.admin())).is_success
        follower.take(await stream.read_to_end())
    assert (await ground.get("/v1/me", who=anna)).status_code in {401, 403}
    ready = await ground.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert "replica" in ready.json()["reasons"]
    assert "festival_push_replica_up 0" in (await ground.get("/metrics")).text


async def test_a_replica_that_goes_takes_nothing_with_it(ground: Ground, standby: Standby) -> None:
    anna = await ground.customer("Anna", funds=700)
    assert await history_of(ground, anna) == [700]
    standby.kill()
    for more in range(1, 4):
        await ground.top_up(anna, more)
        assert (await history_of(ground, anna))[0] == more
    assert (await ground.get("/readyz")).json()["reasons"].count("replica") == 1


async def test_a_primary_that_goes_is_not_hidden_by_its_replica(ground: Ground, primary: PostgresServer) -> None:
    anna = await ground.customer("Anna", funds=700)
    assert await history_of(ground, anna) == [700]
    primary.kill()
    ready = await ground.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "unavailable")
    assert (await ground.get("/v1/me", who=anna)).status_code == 503
    primary.start()
    await until(lambda: is_ready(ground))
    assert await ground.balance(anna) == 700


async def is_ready(ground: Ground) -> bool:
    return (await ground.get("/readyz")).status_code == 200

"""Who is connected, over two real servers: both count all streams, and a server that dies takes its own with it."""

from contextlib import ExitStack
from typing import Any, Final

from tests.faults.conftest import Serve, check_log
from tests.support.ground import Ground, Person
from tests.support.servers.redis_server import RedisServer
from tests.support.timing.waiting import until
from tests.support.wire.follower import Follower

PATIENCE_S: Final = 120.0  # a dead server lives on in Redis for four seconds; and there are busy machines


async def connections(ground: Ground, server: int) -> dict[str, Any]:
    answer = await ground.get("/v1/admin/connections", who=await ground.admin(), server=server)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_both_servers_count_the_streams_of_both_until_one_dies(serve: Serve, own_redis: RedisServer) -> None:
    one, other = serve(redis_url=own_redis.url), serve(redis_url=own_redis.url)
    async with Ground([one, other]) as ground:
        anna, ben = await ground.customer("Anna"), await ground.customer("Ben")

        def line(who: Person, streams: int) -> dict[str, object]:
            return {"userId": who.user_id, "userType": "customer", "streams": streams}

        both = sorted([line(anna, 2), line(ben, 1)], key=lambda item: str(item["userId"]))

        async def whole(server: int) -> bool:
            found = await connections(ground, server)
            counted = {"items": both, "next": None, "total": 3, "processes": 2, "complete": True}
            return found == counted

        async def overviewed() -> bool:
            overview = (await ground.get("/v1/admin/overview", who=await ground.admin())).json()
            return (overview["streams"], overview["streamsComplete"]) == (3, True)

        with ExitStack() as stack:
            for who, server in ((anna, one), (anna, other), (ben, other)):
                follower = Follower(who.token)
                stream = stack.enter_context(await follower.connect(server.url))
                follower.take(await stream.read_until())
            await until(lambda: whole(0), PATIENCE_S)
            await until(lambda: whole(1), PATIENCE_S)
            await until(overviewed, PATIENCE_S)

            other.kill()
            alone = {"items": [line(anna, 1)], "next": None, "total": 1, "processes": 1, "complete": True}

            async def forgotten() -> bool:
                return await connections(ground, 0) == alone

            await until(forgotten, PATIENCE_S)
            own_redis.kill()
            assert await connections(ground, 0) == alone | {"complete": False}
        check_log(ground)


async def test_without_redis_each_server_speaks_for_itself_and_says_so(serve: Serve) -> None:
    server = serve(settings={"SERVER__WORKERS": "2"})
    async with Ground([server]) as ground:
        found = await connections(ground, 0)
        assert (found["processes"], found["complete"]) == (1, False)

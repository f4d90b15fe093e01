"""Rights that are taken away at one server end the open streams at every server, with Redis and without it (then the
log is read each second).

How soon: a guard ends streams at once when it hears of it, and whatever else waits, waits for one of two timers.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack

import httpx2
import pytest

from festival_push import app
from festival_push.push.streams.registry import _SWEEP_S
from tests.faults.conftest import Serve, check_log
from tests.support.ground import Ground, Person
from tests.support.timing.waiting import until
from tests.support.wire.follower import Connection, Follower


def test_whatever_waits_for_a_timer_waits_a_second_at_most() -> None:
    assert max(app._POLL_S, _SWEEP_S) <= 1


@pytest.fixture(params=["redis", "log"])
async def grounds(request: pytest.FixtureRequest, serve: Serve) -> AsyncIterator[Ground]:
    """Two servers over one database, which hear each other through Redis or by reading the log."""
    redis_url = str(request.getfixturevalue("redis_url")) if request.param == "redis" else ""
    async with Ground([serve(redis_url=redis_url) for _ in range(2)]) as ground:
        await ground.admin()
        yield ground
        check_log(ground)


async def ends_everywhere(ground: Ground, token: str, path: str, take_away: Callable[[], Awaitable[object]]) -> str:
    """Open a stream at both servers, take the right away at the first, and return the code that ended both."""
    followers = [Follower(token, path) for _ in ground.servers]
    with ExitStack() as stack:
        streams: list[Connection] = []
        for follower, server in zip(followers, ground.servers, strict=True):
            streams.append(stack.enter_context(await follower.connect(server.url)))
            follower.take(await streams[-1].read_until())
        await take_away()
        for follower, stream in zip(followers, streams, strict=True):
            follower.take(await stream.read_to_end())
    (code,) = {str(error["code"]) for follower in followers for error in follower.of("error")}
    return code


async def change(ground: Ground, who: Person, what: str, **body: str) -> None:
    path = f"/v1/admin/users/{who.user_id}/{what}"
    answer = await ground.post(path, body, who=await ground.admin())
    assert answer.status_code == 200, answer.text


async def test_a_suspended_person_is_cut_off_everywhere_and_comes_back_everywhere(grounds: Ground) -> None:
    anna = await grounds.customer()
    code = await ends_everywhere(grounds, anna.token, "/v1/stream", lambda: change(grounds, anna, "suspend"))
    assert code == "suspended"
    for server in range(2):
        refused = await grounds.get("/v1/stream", who=anna, server=server)
        assert (refused.status_code, refused.json()["code"]) == (403, "suspended")
    await change(grounds, anna, "unsuspend")

    async def welcome() -> bool:
        return (await grounds.get("/v1/me", who=anna, server=1)).status_code == 200

    await until(welcome)


async def test_another_role_is_true_everywhere(grounds: Ground) -> None:
    ben = await grounds.customer("Ben")
    code = await ends_everywhere(grounds, ben.token, "/v1/stream", lambda: change(grounds, ben, "role", role="admin"))
    assert code == "role-changed"
    for server in range(2):
        assert (await grounds.get("/v1/admin/users", who=ben, server=server)).status_code == 200


async def test_a_session_that_is_signed_out_is_over_everywhere(grounds: Ground) -> None:
    anna = await grounds.customer()
    code = await ends_everywhere(
        grounds, anna.token, "/v1/stream", lambda: grounds.post("/v1/auth/logout", {}, who=anna)
    )
    assert code == "session-ended"
    for server in range(2):
        assert (await grounds.get("/v1/me", who=anna, server=server)).status_code == 401


async def test_a_new_pin_ends_sessions_everywhere(grounds: Ground) -> None:
    anna = await grounds.customer()
    code = await ends_everywhere(grounds, anna.token, "/v1/stream", lambda: change(grounds, anna, "pin", pin="280951"))
    assert code == "session-ended"
    for server in range(2):
        assert (await grounds.get("/v1/me", who=anna, server=server)).status_code == 401


async def test_a_display_that_is_taken_down_goes_dark_everywhere(grounds: Ground) -> None:
    stall = await grounds.stall()
    screen = await grounds.screen(stall)

    async def take_down() -> httpx2.Response:
        return await grounds.http.delete(f"{grounds.url()}/v1/displays/{screen.display_id}", headers=stall.bearer)

    code = await ends_everywhere(grounds, screen.token, f"/v1/boards/{stall.vendor_id}/stream", take_down)
    assert code == "display-revoked"

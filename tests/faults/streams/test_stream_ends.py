"""A stream ends with the right to it: at logout, at expiry, when a display is taken down."""

import pytest

from tests.support.ground import Ground, Person
from tests.support.wire.follower import Connection, Follower

pytestmark = pytest.mark.parametrize("shared_server", ["sqlite"], indirect=True)  # no matter of databases


async def greeted(ground: Ground, follower: Follower) -> Connection:
    """Open the follower's stream and read its first frame."""
    stream = await follower.connect(ground.url())
    follower.take(await stream.read_until())
    return stream


async def test_logout_ends_the_open_streams_of_that_session_only(ground: Ground) -> None:
    anna = await ground.customer()
    other = Person(user_id=anna.user_id, token=ground.token(anna, ttl_s=600), role=anna.role)
    phone, tablet = Follower(anna.token), Follower(other.token)
    with await greeted(ground, phone) as ending, await greeted(ground, tablet) as staying:
        assert (await ground.post("/v1/auth/logout", {}, who=anna)).is_success
        phone.take(await ending.read_to_end())
        assert len(phone.of("error")) == 1
        await ground.top_up(anna, 100)
        tablet.take(await staying.read_until(lambda frames: len(frames) >= 3))
        assert tablet.of("balance-updated")[0]["newBalance"] == 100
    assert (await ground.get("/v1/me", who=anna)).status_code == 401
    assert (await ground.get("/v1/me", who=other)).status_code == 200


async def test_expiry_ends_the_open_stream(ground: Ground) -> None:
    anna = await ground.customer()
    seconds = iter((1, 2, 4, 8, 16, 32))  # the more, the slower the machine: it must be open before
    stream = None
    while stream is None:
        short = Person(user_id=anna.user_id, token=ground.token(anna, ttl_s=next(seconds)), role=anna.role)
        follower = Follower(short.token)
        stream = await opened(ground, follower)
    with stream:
        follower.take(await stream.read_to_end())
    assert [error["code"] for error in follower.of("error")] == ["token-expired"]
    assert (await ground.get("/v1/me", who=short)).status_code == 401


async def opened(ground: Ground, follower: Follower) -> Connection | None:
    """The follower's stream, or None when it is not let in any more."""
    stream = await follower.connect(ground.url())
    while stream.status is None:
        follower.take(await stream.read())
    if stream.status == 200:
        return stream
    assert stream.status == 401
    stream.close()
    return None


async def test_a_session_that_expires_within_a_minute_is_announced(ground: Ground) -> None:
    anna = await ground.customer()
    follower = Follower(ground.token(anna, ttl_s=59))
    with await greeted(ground, follower) as stream:
        while len(follower.raw) < 2:
            follower.take(await stream.read_until())
    assert [frame.event for frame in follower.raw] == ["connected", "session-expiring"]
    assert follower.raw[1].id is None


async def test_a_display_that_is_taken_down_goes_dark(ground: Ground) -> None:
    stall = await ground.stall()
    screen = await ground.screen(stall)
    board = Follower(screen.token, f"/v1/boards/{stall.vendor_id}/stream")
    with await greeted(ground, board) as stream:
        answer = await ground.http.delete(f"{ground.url()}/v1/displays/{screen.display_id}", headers=stall.bearer)
        assert answer.is_success, answer.text
        board.take(await stream.read_to_end())
        assert len(board.of("error")) == 1

"""A stream ends with the right to it: at logout, at expiry, when a display is taken down."""

import time
from typing import Final

import pytest

from tests.support.follower import Connection, Follower
from tests.support.ground import Ground, Person

END_S_MAX: Final = 6.0  # "within a second", and what a busy machine adds

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
        left_at = time.monotonic()
        phone.take(await ending.read_to_end())
        assert time.monotonic() - left_at < END_S_MAX
        assert len(phone.of("error")) == 1
        await ground.top_up(anna, 100)
        tablet.take(await staying.read_until(lambda frames: len(frames) >= 3))
        assert tablet.of("balance-updated")[0]["newBalance"] == 100
    assert (await ground.get("/v1/me", who=anna)).status_code == 401
    assert (await ground.get("/v1/me", who=other)).status_code == 200


async def test_expiry_ends_the_open_stream(ground: Ground) -> None:
    anna = await ground.customer()
    short = ground.token(anna, ttl_s=4)
    expires_at = time.time() + 4
    follower = Follower(short)
    with await greeted(ground, follower) as stream:
        follower.take(await stream.read_to_end())
        assert time.time() - expires_at < END_S_MAX
    assert [error["code"] for error in follower.of("error")] == ["token-expired"]
    assert (
        await ground.get("/v1/me", who=Person(user_id=anna.user_id, token=short, role="customer"))
    ).status_code == 401


async def test_a_session_that_expires_within_a_minute_is_announced(ground: Ground) -> None:
    anna = await ground.customer()
    follower = Follower(ground.token(anna, ttl_s=63))
    with await greeted(ground, follower) as stream:
        follower.take(await stream.read_until())
    assert [frame.event for frame in follower.raw] == ["connected", "session-expiring"]
    assert follower.raw[1].id is None


async def test_a_display_that_is_taken_down_goes_dark(ground: Ground) -> None:
    stall = await ground.stall()
    screen = await ground.screen(stall)
    board = Follower(screen.token, f"/v1/boards/{stall.user_id}/stream")
    with await greeted(ground, board) as stream:
        answer = await ground.http.delete(f"{ground.url()}/v1/displays/{screen.display_id}", headers=stall.bearer)
        assert answer.is_success, answer.text
        revoked_at = time.monotonic()
        board.take(await stream.read_to_end())
        assert time.monotonic() - revoked_at < END_S_MAX
        assert len(board.of("error")) == 1

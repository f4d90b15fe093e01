"""An organiser who lacks the second factor that they need follows nothing of the office, until they have one."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from festival_push.domain.values import UserId
from festival_push.domain.words.rooms import JoinRoom, Room
from festival_push.web.identity.claims import TokenUse
from tests.support.festival import app_of
from tests.support.timing.waiting import until
from tests.web.world import World, open_world, problem_of, settings_of


@pytest.fixture
async def strict_world(tmp_path: Path) -> AsyncIterator[World]:
    settings = settings_of(tmp_path)
    auth = msgspec.structs.replace(settings.auth, second_factor="required")
    async with open_world(msgspec.structs.replace(settings, auth=auth)) as opened:
        yield opened


async def test_the_office_is_not_heard_without_one(strict_world: World) -> None:
    world = strict_world
    async with (
        world.follow("/v1/stream", world.bearer("admin")) as poor,
        world.follow("/v1/stream", world.bearer("sun")),
    ):
        [owner] = [owner for owner in world.services.streams.owners() if owner.user_id == "admin"]
        assert "role:admin" not in owner.topics
        assert "user:admin" in owner.topics
        await world.services.committer.submit(app_of(UserId("admin"), 0, session="another"))
        await until(lambda: poor.is_over)
    token = world.services.tokens.issue("admin", TokenUse.SESSION, 3600, version=1).token
    async with world.follow("/v1/stream", {"Authorization": f"Bearer {token}"}):
        [owner] = [owner for owner in world.services.streams.owners() if owner.user_id == "admin"]
        assert "role:admin" in owner.topics


async def test_nor_are_rooms_that_were_joined_before(strict_world: World) -> None:
    world = strict_world
    await world.services.committer.submit(JoinRoom(actor_id=UserId("admin"), room=Room(user_id=UserId("anna"))))
    assert (await world.get("admin", "/v1/events")).json()["snapshot"]["rooms"] == []
    async with (
        world.follow("/v1/stream", world.bearer("admin")) as poor,
        world.follow("/v1/stream", world.bearer("anna")) as own,
    ):
        await own.first("connected")
        assert (await poor.first("connected"))["snapshot"]["rooms"] == []
        await world.post("anna", "/v1/balance/refresh", {})
        await own.first("balance-updated")
        await world.post("admin", "/v1/me/sign-in", {})
        await poor.first("new-notification")
        assert "balance-updated" not in poor.events()


async def test_the_session_that_adds_one_comes_back_with_the_office(strict_world: World) -> None:
    world = strict_world
    issued = world.services.tokens.issue("admin", TokenUse.SESSION, 3600)
    headers = {"Authorization": f"Bearer {issued.token}"}
    async with world.follow("/v1/stream", headers) as poor:
        await world.services.committer.submit(app_of(UserId("admin"), 0, session=issued.jti))
        assert (await poor.first("error"))["code"] == "role-changed"
    async with world.follow("/v1/stream", headers):
        [owner] = [owner for owner in world.services.streams.owners() if owner.user_id == "admin"]
        assert "role:admin" in owner.topics


async def test_the_way_to_one_is_open_and_nothing_else(strict_world: World) -> None:
    world = strict_world
    assert (await world.get("admin", "/v1/me")).json()["secondFactor"] == "missing"
    assert (await world.get("admin", "/v1/events")).status_code == 200
    assert (await world.post("admin", "/v1/auth/stream-tickets", {})).status_code == 201
    assert (await world.get("admin", "/v1/me/factors")).json()["required"] is True
    assert (await world.get("admin", "/v1/me/sessions")).status_code == 200
    assert (await world.post("admin", "/v1/me/sign-in", {})).status_code == 200
    for path in ("/v1/orders", "/v1/admin/users", "/v1/me/transactions"):
        problem_of(await world.get("admin", path), 403, "second-factor-missing")
    assert (await world.get("anna", "/v1/me")).json()["secondFactor"] == "none"
    assert (await world.post("admin", "/v1/auth/logout", {})).status_code == 204

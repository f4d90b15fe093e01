"""Who loses the right to a stream loses the stream at once, and at a second look if it was being opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from festival_push.domain.events import UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.rows import User
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Position, Role, UserId
from festival_push.store.errors import Unavailable
from festival_push.web.identity.stream_guard import StreamGuard
from tests.support.timing.waiting import until
from tests.web.world import Following, World

NEVER_S = 3_600.0


def changed(user_id: str) -> LogRow:
    event = UserChanged(timestamp="2026-07-04T18:30:00.000Z", user_id=UserId(user_id))
    return LogRow(Position(1), (SYSTEM,), UserChanged.TYPE, msgspec.json.encode(event).decode(), Instant(0))


@asynccontextmanager
async def streams_of(world: World) -> AsyncIterator[tuple[Following, Following]]:
    """A stream of anna's and one of ben's."""
    async with (
        world.follow("/v1/stream", world.bearer("anna")) as anna,
        world.follow("/v1/stream", world.bearer("ben")) as ben,
    ):
        await anna.first("connected")
        await ben.first("connected")
        yield anna, ben


@pytest.mark.parametrize(
    ("change", "code"),
    [({"suspended": True}, "suspended"), ({"role": Role.ADMIN}, "role-changed"), (None, "suspended")],
)
async def test_a_person_who_changed_is_let_go(
    world: World, change: dict[str, object] | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("everybody's streams were looked at")

    async def read_user(user_id: UserId) -> User | None:
        user = await world.services.reads.user(user_id)
        return None if user is None or change is None else msgspec.structs.replace(user, **change)

    guard = StreamGuard(world.services.streams, read_user, again_s=NEVER_S)
    async with streams_of(world) as (anna, ben):
        for name in ("owners", "end_where"):
            monkeypatch.setattr(world.services.streams, name, never)
        guard.hear(changed("anna"))
        assert (await anna.first("error"))["code"] == code
        await until(lambda: anna.is_over)
        assert not ben.is_over


async def test_a_person_with_another_name_stays(world: World) -> None:
    asked: list[UserId] = []

    async def read_user(user_id: UserId) -> User | None:
        asked.append(user_id)
        return await world.services.reads.user(user_id)

    guard = StreamGuard(world.services.streams, read_user, again_s=0.05)
    async with streams_of(world) as (anna, _):
        guard.hear(changed("anna"))
        await until(lambda: len(asked) == 2)  # at once, and again
        assert not anna.is_over
    assert asked == [UserId("anna")] * 2


async def test_a_keeper_who_changed_keeps_the_board(world: World) -> None:
    asked: list[UserId] = []

    async def read_user(user_id: UserId) -> User | None:
        asked.append(user_id)
        return await world.services.reads.user(user_id)

    guard = StreamGuard(world.services.streams, read_user, again_s=NEVER_S)
    async with world.follow("/v1/boards/sun/stream", world.bearer("sun")) as board:
        await board.first("connected")
        guard.hear(changed("sun"))
        await until(lambda: asked)
        await world.place("anna", "sun", ayran=1)
        await until(lambda: board.events().count("board-updated") == 2)
        assert not board.is_over


async def test_who_cannot_be_looked_up_comes_back(world: World) -> None:
    async def read_user(_: UserId) -> User | None:
        raise Unavailable("the disk is gone")

    guard = StreamGuard(world.services.streams, read_user, again_s=NEVER_S)
    async with streams_of(world) as (anna, _):
        guard.hear(changed("anna"))
        assert (await anna.first("error"))["code"] == "unavailable"

"""Who loses the right to a stream loses the stream at once, and at a second look if it was being opened."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from festival_push.domain.events import UserChanged
from festival_push.domain.log import LogRow
from festival_push.domain.people.relations import Person
from festival_push.domain.topics import SYSTEM
from festival_push.domain.values import Instant, Part, Position, UserId, VendorId
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


def suspended(person: Person) -> Person:
    return Person(msgspec.structs.replace(person.user, suspended=True))


def organiser(person: Person) -> Person:
    return Person(msgspec.structs.replace(person.user, admin=True))


def cashier(person: Person) -> Person:
    return Person(msgspec.structs.replace(person.user, cashier=True))


def keeper(person: Person) -> Person:
    return Person(person.user, {VendorId("sun"): Part.KEEPER})


def gone(_: Person) -> None:
    return None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (suspended, "suspended"),
        (organiser, "role-changed"),
        (cashier, "role-changed"),
        (keeper, "role-changed"),
        (gone, "suspended"),
    ],
)
async def test_a_person_who_changed_is_let_go(
    world: World, change: Callable[[Person], Person | None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("everybody's streams were looked at")

    async def read_person(user_id: UserId) -> Person | None:
        person = await world.services.reads.person(user_id)
        return None if person is None else change(person)

    guard = StreamGuard(world.services.streams, read_person, again_s=NEVER_S)
    async with streams_of(world) as (anna, ben):
        for name in ("owners", "end_where"):
            monkeypatch.setattr(world.services.streams, name, never)
        guard.hear(changed("anna"))
        assert (await anna.first("error"))["code"] == code
        await until(lambda: anna.is_over)
        assert not ben.is_over


async def test_a_person_with_another_name_stays(world: World) -> None:
    asked: list[UserId] = []

    async def read_person(user_id: UserId) -> Person | None:
        asked.append(user_id)
        return await world.services.reads.person(user_id)

    guard = StreamGuard(world.services.streams, read_person, again_s=0.05)
    async with streams_of(world) as (anna, _):
        guard.hear(changed("anna"))
        await until(lambda: len(asked) == 2)  # at once, and again
        assert not anna.is_over
    assert asked == [UserId("anna")] * 2


async def test_a_keeper_who_changed_keeps_the_board(world: World) -> None:
    asked: list[UserId] = []

    async def read_person(user_id: UserId) -> Person | None:
        asked.append(user_id)
        return await world.services.reads.person(user_id)

    guard = StreamGuard(world.services.streams, read_person, again_s=NEVER_S)
    async with world.follow("/v1/boards/sun/stream", world.bearer("sun")) as board:
        await board.first("connected")
        guard.hear(changed("sun"))
        await until(lambda: asked)
        await world.place("anna", "sun", ayran=1)
        await until(lambda: board.events().count("board-updated") == 2)
        assert not board.is_over


async def test_who_cannot_be_looked_up_comes_back(world: World) -> None:
    async def read_person(_: UserId) -> Person | None:
        raise Unavailable("the disk is gone")

    guard = StreamGuard(world.services.streams, read_person, again_s=NEVER_S)
    async with streams_of(world) as (anna, _):
        guard.hear(changed("anna"))
        assert (await anna.first("error"))["code"] == "unavailable"


@pytest.mark.parametrize("part", [Part.KEEPER, Part.OWNER])
async def test_another_part_in_a_stall_is_another_right(world: World, part: Part) -> None:
    await world.appoint("anna", "sun", Part.KEEPER)

    async def read_person(user_id: UserId) -> Person | None:
        person = await world.services.reads.person(user_id)
        return None if person is None else Person(person.user, {VendorId("sun"): part})

    guard = StreamGuard(world.services.streams, read_person, again_s=NEVER_S)
    async with streams_of(world) as (anna, ben):
        guard.hear(changed("anna"))
        guard.hear(changed("ben"))  # his end tells that both were looked at
        await until(lambda: ben.is_over)
        assert anna.is_over == (part is Part.OWNER)


async def test_a_keepers_board_ends_with_the_keeper(world: World) -> None:
    async def read_person(user_id: UserId) -> Person | None:
        person = await world.services.reads.person(user_id)
        return None if person is None else Person(person.user)

    await world.appoint("anna", "sun")
    guard = StreamGuard(world.services.streams, read_person, again_s=NEVER_S)
    async with world.follow("/v1/boards/sun/stream", world.bearer("anna")) as board:
        await board.first("connected")
        guard.hear(changed("anna"))
        assert (await board.first("error"))["code"] == "role-changed"

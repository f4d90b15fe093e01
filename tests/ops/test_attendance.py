"""Attendance: servers beside each other only with a secret in common, over both databases."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from festival_push.domain.signing_in.attendance import GONE_AFTER_S
from festival_push.domain.signing_in.rows import Server
from festival_push.domain.values import Instant
from festival_push.ops.attendance import Attendance, fingerprints
from festival_push.settings import Secret, Secrets
from festival_push.store.errors import UnsafeDatabase
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from tests.store.world import START, World
from tests.support.timing.waiting import until

OLD, NEW = (Secret(letter * 32) for letter in "on")


@pytest.fixture
async def world(migrated_url: str) -> AsyncIterator[World]:
    """A database with nobody in it."""
    database = await open_database(migrated_url)
    try:
        async with World(database) as world:
            yield world
    finally:
        await database.close()


def attendance(world: World, *own: Secret, every_s: float = 60.0) -> Attendance:
    """A process with these secrets."""
    reads = Reads(world.database)
    return Attendance(Secrets(*own), world.committer, reads.servers, lambda: world.time, every_s=every_s)


async def present(world: World) -> list[Server]:
    """Those that have not said that they have ended."""
    return [server for server in await Reads(world.database).servers() if server.at]


def test_a_fingerprint_tells_secrets_apart_and_nothing_of_them() -> None:
    old, new = fingerprints(Secrets(OLD, NEW))
    assert (old,) == fingerprints(Secrets(OLD))
    assert old != new
    assert OLD.reveal() not in old


async def test_servers_with_other_secrets_refuse_to_begin_until_the_first_has_ended(world: World) -> None:
    first = attendance(world, OLD)
    await first.begin()
    await attendance(world, OLD).begin()  # another process of it
    with pytest.raises(UnsafeDatabase, match="other secrets"):
        await attendance(world, NEW).begin()
    assert len(await present(world)) == 2
    await first.end()
    with pytest.raises(UnsafeDatabase):
        await attendance(world, NEW).begin()


async def test_a_secret_is_replaced_step_by_step_while_servers_run(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before, both, turned, after = (
        attendance(world, *own) for own in ((OLD,), (OLD, NEW), (NEW, OLD), (NEW,))
    )  # fmt: skip
    await before.begin()
    await both.begin()
    assert not caplog.records
    await before.end()
    await turned.begin()
    assert not caplog.records
    await both.end()
    await after.begin()
    assert not caplog.records


async def test_a_step_too_few_is_warned_of(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await attendance(world, OLD).begin()
    await attendance(world, NEW, OLD).begin()
    assert "does not know the secret that this one signs with" in caplog.text
    await attendance(world, OLD).begin()
    assert "signs with a secret that this one does not know" in caplog.text


async def test_two_that_start_together_with_other_secrets_are_not_both_let_in(world: World) -> None:
    begun = await asyncio.gather(attendance(world, OLD).begin(), attendance(world, NEW).begin(), return_exceptions=True)
    assert any(isinstance(each, UnsafeDatabase) for each in begun)


async def test_one_that_has_crashed_is_forgotten_after_a_minute(world: World) -> None:
    await attendance(world, OLD).begin()
    world.time = Instant(START + GONE_AFTER_S * 1000 - 1)
    with pytest.raises(UnsafeDatabase):
        await attendance(world, NEW).begin()
    world.time = Instant(START + GONE_AFTER_S * 1000)
    await attendance(world, NEW).begin()


async def test_one_that_lives_says_so_again_and_again(world: World) -> None:
    living = attendance(world, OLD, every_s=0.01)
    await living.begin()
    world.time = Instant(START + 2 * GONE_AFTER_S * 1000)
    running = asyncio.create_task(living.run())

    async def is_seen() -> bool:
        return [server.at for server in await present(world)] == [world.time]

    try:
        await until(is_seen)
    finally:
        running.cancel()
    with pytest.raises(UnsafeDatabase):
        await attendance(world, NEW).begin()


async def test_one_that_lives_knows_how_many_serve_with_it(world: World) -> None:
    living, other = attendance(world, OLD, every_s=0.01), attendance(world, OLD)
    await living.begin()
    assert living.processes == 1
    await other.begin()
    assert other.processes == 2
    running = asyncio.create_task(living.run())
    try:
        await until(lambda: living.processes == 2)
        await other.end()
        await until(lambda: living.processes == 1)
    finally:
        running.cancel()

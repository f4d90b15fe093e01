"""A log that lacks what was committed or told gets another epoch, in the very transaction that finds out, once."""

from collections.abc import AsyncIterator

import pytest

from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable
from festival_push.store.log import EventLog, renew_epoch
from festival_push.store.opening import open_database
from festival_push.store.writing.lineage import Renewed
from tests.store.world import World

ANNA = UserId("anna")


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA)
        yield world


async def lose(database: Database, events: int) -> int:
    """As a standby that lacks the last commits; return where its log ends."""
    position = (await EventLog(database).head()).position - events
    writer = database.writer()
    await writer.begin()
    await writer.commit(
        ("UPDATE log_head SET trimmed_to = position WHERE id = 1", [()]),
        ("DELETE FROM log_topics WHERE position > $1", [(position,)]),
        ("DELETE FROM event_log WHERE position > $1", [(position,)]),
        ("UPDATE log_head SET position = $1, trimmed_to = 0 WHERE id = 1", [(position,)]),
    )
    return position


def told_of(world: World) -> list[Renewed]:
    """What the world hears from now on."""
    heard: list[Renewed] = []
    world.committer._groups._on_renewed = heard.append
    return heard


async def broken_commit(*_: object) -> None:
    raise Unavailable("no disk")


async def epoch_of(database: Database) -> str:
    return (await EventLog(database).head()).epoch


async def test_an_ordinary_day_renews_nothing(world: World, database: Database) -> None:
    heard, epoch = told_of(world), await epoch_of(database)
    await world.committer.submit(world.top_up(ANNA, 100))
    await world.committer.look()
    assert (heard, await epoch_of(database)) == ([], epoch)


async def test_a_log_without_our_last_commits_is_another_one_from_the_next_commit_on(
    world: World, database: Database
) -> None:
    heard, epoch = told_of(world), await epoch_of(database)
    left = await lose(database, 2)
    world.rows.clear()
    done = await world.committer.submit(world.top_up(ANNA, 100))
    renewed = await epoch_of(database)
    assert renewed != epoch
    assert heard == [Renewed(renewed, left)]
    assert world.rows[0].position == left + 1
    assert done.position > left
    await world.committer.submit(world.top_up(ANNA, 100))
    assert (len(heard), await epoch_of(database)) == (1, renewed)


async def test_nobody_needs_to_order_for_it(world: World, database: Database) -> None:
    heard = told_of(world)
    left = await lose(database, 2)
    await world.committer.look()
    assert heard == [Renewed(await epoch_of(database), left)]
    await world.committer.look()
    assert len(heard) == 1


async def test_what_streams_were_told_of_counts_too(database: Database) -> None:
    """Another server has committed it, and it is gone."""
    heard: list[Renewed] = []
    async with World(database, told=lambda: 7, on_renewed=heard.append) as world:
        await world.add_user(ANNA)
        assert heard == [Renewed(await epoch_of(database), 0)]


async def test_of_two_servers_one_renews_and_the_other_follows(
    world: World, database: Database, database_url: str
) -> None:
    other_database = await open_database(database_url)
    try:
        async with World(other_database) as other:
            await other.committer.submit(other.top_up(ANNA, 100))
            heard, heard_there = told_of(world), told_of(other)
            left = await lose(database, 2)
            await other.committer.look()
            await world.committer.look()
            epoch = await epoch_of(database)
            assert heard == heard_there == [Renewed(epoch, left)]
            await other.committer.submit(other.top_up(ANNA, 100))
            await world.committer.submit(world.top_up(ANNA, 100))
            assert await epoch_of(database) == epoch
            assert (len(heard), len(heard_there)) == (1, 1)
    finally:
        await other_database.close()


async def test_another_server_is_another_log_even_if_nothing_is_lost(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = told_of(world)
    writer = database.writer()
    served = iter(["cluster.00000001", "cluster.00000002", "cluster.00000002"])

    async def server() -> str | None:
        return next(served)

    monkeypatch.setattr(writer, "server", server)
    epochs = [await epoch_of(database)]
    for _ in range(3):
        monkeypatch.setattr(writer, "connections", writer.connections + 1)
        await world.committer.look()
        epochs.append(await epoch_of(database))
    assert epochs[1] != epochs[2] == epochs[3]
    assert heard[-1].epoch == epochs[3]


async def test_a_restore_meanwhile_is_followed(world: World, database: Database) -> None:
    heard = told_of(world)
    head = await renew_epoch(database)
    await world.committer.submit(world.top_up(ANNA, 100))
    assert heard == [Renewed(head.epoch, head.position)]
    assert await epoch_of(database) == head.epoch


async def test_a_transaction_that_fails_has_renewed_nothing(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, epoch = told_of(world), await epoch_of(database)
    left = await lose(database, 2)
    with monkeypatch.context() as broken:
        broken.setattr(database.writer(), "commit", broken_commit)
        with pytest.raises(Unavailable):
            await world.committer.submit(world.top_up(ANNA, 100))
    assert (heard, await epoch_of(database)) == ([], epoch)
    await world.committer.submit(world.top_up(ANNA, 100))
    assert heard == [Renewed(await epoch_of(database), left)]

"""A real standby answers questions about the past while it keeps up; the primary answers all others, and then too."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from festival_push.domain.log import LogPosition
from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.errors import Unavailable
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from festival_push.store.postgres import past
from festival_push.store.sql import Statement
from tests.store.world import World
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.standby import Standby
from tests.support.timing.waiting import until

IS_REPLICA: Final[Statement] = ("SELECT pg_is_in_recovery()", ())
HEAD: Final[Statement] = ("SELECT position FROM log_head", ())
LOGGER: Final = "festival_push.store.postgres.past"


class Festival:
    """A database with a replica, and its log, which the process follows."""

    def __init__(self, database: Database, world: World) -> None:
        self.database = database
        self.world = world
        self.known = LogPosition("", 0)
        self._people = 0

    async def commit(self) -> None:
        """Commit something of which the process then knows."""
        self._people += 1
        before = self.known.position
        await self.world.add_user(UserId(f"guest-{self._people}"), money=5)
        await self.hear()
        assert self.known.position > before

    async def hear(self) -> None:
        """Know of all that is committed."""
        head = await EventLog(self.database).head()
        self.known = LogPosition(head.epoch, head.position)

    async def asked_of_replica(self) -> bool:
        """Whether the replica answers a question about the past."""
        [[(answered,)]] = await self.database.past.read(IS_REPLICA)
        return bool(answered)


@asynccontextmanager
async def opened(primary: PostgresServer, read_url: str) -> AsyncIterator[Festival]:
    database = await open_database(primary.url(), read_url=read_url)
    try:
        await migrate(database)
        async with World(database) as world:
            await world.ground()
            festival = Festival(database, world)
            database.follow(lambda: festival.known)
            await festival.hear()
            yield festival
    finally:
        await database.close()


@pytest.fixture
async def festival(primary: PostgresServer, standby: Standby) -> AsyncIterator[Festival]:
    async with opened(primary, standby.url()) as festival:
        standby.catch_up()
        yield festival


async def test_the_past_is_asked_of_the_replica_and_what_is_of_the_primary(festival: Festival) -> None:
    assert await until(festival.asked_of_replica)
    assert await festival.database.read(IS_REPLICA) == [[(False,)]]
    assert await festival.database.read_together("SELECT pg_is_in_recovery() WHERE $1 = 1", (1,), columns=1) == [
        (False,)
    ]
    assert await festival.database.past.read_together("SELECT pg_is_in_recovery() WHERE $1 = 1", (1,), columns=1) == [
        (True,)
    ]
    assert festival.database.replica == "ok"


async def test_who_has_just_written_reads_it_in_the_past_too(festival: Festival) -> None:
    """Also while the replica is some milliseconds behind, as it always is."""
    for _ in range(20):
        await festival.commit()
        [[(position,)]] = await festival.database.past.read(HEAD)
        assert position >= festival.known.position


async def test_a_replica_that_lags_is_left_alone_until_it_has_caught_up(
    festival: Festival, standby: Standby, caplog: pytest.LogCaptureFixture
) -> None:
    await until(festival.asked_of_replica)
    standby.pause()
    with caplog.at_level(logging.WARNING, LOGGER):
        for _ in range(5):
            await festival.commit()
            assert await festival.database.past.read(HEAD) == [[(festival.known.position,)]]
        assert festival.database.replica == "behind"
        assert len(caplog.messages) == 1
        assert "behind" in caplog.text
        standby.resume()
        standby.catch_up()
        assert await until(festival.asked_of_replica)
    assert "back" in caplog.messages[-1]
    assert len(caplog.messages) == 2


async def test_a_replica_that_goes_is_no_loss_and_one_that_comes_back_is_used(
    festival: Festival, standby: Standby
) -> None:
    await until(festival.asked_of_replica)
    standby.kill()
    for _ in range(3):
        assert not await festival.asked_of_replica()
    assert festival.database.replica == "unavailable"
    standby.start()
    assert await until(festival.asked_of_replica)


async def test_a_replica_that_is_not_there_at_the_start_is_no_loss(primary: PostgresServer) -> None:
    async with opened(primary, "postgresql://festival@127.0.0.1:1/postgres") as festival:
        assert not await festival.asked_of_replica()
        assert festival.database.replica == "unavailable"


async def test_a_replica_that_is_silent_makes_one_wait_and_no_other(
    primary: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "ANSWERS_WITHIN_S", 0.05)
    monkeypatch.setattr(past, "_PAUSE_S", 3600.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and says nothing
        async with opened(primary, f"postgresql://festival@127.0.0.1:{silent.getsockname()[1]}/postgres") as festival:
            assert not await festival.asked_of_replica()
            monkeypatch.setattr(past, "ANSWERS_WITHIN_S", 3600.0)
            async with asyncio.timeout(60):
                assert not await festival.asked_of_replica()
            assert festival.database.replica == "unavailable"


async def test_a_replica_that_was_promoted_is_left_when_the_primary_goes_on(
    festival: Festival, standby: Standby
) -> None:
    await until(festival.asked_of_replica)
    standby.promote()
    await festival.commit()
    assert await festival.database.past.read(HEAD) == [[(festival.known.position,)]]
    assert festival.database.replica == "behind"


async def test_a_database_of_another_log_is_never_read(primary: PostgresServer) -> None:
    with PostgresServer() as other:
        foreign = await open_database(other.url())
        await migrate(foreign)
        await foreign.close()
        async with opened(primary, other.url()) as festival:
            festival.known = LogPosition(festival.known.epoch, 0)
            assert await festival.database.past.read(HEAD) != [[(0,)]]
            assert festival.database.replica == "behind"


async def test_history_can_be_read_while_the_primary_is_gone(festival: Festival, primary: PostgresServer) -> None:
    await until(festival.asked_of_replica)
    primary.kill()
    assert await festival.asked_of_replica()
    with pytest.raises(Unavailable):
        await festival.database.read(IS_REPLICA)
    primary.start()


async def test_somebody_looks_at_a_replica_that_nobody_asks(
    festival: Festival, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    await until(festival.asked_of_replica)
    standby.kill()
    monkeypatch.setattr(past, "_LOOK_AFTER_S", 0.0)
    assert await until(lambda: festival.database.replica == "unavailable")

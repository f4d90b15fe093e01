"""0033: a log of before does not know where it was written; it goes on under its epoch, and knows from then on."""

import pytest

from festival_push.domain.values import UserId
from festival_push.ops.audit.audit import audit
from festival_push.store.log import EventLog
from festival_push.store.migrations.runner import migrate
from tests.store.migrations.test_desk import NAME, writes
from tests.store.migrations.test_runner import database_before
from tests.store.world import World


async def test_streams_of_before_resume(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database_before(NAME, database_url, monkeypatch, *writes()) as database:
        assert "0033_lineage" in await migrate(database)
        before = await EventLog(database).head()
        async with World(database) as world:
            await world.add_user(UserId("newcomer"))
        assert (await EventLog(database).head()).epoch == before.epoch
        [[(written_on,)]] = await database.read(("SELECT written_on FROM log_head", ()))
        assert (written_on is not None) == (database.dialect == "postgres")
        assert not [finding for finding in await audit(database) if finding.failure]

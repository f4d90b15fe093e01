"""What is wrong in a running server is found from outside."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.seeded.bugs import EACH
from tests.faults.table.load import Load, Size
from tests.faults.table.setups import PAIR, QUICK, Engines, Field
from tests.support.checker import judge, read_records
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import ServerProcess


class SpoiltField(Field):
    """A field whose second server has a bug."""

    spoilt_by = ""

    def _server(self, database_url: str, redis_url: str) -> ServerProcess:
        server = super()._server(database_url, redis_url)
        server.spoilt_by = f"tests.faults.seeded.bugs:{self.spoilt_by}" if len(self.servers) > 1 else ""
        return server


@pytest.mark.parametrize(
    ("bug", "finding"),
    [
        ("drops_events", "was lost"),
        ("doubles_events", "came twice"),
        ("alters_events", "in the log"),
        ("forgets_keys", "its answer is not kept"),
    ],
)
def test_it_is_found(
    bug: str, finding: str, tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer,
    dice: random.Random,
) -> None:  # fmt: skip
    field = SpoiltField(PAIR, tmp_path, Engines(postgres=postgres_server, redis=redis_server), QUICK)
    field.spoilt_by = bug
    with field, Load(bug, field.urls, field.cast, field.tries, dice=dice, size=Size()) as load:
        begin = min(watcher.position for watcher in load.watchers)
        load.until(lambda: max(each.position for each in load.watchers) > begin + 6 * EACH, "much is told")
        load.finish()
        records = asyncio.run(read_records(field.database_url))
        load.catch_up(records, within_s=2)
    found = judge(field.tries, [watcher.watched for watcher in load.watchers], records)
    assert any(finding in each for each in found), found[:10]

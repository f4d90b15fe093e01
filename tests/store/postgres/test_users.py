"""Who uses the tables: people and programs are named, PostgreSQL's own processes are nobody."""

from collections.abc import Iterator
from typing import Final

import pytest

from festival_push.store.opening import open_database
from festival_push.store.postgres.users import users_of_tables
from tests.support.servers.postgres import PostgresServer
from tests.support.timing.waiting import until_sync

SLOWLY: Final = """
    CREATE TABLE untidy WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
                              autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)
        AS SELECT n, repeat('x', 500) AS text FROM generate_series(1, 20000) AS n
"""
"""To clean it up begins at once, and takes minutes."""
IS_CLEANED: Final = "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'untidy'::regclass"


@pytest.fixture(scope="module")
def eager() -> Iterator[PostgresServer]:
    with PostgresServer({"autovacuum_naptime": "1s"}) as server:
        yield server


async def test_who_cleans_up_is_nobody(eager: PostgresServer) -> None:
    """It gives way by itself; a restore that waited for an operator to end it would be held up for nothing."""
    eager.execute(SLOWLY, "DELETE FROM untidy")
    until_sync(lambda: eager.execute(IS_CLEANED) != "0", within_s=60.0, message="autovacuum is at work")
    database = await open_database(eager.url(), read_only=True)
    try:
        assert await users_of_tables(database) is None
    finally:
        await database.close()
    assert eager.execute(IS_CLEANED) != "0", "it still was"

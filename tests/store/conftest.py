"""Both databases: every test of the store runs over each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from festival_push.store.database import Database
from festival_push.store.opening import open_database
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.sqlite import migrated_file


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that nobody else uses: empty, but migrated for a test that asks for `database` too.

    PostgreSQL is started only for the tests that ask for it.
    """
    migrated = "database" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "festival.db"
        return migrated_file(file) if migrated else f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.migrated() if migrated else server.emptied()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database without people, money or events."""
    opened = await open_database(database_url, wait_s=60)  # longer than a busy machine takes for anything
    try:
        yield opened
    finally:
        await opened.close()

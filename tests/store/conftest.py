"""Both databases: every test of the store runs over each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from festival_push.store.database import Database
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; PostgreSQL is started only for the tests that ask for it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/festival.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database without people, money or events."""
    opened = await open_database(database_url)
    try:
        await migrate(opened)
        yield opened
    finally:
        await opened.close()

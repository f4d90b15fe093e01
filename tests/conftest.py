"""What every test may ask for: real servers, made once, and given empty to each test."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tests.support.refusals import command_types, only_what_is_said
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.sqlite import migrated_file
from tests.support.servers.standby import Standby
from tests.support.timing.collecting import pytest_collection, pytest_collection_finish  # noqa: F401 - hooks
from tests.support.timing.hangs import (  # noqa: F401 - hooks
    pytest_sessionstart,
    pytest_timeout_cancel_timer,
    pytest_timeout_set_timer,
)

# It is not installed, and httpx2 would look for it on the whole path, at each request that goes straight into an app.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # what `import` takes for "there is none"

# No deadline, neither for an example nor for making it up: the machine may be busy, and slowness is measured elsewhere.
# In CI the examples are the same every time, so that a red run can be repeated; at home each run tries new ones.
# `make histories` tries each property with many more examples.
EXAMPLES: Final = int(os.environ.get("EXAMPLES", "40"))
settings.register_profile("home", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=EXAMPLES)
settings.register_profile("ci", parent=settings.get_profile("home"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "home")


@pytest.fixture(scope="session", autouse=True)
def refusals_as_said() -> Iterator[None]:
    """Whatever a command refuses in any test of this process, its `REFUSES` says."""
    with only_what_is_said(command_types()):
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run. Don't stop it: make a `PostgresServer` of your own for that."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of an empty PostgreSQL database that nobody else uses."""
    return postgres_server.emptied()


@pytest.fixture
def migrated_postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of a migrated PostgreSQL database that nobody else uses, without people, money or events."""
    return postgres_server.migrated()


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database of each kind, without people, money or events."""
    if request.param == "sqlite":
        return migrated_file(tmp_path / "festival.db")
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    """A running PostgreSQL of this test's own, with an empty database, to kill and start again."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def standby(primary: PostgresServer) -> Iterator[Standby]:
    """The standby that follows it."""
    with Standby(primary) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis for the whole run. Don't stop it: ask for `own_redis` for that."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a Redis without any key."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A running Redis of this test's own, to kill, pause and restart."""
    with RedisServer() as server:
        yield server

"""Running festivals for the black-box tests, and what must hold when each of them ends."""

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.support.checker import broken_promises, read_records
from tests.support.ground import Ground
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.server import ServerProcess

_REQUEST_ID: Final = re.compile(r'"request_id":"[0-9a-f]{16}"')
SEED_VARIABLE: Final = "FAULTS_SEED"


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server per kind of database, for all tests that neither break it nor need settings of their own.

    A module that doesn't care for the database says so by `pytest.mark.parametrize("shared_server", …, indirect=True)`.
    """
    home = tmp_path_factory.mktemp("festival")
    with _database(request, request.param) as url, ServerProcess(home, database_url=url) as server:
        yield server
        server.audit()
        assert broken_promises(asyncio.run(read_records(server.database_url))) == []


@pytest.fixture
async def ground(shared_server: ServerProcess) -> AsyncIterator[Ground]:
    """People and commands over the shared server; afterwards its log has kept their secrets."""
    async with Ground([shared_server]) as ground:
        yield ground
        check_log(ground)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """A migrated database of each kind; None: the server's own SQLite file."""
    return None if request.param == "sqlite" else request.getfixturevalue("migrated_postgres_url")


@contextmanager
def _database(request: pytest.FixtureRequest, kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    postgres: PostgresServer = request.getfixturevalue("postgres_server")
    with postgres.database() as url:
        yield url


Serve = Callable[..., ServerProcess]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start servers of this test's own; takes the arguments of `ServerProcess` but its home."""
    servers: list[ServerProcess] = []

    def start(
        *, database_url: str | None = None, redis_url: str = "", settings: dict[str, str] | None = None
    ) -> ServerProcess:
        server = ServerProcess(tmp_path, database_url=database_url, redis_url=redis_url, settings=settings)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Chance, from a seed that a failing test shows: `FAULTS_SEED=<seed> pytest <test>` throws the same again."""
    fixed = "2026" if os.environ.get("CI") else str(random.SystemRandom().randrange(10**6))
    seed = os.environ.get(SEED_VARIABLE, fixed)
    print(f"{SEED_VARIABLE}={seed} pytest '{request.node.nodeid}'")  # noqa: T201 - shown with a failure
    return random.Random(seed)  # noqa: S311 - a plan, no secret


def check_log(ground: Ground) -> None:
    """No server of this ground has logged a secret or an exception."""
    for server in ground.servers:
        log = server.read_log()
        assert "Traceback" not in log, log[-4000:]
        assert "traceback" not in log, log[-4000:]
        # Of a few thousand random request ids, one has a PIN's six digits in it now and then.
        said = _REQUEST_ID.sub("", log)
        leaked = [secret for secret in ground.secrets if secret in said]
        assert not leaked, f"{len(leaked)} secrets in {server.log}"

"""One running festival for all lines of the document that this product began from."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.faults.conftest import check_log
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess


@pytest.fixture(scope="session")
def festival(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server on its embedded defaults, whose promises hold when all is over."""
    with ServerProcess(tmp_path_factory.mktemp("seed")) as server:
        yield server
        server.audit()


@pytest.fixture
async def ground(festival: ServerProcess) -> AsyncIterator[Ground]:
    """People and commands over that server; afterwards its log has kept their secrets."""
    async with Ground([festival]) as ground:
        yield ground
        check_log(ground)
